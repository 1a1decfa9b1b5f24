"""The active entitlements of a customer, as Stripe calls the features that what is paid for gives.

A message about them has no id and shows ten at most, so all that are there are asked for; none: all are taken back. As
of a subscription, a ticket is taken before asking, and the look that was asked for later wins.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import stripe

from entitlements.actions.billed.features import follow_features, follow_features_again
from entitlements.actions.billed.following import Followed
from entitlements.actions.billed.tickets import take_features_ticket
from entitlements.domain.billed.told import BilledCustomer, BilledFeatures, BilledFeatureTold
from entitlements.integrations.stripe.client import (
    PAGE,
    SYSTEM,
    Declined,
    NotThere,
    asking,
    connections,
    every,
    left_for_now,
    plain,
)
from entitlements.integrations.stripe.parsing import parse_customer
from entitlements.integrations.stripe.verifying import id_of
from entitlements.models import BilledSubscription
from entitlements.queries.billed.told_features import (
    account_here,
    any_missing,
    customers_told_otherwise,
    customers_with_features,
    features_matter,
)
from journal.actions.connections import as_actor
from journal.domain.actor import Actor
from journal.domain.connection import Mode
from journal.domain.refusal import Refusal
from journal.models import AuditEvent, Connection

LOGGER = logging.getLogger("entitlements.billing")
GIVING = ("trial", "active", "past_due")  # states of a subscription in which Stripe gives what its products carry
NAMED = ("billing_link:set", "feature:declare")
A_NIGHT = timedelta(hours=18)  # who was looked at since then needs no look tonight
LATELY = timedelta(minutes=30)  # so long after a feature got a name it is looked who has it
Said = Mapping[str, Any]


def look_at_features(connection: Connection, customer: str, *, at: datetime, by: Actor | None = None) -> Followed:
    """Make what the customer's account has by the billing what Stripe says the customer has now.

    One question of Stripe, and one more for each hundred features; where something is missing there, one for each product
    that is billed. Later where Stripe can't answer; NotThere where it knows no such customer.
    """
    ticket = take_features_ticket(connection=connection, customer=customer)
    told = fetched_features(connection, customer, at=at)
    if any_missing(connection, told, at=at):
        told = replace(told, carried=carried_by(connection, customer, at=at))
    who = _unknown(connection, told, at=at)
    by = by or as_actor(connection)
    return follow_features(connection=connection, told=told, ticket=ticket, customer=who, by=by, at=at)


def look_where_it_matters(
    connection: Connection, customer: str, *, at: datetime, by: Actor | None = None
) -> Followed | None:
    """The same after something befell a subscription of the customer, unless no feature is of any interest."""
    if not customer or not features_matter(connection, customer, at=at):
        return None
    return look_at_features(connection, customer, at=at, by=by)


def follow_names(*, at: datetime, whole: bool = False, enough: Callable[[], bool] = lambda: False) -> int:
    """Followed what was told of features anew, where what they are called changed here since; of how many customers.

    Nobody is asked: what was told last is kept. Only within half an hour of such a change is it looked for; `whole`: ever.
    """
    if not whole and not AuditEvent.objects.filter(verb__in=NAMED, at__gt=at - LATELY).exists():
        return 0
    done = 0
    for connection in connections():
        for customer in list(customers_told_otherwise(connection)):
            if enough():
                return done
            by = as_actor(connection)
            follow_features_again(connection=connection, customer=customer, by=by, at=at)
            done += 1
    return done


def look_at_all(*, at: datetime, enough: Callable[[], bool] = lambda: False) -> int:
    """Looked at the features of all who may have any and weren't looked at today, longest ago first; at how many.

    It costs one question a customer, and none of a desk where no feature is linked, given by the billing or told of. A
    run that ends early is gone on with by the next. One who can't be looked at is passed over.
    """
    done = 0
    for connection in connections():
        with left_for_now(connection):
            for customer in customers_with_features(connection, at=at, since=at - A_NIGHT):
                if enough():
                    return done
                try:
                    done += look_at_features(connection, customer, at=at).applied
                except (Declined, NotThere, Refusal) as refused:
                    LOGGER.warning("The features of %s couldn’t be looked at: %s", customer, refused)
    return done


def fetched_features(connection: Connection, customer: str, *, at: datetime) -> BilledFeatures:
    """All that the customer has now. One who was removed has nothing; of one whom Stripe never knew nothing is said."""
    with asking(connection, at=at) as client:
        try:
            listed = client.v1.entitlements.active_entitlements.list({"customer": customer, "limit": PAGE})
            said = [plain(one) for one in every(listed)]
        except stripe.InvalidRequestError:
            if not getattr(client.v1.customers.retrieve(customer), "deleted", False):
                raise
            said = []
    return parse_features(said, customer=customer, live=connection.mode == Mode.LIVE)


def parse_features(said: Iterable[Said], *, customer: str, live: bool) -> BilledFeatures:
    """What Stripe lists as active entitlements, whole. KeyError where one has not the form the desk knows."""
    told = (BilledFeatureTold(one["id"], id_of(one["feature"]), one.get("lookup_key") or "") for one in said)
    return BilledFeatures(SYSTEM, live, customer, tuple(told))


def carried_by(connection: Connection, customer: str, *, at: datetime) -> frozenset[str]:
    """What the products carry that the customer is billed for, by ids and lookup keys; a product that is gone carries none."""
    found: set[str] = set()
    for product in _products(connection, customer):
        try:
            with asking(connection, at=at) as client:
                for one in every(client.v1.products.features.list(product, {"limit": PAGE})):
                    found |= {one.entitlement_feature.id, one.entitlement_feature.lookup_key}
        except NotThere:
            continue
    return frozenset(found)


def _products(connection: Connection, customer: str) -> list[str]:
    rows = BilledSubscription.objects.filter(connection=connection, customer=customer, state__in=GIVING)
    told = (item["product"] for row in rows for item in row.told.get("items", ()))
    return sorted(set(told))


def _unknown(connection: Connection, told: BilledFeatures, *, at: datetime) -> BilledCustomer | None:
    """Who it is, where nobody knows whose account it is and there is something to give."""
    if not told.features or account_here(connection, told.customer) is not None:
        return None
    with asking(connection, at=at) as client:
        return parse_customer(plain(client.v1.customers.retrieve(told.customer)), system=SYSTEM)
