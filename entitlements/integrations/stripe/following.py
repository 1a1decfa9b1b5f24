"""Following one subscription: it is asked for as it stands now, and what is held is made to agree.

An event only says that something changed. A ticket is taken before asking (and committed), so that of two answers the
one asked for later wins, however long each took; no clock is compared. Nothing is open while Stripe is asked.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import stripe

from entitlements.actions.billed.following import NOTHING, Followed, follow
from entitlements.actions.billed.tickets import take_ticket
from entitlements.domain.billed.told import Billed, BilledCustomer
from entitlements.integrations.stripe.client import PAGE, SYSTEM, NotThere, asking, every, plain
from entitlements.integrations.stripe.features import look_where_it_matters
from entitlements.integrations.stripe.parsing import EXPANDED, customer_id, parse_customer, parse_subscription
from entitlements.integrations.stripe.verifying import id_of
from entitlements.models import BilledSubscription
from journal.actions.connections import as_actor
from journal.domain.actor import Actor
from journal.domain.receiving import Later
from journal.models import Connection

LONGEST = 60.0  # seconds for many subscriptions; one more question fits under the lease of an arrival after that


def follow_subscription(
    connection: Connection,
    billing_id: str,
    *,
    at: datetime,
    customer: str = "",
    own_id: str = "",
    by: Actor | None = None,
    features: bool = True,
) -> Followed:
    """Make what is held agree with the subscription as it stands at Stripe now, and with the features of its customer.

    `own_id` is our key of the account where whoever calls knows it from the purchase. Later where Stripe can't answer;
    NotThere where it has no such subscription.
    """
    ticket = take_ticket(connection=connection, billing_id=billing_id, customer=customer, at=at)
    billed, buyer = fetched(connection, billing_id, at=at, own_id=own_id)
    by = by or as_actor(connection)
    followed = follow(connection=connection, billed=billed, customer=buyer, ticket=ticket, by=by, at=at)
    looked = look_where_it_matters(connection, billed.customer, at=at, by=by) if features else None
    return followed if looked is None else _both(followed, looked)


def fetched(
    connection: Connection, billing_id: str, *, at: datetime, own_id: str = ""
) -> tuple[Billed, BilledCustomer]:
    """How the subscription and who buys it stand at Stripe now."""
    with asking(connection, at=at) as client:
        said = plain(client.v1.subscriptions.retrieve(billing_id, {"expand": list(EXPANDED)}))
        if said["items"].get("has_more"):
            more = client.v1.subscription_items.list({"subscription": billing_id, "limit": PAGE})
            said["items"]["data"] = [plain(one) for one in every(more)]
        buyer = _buyer(client, said)
        if not own_id and not _known(connection, billing_id):
            own_id = _named_at_checkout(client, billing_id)
    return parse_subscription(said, system=SYSTEM), parse_customer(buyer, system=SYSTEM, own_id=own_id)


def subscriptions_of(connection: Connection, customer: str, *, at: datetime) -> list[str]:
    """All of a customer's, ended ones too, by their ids; those we know of also where Stripe has removed the customer."""
    known = BilledSubscription.objects.filter(connection=connection, customer=customer).order_by("pk")
    found = dict.fromkeys(known.values_list("billing_id", flat=True))
    try:
        with asking(connection, at=at) as client:
            listed = client.v1.subscriptions.list({"customer": customer, "status": "all", "limit": PAGE})
            found |= dict.fromkeys(str(one.id) for one in every(listed))
    except NotThere:
        pass
    return list(found)


def all_subscriptions(connection: Connection, *, at: datetime, after: str = "") -> tuple[list[str], str]:
    """A page of all there are at the account, ended ones too, and where the next begins; empty with the last."""
    told: Any = {"status": "all", "limit": PAGE} | ({"starting_after": after} if after else {})
    with asking(connection, at=at) as client:
        page = client.v1.subscriptions.list(told)
    ids = [str(one.id) for one in page.data]
    return ids, ids[-1] if page.has_more and ids else ""


def follow_customer(
    connection: Connection, customer: str, *, at: datetime, since: datetime | None = None
) -> Iterator[Followed]:
    """Each of the customer's subscriptions in turn, then what features it has by them.

    What was looked at `since` is passed over: an earlier try at the same message broke off there. Later where there are
    more than fit under one lease.
    """
    looked_at = BilledSubscription.objects.filter(connection=connection, customer=customer, told_at__gte=since or at)
    done = set(looked_at.values_list("billing_id", flat=True)) if since else set()
    end = monotonic() + LONGEST
    for billing_id in subscriptions_of(connection, customer, at=at):
        if billing_id in done:
            continue
        if monotonic() > end:
            raise Later("There is more to look at than fits into one try", after=timedelta(seconds=1))
        yield follow_subscription(connection, billing_id, at=at, customer=customer, features=False)
    looked = look_where_it_matters(connection, customer, at=at)
    if looked is not None:
        yield looked


def _both(followed: Followed, looked: Followed) -> Followed:
    """One look at a subscription, and after it one at its customer's features, as one."""
    if looked.words == NOTHING:
        return replace(followed, findings=(*followed.findings, *looked.findings))
    words = looked.words if followed.words == NOTHING else f"{followed.words}. {looked.words}"
    return replace(
        followed, words=words, findings=(*followed.findings, *looked.findings),
        account_key=followed.account_key or looked.account_key,
    )  # fmt: skip


def _known(connection: Connection, billing_id: str) -> bool:
    rows = BilledSubscription.objects.filter(connection=connection, billing_id=billing_id, account__isnull=False)
    return rows.exists()


def _buyer(client: stripe.StripeClient, said: dict[str, Any]) -> dict[str, Any]:
    """The customer as it came with the subscription; one that Stripe keeps elsewhere is an id alone."""
    customer = said.get("customer")
    if isinstance(customer, dict):
        return customer
    return {"id": customer_id(said)}


def _named_at_checkout(client: stripe.StripeClient, billing_id: str) -> str:
    """What our own shop called the account when it sent the customer to the checkout."""
    sessions = client.v1.checkout.sessions.list({"subscription": billing_id, "limit": 1})
    return next((id_of(one.client_reference_id) for one in sessions.data), "")
