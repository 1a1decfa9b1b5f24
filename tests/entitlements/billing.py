"""A shop whose prices a connected system bills, and looks at what it says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from catalog.models import BillingLink, Plan
from entitlements.actions.billed.following import NEEDS, Followed, follow
from entitlements.actions.billed.tickets import take_ticket
from entitlements.domain.billed.told import Billed, BilledCustomer, BilledItem
from entitlements.models import Subscription, SubscriptionItem
from journal.domain.actor import Actor, ActorKind
from journal.models import AuditEvent, Connection
from tests.catalog.factories import BillingLinkFactory, PlanFactory
from tests.entitlements.domain.billed.told import NOW, billed
from tests.entitlements.world import GB, Catalog, add_on, catalog, publish_plan
from tests.journal.factories import ConnectionFactory
from tests.remembered import remembered

BY = Actor(kind=ActorKind.CONNECTION, key="connection:console", name="Console", permissions=NEEDS)
BEA = BilledCustomer(system="console", id="cus_1", name="Acme BV", email="bea@acme.example", country="NL")


@dataclass(frozen=True)
class Shop:
    """Team and Pro by the month (Team by the year too), and the add-on Extra; Pro has 10 days of grace, 5 after it."""

    connection: Connection
    catalog: Catalog
    pro: Plan
    extra: Plan


@remembered
def shop() -> Shop:
    world = catalog()
    pro = PlanFactory(key="pro", name="Pro")
    publish_plan(pro, {world.storage: 500 * GB, world.sso: True}, grace_days=10, wind_down_days=5)
    extra = add_on("extra", {world.storage: 50 * GB})
    for plan in (world.team, pro, extra):
        linked(plan, interval="month", external_id=f"price_{plan.key}")
    linked(world.team, interval="year", external_id="price_team_yearly")
    return Shop(ConnectionFactory(), world, pro, extra)


def linked(plan: Plan, *, interval: str = "", mode: str = "test", **more: Any) -> BillingLink:
    currency = "EUR" if interval else ""
    return BillingLinkFactory(feature=None, plan=plan, mode=mode, interval=interval, currency=currency, **more)


def says(*items: BilledItem, **more: Any) -> Billed:
    """What the system says of a subscription to Team, unless said otherwise."""
    return replace(billed(*items, **more), system="console")


def look(
    shop: Shop, said: Billed, *, at: datetime = NOW, who: BilledCustomer = BEA, ticket: int | None = None
) -> Followed:
    """Somebody asks, is told this, and follows it."""
    ticket = ticket or asked(shop, said, at=at)
    return follow(connection=shop.connection, billed=said, customer=who, ticket=ticket, by=BY, at=at)


def asked(shop: Shop, said: Billed, *, at: datetime = NOW) -> int:
    return take_ticket(connection=shop.connection, billing_id=said.id, customer=said.customer, at=at)


@contextmanager
def nobody_follows() -> Iterator[None]:
    """While the connection is off, staff may change what is billed; afterwards it is followed again."""
    states = dict(Connection.objects.values_list("pk", "state"))
    Connection.objects.update(state="off")
    try:
        yield
    finally:
        for pk, state in states.items():
            Connection.objects.filter(pk=pk).update(state=state)


def bought(billing_id: str = "sub_1") -> Subscription:
    return Subscription.objects.select_related("account").get(billed_by="console", billing_id=billing_id)


def holds(at: datetime = NOW, billing_id: str = "sub_1") -> list[str]:
    """What it holds at the instant: ["2 × team"]."""
    rows = SubscriptionItem.objects.filter(subscription=bought(billing_id)).select_related("plan").order_by("pk")
    return [f"{row.quantity} × {row.plan.key}" for row in rows if row.window.contains(at)]


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("seq").values_list("verb", flat=True))
