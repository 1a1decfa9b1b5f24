"""Telling Stripe what the desk decided: when a trial ends now, by which rule a change is settled, what was used beyond
and what comes on the next invoice.

Within one try the client repeats under one Idempotency-Key. A later try can't use that key again, since Stripe keeps a
failure under it as it keeps a success; so each message says how things are to be, and may be said twice.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import stripe
from django.utils.timezone import now

from entitlements.actions.invoice_items import ADD, REMOVE
from entitlements.integrations.stripe import invoice_items
from entitlements.integrations.stripe.client import SYSTEM, Declined, NotThere, asking
from entitlements.integrations.stripe.refusals import note_refusals
from entitlements.integrations.stripe.use import OVERAGE, put_to_a_person, refuse_doubtful, tell_use
from entitlements.models import BilledSubscription
from journal.domain.connection import ConnectionState
from journal.models import Connection, Outbound
from journal.senders import Send

INVOICED = "invoiced"  # what a finding is about where something was withdrawn too late


def or_else(otherwise: Send) -> Send:
    """A sender of what concerns billing: to Stripe where a connection stands for it, else by the other means."""

    def send(row: Outbound) -> None:
        connection = connection_for(row)
        if connection is None and row.payload.get("connection"):
            raise Declined("The connection it was promised to was turned off: bill it by hand.")
        if connection is None:
            otherwise(row)
        else:
            tell(connection, row, at=now())

    return send


def connection_for(row: Outbound) -> Connection | None:
    """The connection that a message names, or that told of the subscription, else the only one there is."""
    there = Connection.objects.filter(vendor=SYSTEM).exclude(state=ConnectionState.OFF)
    if named := row.payload.get("connection"):
        return there.filter(pk=named).first()
    if row.destination != SYSTEM:
        return None
    billed = BilledSubscription.objects.filter(billing_id=row.payload.get("subscription") or "").first()
    if billed is not None:
        return there.filter(pk=billed.connection_id).first()
    found = list(there[:2])
    return found[0] if len(found) == 1 else None


def tell(connection: Connection, row: Outbound, *, at: datetime) -> None:
    """Carry one message to Stripe. Later, Declined or NotThere where it isn't taken: the row says so.

    What Stripe refuses is a finding too; it is mended as soon as Stripe takes what comes next about the same subscription.
    """
    do = row.payload["do"]
    told = {"billing_id": row.payload["subscription"] or row.payload.get("name", ""), "account_key": row.account_key}
    refuse_doubtful(row, at=at)
    try:
        with asking(connection, at=at) as client:
            _doing(do)(client, row, at)
    except invoice_items.Invoiced as late:
        note_refusals(connection, {INVOICED: str(late)}, at=at, **told)
        return
    except (Declined, NotThere) as error:
        note_refusals(connection, {do: f"{row.payload['subject']}. Stripe: {error}"}, at=at, **told)
        put_to_a_person(row, error)
        raise
    note_refusals(connection, {}, at=at, **told)


Telling = Callable[[stripe.StripeClient, Outbound, datetime], None]


def _doing(word: str) -> Telling:
    match word:
        case "set_trial_end":
            return _set_trial_end
        case "note_change":
            return _note_change
        case one if one == OVERAGE:
            return tell_use
        case one if one == ADD:
            return _add_invoice_item
        case one if one == REMOVE:
            return _remove_invoice_item
    raise LookupError(f"Nobody has written down how Stripe is told to {word.replace('_', ' ')}.")


def _set_trial_end(client: stripe.StripeClient, row: Outbound, at: datetime) -> None:
    """Nothing is settled by it: a trial costs nothing. What has ended by now ends at once, which Stripe calls "now";
    said of a subscription that is past its trial, "now" would begin a new period."""
    billing_id, ends_at = row.payload["subscription"], datetime.fromisoformat(row.payload["trial_end"])
    wanted, said = int(ends_at.timestamp()), client.v1.subscriptions.retrieve(billing_id)
    over = ends_at <= at
    if said.trial_end == wanted or (over and said.status != "trialing"):
        return
    told: Any = {
        "trial_end": "now" if over else wanted,
        "proration_behavior": "none",
        "metadata": {"desk_trial_end": ends_at.isoformat(), "desk_because": row.payload["because"]},
    }
    client.v1.subscriptions.update(billing_id, told)


def _note_change(client: stripe.StripeClient, row: Outbound, at: datetime) -> None:
    """What was decided at the desk stands at the subscription, for whoever settles it."""
    words = ("timing", "proration", "effective_at", "change")
    told: Any = {"metadata": {f"desk_{word}": row.payload[word] for word in words}}
    client.v1.subscriptions.update(row.payload["subscription"], told)


def _add_invoice_item(client: stripe.StripeClient, row: Outbound, at: datetime) -> None:
    invoice_items.add(client, row)


def _remove_invoice_item(client: stripe.StripeClient, row: Outbound, at: datetime) -> None:
    invoice_items.remove(client, row)
