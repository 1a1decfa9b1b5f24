"""Many subscriptions, the same at Stripe and at the desk, made at once; and ways in which some of them come to differ.

A few are bought and followed as ever; the others are copies of their rows, there and here. What is corrupted is corrupted
in the rows, so that nobody is told of it.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import models

from entitlements.integrations.stripe.following import follow_subscription
from entitlements.models import (
    Account,
    BilledSubscription,
    BillingPeriod,
    Identifier,
    Subscription,
    SubscriptionChange,
    SubscriptionItem,
    SubscriptionPhase,
)
from entitlements.models.account import IdentifierKind
from tests.catalog.factories import BillingLinkFactory, PlanFactory
from tests.entitlements.integrations.stripe.conftest import Shop
from tests.entitlements.world import AT, GB, add_on, publish_plan
from tests.fakes.stripe.state import Row

DAY = 86_400
TRIED, RUNNING, RESTING, LEAVING, YEARLY = "tried", "running", "resting", "leaving", "yearly"
SORTS = (RUNNING, RUNNING, RUNNING, YEARLY, TRIED, RESTING, LEAVING)
MISSING = "missing here"


@dataclass
class Market:
    """The shop with a second plan and an add-on; `bought` are the ids of all, by their sort."""

    shop: Shop
    prices: dict[str, Row]
    bought: dict[str, str]


def market(shop: Shop, number: int, *, without: Sequence[int] = ()) -> Market:
    """As many subscriptions as are wanted; those at the places `without` the desk has never heard of."""
    prices = {key: _linked(shop, key) for key in ("pro", "extra")}
    kinds = {sort: _bought(shop, sort) for sort in dict.fromkeys(SORTS)}
    places = [(place, SORTS[place % len(SORTS)]) for place in range(number)]
    there = {_copied(shop, kinds[sort], place): sort for place, sort in places}
    unheard = {f"sub_copy{place:05}" for place in without}
    _held({id: kinds[sort] for id, sort in there.items()}, [id for id in there if id not in unheard])
    return Market(shop, prices, there)


def _linked(shop: Shop, key: str) -> Row:
    plan = PlanFactory(key="pro", name="Pro") if key == "pro" else add_on("extra", {shop.catalog.storage: 50 * GB})
    if key == "pro":
        publish_plan(plan, {shop.catalog.storage: 500 * GB, shop.catalog.sso: True}, grace_days=10)
    price = shop.unlinked(4000 if key == "pro" else 500)
    BillingLinkFactory(feature=None, plan=plan, mode="test", interval="month", currency="EUR", external_id=price)
    return shop.fake.state.tables["price"][price]


def _bought(shop: Shop, sort: str) -> str:
    customer = shop.customer(f"{sort}@first.example", f"First {sort}")
    more: dict[str, Any] = {TRIED: {"trial_end": int(AT.timestamp()) + 14 * DAY}}.get(sort, {})
    bought = shop.buy(customer, 3, shop.yearly if sort == YEARLY else "", **more)
    if sort == RESTING:
        shop.fake.state.tables["subscription"][bought.id]["status"] = "paused"
    if sort == LEAVING:
        shop.stripe.v1.subscriptions.update(bought.id, {"cancel_at_period_end": True})
    follow_subscription(shop.connection, bought.id, at=AT)
    return str(bought.id)


# Copies -----------------------------------------------------------------------------------------------------------
def _copied(shop: Shop, id: str, place: int) -> str:
    state = shop.fake.state
    first = state.tables["subscription"][id]
    customer = deepcopy(state.tables["customer"][first["customer"]])
    customer |= {"id": f"cus_copy{place:05}", "email": f"copy{place}@acme.example", "name": f"Copy {place}"}
    copied = deepcopy(first) | {"id": f"sub_copy{place:05}", "customer": customer["id"]}
    for line, item in enumerate(copied["items"]["data"]):
        item |= {"id": f"si_copy{place:05}_{line}", "subscription": copied["id"]}
    state.put(customer)
    state.put(copied)
    return str(copied["id"])


def _held(first: dict[str, str], ids: Sequence[str]) -> None:
    """The rows of what each is a copy of, made for all at once."""
    models_of = {row.billing_id: row for row in Subscription.objects.select_related("account")}
    accounts = [_as_new(models_of[first[id]].account, key=f"copy-{id[-5:]}", name=f"Copy {int(id[-5:])}") for id in ids]
    Account.objects.bulk_create(accounts)
    held = [
        _as_new(models_of[first[id]], account=account, billing_id=id) for id, account in zip(ids, accounts, strict=True)
    ]
    Subscription.objects.bulk_create(held)
    _parts(first, held)
    customers = {id: f"cus_copy{id[-5:]}" for id in ids}
    Identifier.objects.bulk_create(
        Identifier(
            account=row.account, kind=IdentifierKind.EXTERNAL, system="stripe", value=customers[row.billing_id],
            value_key=customers[row.billing_id],
        )
        for row in held
    )  # fmt: skip
    told = {row.billing_id: row for row in BilledSubscription.objects.all()}
    BilledSubscription.objects.bulk_create(
        _as_new(
            told[first[row.billing_id]], billing_id=row.billing_id, customer=customers[row.billing_id],
            account=row.account, subscription=row,
        )
        for row in held
    )  # fmt: skip


def _parts(first: dict[str, str], held: Sequence[Subscription]) -> None:
    for model in (SubscriptionItem, SubscriptionPhase, BillingPeriod, SubscriptionChange):
        parts: dict[str, list[Any]] = {}
        for row in model._default_manager.select_related("subscription"):
            parts.setdefault(row.subscription.billing_id, []).append(row)
        made = []
        for subscription in held:
            for line, row in enumerate(parts.get(first[subscription.billing_id], ())):
                named = (
                    {"billing_id": f"si_copy{subscription.billing_id[-5:]}_{line}"} if model is SubscriptionItem else {}
                )
                made.append(_as_new(row, subscription=subscription, **named))
        model._default_manager.bulk_create(made)


def _as_new(row: Any, **values: Any) -> Any:
    names = [column.attname for column in row._meta.concrete_fields if not column.primary_key]
    made = type(row)(**{name: getattr(row, name) for name in names})
    for name, value in values.items():
        setattr(made, name, value)
    return made


# Corrupted --------------------------------------------------------------------------------------------------------
Corruption = Callable[[Market, Row, Random], None]


def _quantity(_market: Market, row: Row, drawn: Random) -> None:
    row["items"]["data"][0]["quantity"] += drawn.randint(1, 9)


def _plan(there: Market, row: Row, _drawn: Random) -> None:
    row["items"]["data"][0]["price"] = there.prices["pro"]


def _cancelled_there(_market: Market, row: Row, drawn: Random) -> None:
    row |= {"status": "canceled", "ended_at": int(AT.timestamp()) - drawn.randint(1, 9) * 3600}


def _ended_here(_market: Market, row: Row, _drawn: Random) -> None:
    Subscription.objects.filter(billing_id=row["id"]).update(ends_at=models.F("starts_at"))


def _trial_end(_market: Market, row: Row, drawn: Random) -> None:
    row["trial_end"] += drawn.choice((-3, 2, 5)) * DAY


def _pause(_market: Market, row: Row, _drawn: Random) -> None:
    row["status"] = "active" if row["status"] == "paused" else "paused"


def _period(_market: Market, row: Row, _drawn: Random) -> None:
    item = row["items"]["data"][0]
    item |= {"current_period_end": item["current_period_end"] + 5 * DAY}


def _extra(there: Market, row: Row, _drawn: Random) -> None:
    more = deepcopy(row["items"]["data"][0]) | {"id": f"si_more{row['id'][-5:]}", "price": there.prices["extra"]}
    row["items"]["data"].append(more)


def _quantity_here(_market: Market, row: Row, drawn: Random) -> None:
    named = SubscriptionItem.objects.filter(billing_id=row["items"]["data"][0]["id"])
    named.update(quantity=models.F("quantity") + drawn.randint(1, 5))


def _past_due(_market: Market, row: Row, _drawn: Random) -> None:
    row["status"] = "past_due"


CORRUPTIONS: dict[str, tuple[Corruption, tuple[str, ...]]] = {
    "quantity": (_quantity, ()),
    "quantity here": (_quantity_here, ()),
    "plan": (_plan, (RUNNING, YEARLY, LEAVING, RESTING)),
    "cancelled there": (_cancelled_there, (RUNNING, YEARLY, TRIED)),
    "ended here": (_ended_here, (RUNNING, YEARLY)),
    "end of the trial": (_trial_end, (TRIED,)),
    "pause": (_pause, (RUNNING, RESTING)),
    "period": (_period, (RUNNING, YEARLY)),
    "one more item": (_extra, ()),
    "payment failed": (_past_due, (RUNNING, YEARLY)),
}


def corrupt(there: Market, ids: Sequence[str], drawn: Random) -> dict[str, str]:
    """Each of these in one way that fits it; which, by its id."""
    done = {}
    for id in ids:
        sort = there.bought[id]
        fitting = [name for name, (_, sorts) in CORRUPTIONS.items() if not sorts or sort in sorts]
        done[id] = drawn.choice(fitting)
        CORRUPTIONS[done[id]][0](there, there.shop.fake.state.tables["subscription"][id], drawn)
    return done
