"""Engineer hours, paid for ahead: a plan that gives some each month, packs that were sold, and what was used of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from catalog.actions.features import create_feature
from catalog.actions.plans import create_plan
from catalog.domain.rules import FeatureRules
from catalog.domain.values import FeatureShape, Kind, PlanKind, Reset
from catalog.models import Feature, FeatureGroup, Plan
from desk.demo.customers import Customer
from desk.demo.purchases import holding
from desk.demo.selling import put_on_sale
from entitlements.actions.credits.grants import GrantTerms, grant, void
from entitlements.actions.subscriptions import add_item
from entitlements.actions.usage.recording import record
from entitlements.domain.usage.operations import Act, Operation
from entitlements.models import Account, CreditGrant
from entitlements.models.credit import GrantSource, Recurs
from journal.domain.actor import SYSTEM, Actor

HOUR, HALF = Decimal(3600), Decimal(1800)
HOURS = FeatureShape("engineer_hours", "Engineer hours", Kind.CREDIT, unit="hour", scale=3600)
PACK = "hours_plan"
# how many days before now, and halves of an hour
USED = ((34, 3), (30, 4), (26, 2), (22, 5), (18, 3), (14, 6), (10, 4), (6, 17), (2, 2))


@dataclass(frozen=True, slots=True)
class Told:
    """Who the hours were sold to: the first has a plan of hours, both bought packs."""

    first: Account
    second: Account


def offer_hours(*, by: Actor, at: datetime) -> None:
    """A feature of credits, and the add-on that gives 4 hours of it each month."""
    support, monthly = FeatureGroup.objects.get(name="Support"), FeatureRules(default_reset=Reset.MONTH)
    create_feature(shape=HOURS, group=support, rules=monthly, by=by, at=at)
    plan = create_plan(key=PACK, name="Engineer hours", kind=PlanKind.ADD_ON, by=by, at=at)
    put_on_sale(plan, 600, ((HOURS.key, "4 hours a month"),), by=by, at=at)


def sell_hours(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """The add-on for one customer, packs for two, and a gift that comes each month."""
    told, hours = _told(customers), Feature.objects.get(key=HOURS.key)
    add_item(
        subscription=told.first.subscriptions.get(),
        plan=Plan.objects.get(key=PACK),
        quantity=1,
        interval="month",
        by=by,
        at=at,
    )
    year, half = (at + timedelta(days=365)).date(), (at + timedelta(days=75)).date()
    for account, amount, through in ((told.first, 10, year), (told.first, 6, half), (told.second, 20, year)):
        terms = GrantTerms(amount * HOUR, through_on=through, typed_unit="hour")
        grant(account=account, feature=hours, terms=terms, reason=f"Pack of {amount} hours", by=by, at=at)
    gift = GrantTerms(HOUR, source=GrantSource.GIFT, priority=10, recurs=Recurs.MONTH, max_rollover=HOUR)
    grant(account=told.second, feature=hours, terms=gift, reason="For a year as reference customer", by=by, at=at)


def use_hours(customers: Sequence[Customer], *, days: int, halves: int, by: Actor, at: datetime) -> None:
    """What engineers wrote down for the first customer, and a third of it for the second."""
    told = _told(customers)
    for account, amount in ((told.first, halves * HALF), (told.second, halves * HALF / 3)):
        operation = Operation(
            act=Act.REPORT,
            source="demo/timesheets",
            id=f"{account.key}-{days}",
            account_id=account.pk,
            feature=HOURS.key,
            quantity=amount,
            at=at - timedelta(hours=1),
            subject="engineer:robin",
        )
        record([operation], by=SYSTEM, at=at)


def think_again(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """A pack that was paid back."""
    row = CreditGrant.objects.filter(account=_told(customers).first, amount=int(6 * HOUR)).latest("pk")
    void(grant=row, reason="Ordered twice; paid back", by=by, at=at)


def _told(customers: Sequence[Customer]) -> Told:
    team = holding(customers, "team")
    return Told(team[0], team[min(1, len(team) - 1)])
