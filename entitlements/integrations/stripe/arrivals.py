"""What Stripe tells, and who takes it: every type only says what to look at, and what it stands at is asked for.

Snapshots and thin events have the same types but for what thin ones put before them; a thin event names an object and
says nothing of it, so that what it is about is asked for first.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.timezone import now

from entitlements.actions.billed.following import Followed
from entitlements.integrations.stripe.client import NotThere, asking, plain
from entitlements.integrations.stripe.features import look_at_features
from entitlements.integrations.stripe.following import follow_customer, follow_subscription
from entitlements.integrations.stripe.verifying import THIN, THIN_TYPES, id_of, subscription_of
from entitlements.queries.billed.told_features import account_here
from journal.domain.receiving import Outcome
from journal.models import Connection, Inbound
from journal.queries.arrivals import waiting_beside

SUBSCRIPTION = "customer.subscription."
SUBSCRIPTION_TYPES = (
    "created", "updated", "deleted", "paused", "resumed", "trial_will_end", "pending_update_applied",
    "pending_update_expired",
)  # fmt: skip
# Told by thin events alone, in more detail than "updated".
FINER_TYPES = (
    "active", "trialing", "past_due", "unpaid", "incomplete", "incomplete_expired", "cancel_at_changed",
    "default_payment_method_changed", "item_added", "item_removed", "item_price_changed", "item_quantity_changed",
)  # fmt: skip
INVOICES = (
    "invoice.paid", "invoice.payment_succeeded", "invoice.payment_failed", "invoice.payment_action_required",
    "invoice.marked_uncollectible", "invoice.voided", "invoice.overdue",
)  # fmt: skip
CHECKOUTS = (
    "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
)  # fmt: skip
SCHEDULES = tuple(
    f"subscription_schedule.{word}"
    for word in ("created", "updated", "released", "canceled", "completed", "aborted", "expiring")
)
CUSTOMERS = ("customer.created", "customer.updated", "customer.deleted")
# Of this one there is no thin twin among them: it would name no customer.
FEATURES = "entitlements.active_entitlement_summary.updated"
SNAPSHOTS = (*(SUBSCRIPTION + word for word in SUBSCRIPTION_TYPES), *INVOICES, *CHECKOUTS, *SCHEDULES, *CUSTOMERS)
TYPES = (
    *SNAPSHOTS, FEATURES, *(THIN_TYPES + one for one in SNAPSHOTS),
    *(THIN_TYPES + SUBSCRIPTION + word for word in FINER_TYPES),
)  # fmt: skip
# What says of a subscription no more than that it changed: whoever looks at it has seen that. A checkout says whose it is.
HINTS = tuple(
    prefix + one
    for prefix in ("", THIN_TYPES)
    for one in (*(SUBSCRIPTION + word for word in (*SUBSCRIPTION_TYPES, *FINER_TYPES)), *INVOICES, *SCHEDULES)
)
NOTHING = "It is about no subscription, so nothing is owed by it."


def take(row: Inbound) -> Outcome:
    """Look at what an event is about as it stands now, and make what is held agree."""
    connection, at = row.connection, now()
    event = json.loads(row.raw)
    try:
        thing = _object_of(connection, event, at=at)
        match row.type.removeprefix(THIN_TYPES).split("."):
            case ["customer", "subscription", _]:
                return _of_subscription(row, thing["id"], thing, at=at)
            case ["entitlements", "active_entitlement_summary", _]:
                return _of_features(connection, id_of(thing["customer"]), at=at)
            case ["customer", _]:
                return _followed(follow_customer(connection, thing["id"], at=at, since=row.received_at))
            case ["checkout", "session", _]:
                named = id_of(thing.get("client_reference_id"))
                return _of_subscription(row, subscription_of(thing), thing, at=at, own_id=named)
            case ["invoice" | "subscription_schedule", _]:
                return _of_subscription(row, subscription_of(thing), thing, at=at)
    except NotThere as gone:
        return Outcome(f"Stripe has it no longer, so there is nothing to look at: {gone}")
    raise LookupError(f"Nobody has written down what {row.type} is about.")


def _of_features(connection: Connection, customer: str, *, at: datetime) -> Outcome:
    """Word of what a customer has may come before word of what it bought, which says whose it is.

    It covers nothing that was given up before: that may have been about the customer's subscriptions.
    """
    if not customer:
        raise NotThere("the message doesn’t name the customer.")
    if account_here(connection, customer) is None:
        for _ in follow_customer(connection, customer, at=at):
            pass
    return replace(_followed([look_at_features(connection, customer, at=at)]), covers_earlier=False)


def _of_subscription(
    row: Inbound, billing_id: str, thing: dict[str, Any], *, at: datetime, own_id: str = ""
) -> Outcome:
    """One look for all that waits about it: whatever came before the look speaks of what the look then sees."""
    if not billing_id:
        return Outcome(NOTHING)
    waiting = waiting_beside(row, types=HINTS) if row.subject == billing_id else ()
    customer = id_of(thing.get("customer"))
    followed = follow_subscription(row.connection, billing_id, at=at, customer=customer, own_id=own_id)
    return replace(_followed([followed]), covers_waiting=waiting)


def _object_of(connection: Connection, event: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    """What the event is about. Of a subscription and a customer the id is enough: they are asked for in any case."""
    if event["object"] != THIN:
        told: dict[str, Any] = event["data"]["object"]
        return told
    about = event.get("related_object") or {}
    match about.get("type"):
        case "subscription" | "customer":
            return {"object": about["type"], "id": about["id"]}
        case None:
            raise NotThere("the message doesn’t name what it is about.")
    with asking(connection, at=at) as client:
        match about["type"]:
            case "invoice":
                return plain(client.v1.invoices.retrieve(about["id"]))
            case "checkout.session":
                return plain(client.v1.checkout.sessions.retrieve(about["id"]))
            case "subscription_schedule":
                return plain(client.v1.subscription_schedules.retrieve(about["id"]))
    raise LookupError(f"Nobody has written down how a {about['type']} is asked for.")


def _followed(several: Iterable[Followed]) -> Outcome:
    """It was read how the subscription stands now, so that what was given up about it before has nothing more to say."""
    found = list(several)
    if not found:
        return Outcome(NOTHING)
    said = [*(one.words for one in found), *(told for one in found for told in one.findings)]
    words = ". ".join(one.rstrip(".") for one in dict.fromkeys(said))
    return Outcome(words, covers_earlier=True, account_key=found[0].account_key)
