"""Prepaid help of the demo: 100 hours a year by phone and e-mail for the customer that is maintained, and a pack of three
incidents that somebody without a support plan has used up; one was given back, one isn't counted.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from catalog.actions.dimensions import add_dimension
from catalog.actions.features import create_feature
from catalog.actions.plans import create_plan
from catalog.domain.choice_lines import Weighed
from catalog.domain.rules import FeatureRules
from catalog.domain.values import AddOnEffect, FeatureShape, Kind, PlanKind, Reset
from catalog.models import Feature, FeatureGroup, Plan
from desk.demo.customers import Customer, Fate
from desk.demo.equipment import maintained
from desk.demo.purchases import holding
from desk.demo.selling import put_on_sale
from desk.demo.sla import DESK
from entitlements.actions.credits.grants import GrantTerms, grant
from entitlements.actions.subscriptions import add_item
from entitlements.models import Account
from journal.domain.actor import Actor
from support.actions.allowances.exempting import exempt_case
from support.actions.allowances.rules import Rule, set_up_allowance
from support.actions.cases.noting import note
from support.actions.cases.opening import open_case
from support.domain.case_events import Channel, EventKind
from support.domain.cover_terms import Counts
from support.models import Case

HOURS = FeatureShape("support_hours", "Support hours", Kind.CREDIT, unit="hour", scale=60)
INCIDENTS = FeatureShape("support_incidents", "Support incidents", Kind.CREDIT, unit="incident")
PLAN = "support_hours_plan"
CHANNELS = (Weighed("phone", "Phone"), Weighed("email", "E-mail"))
TIER = "standard"
HELP_DESK = "helpdesk"
# number in the help desk, days before now, how it came, what it is about, and what became of it
PACK = (
    ("47901", 27, Channel.EMAIL, "The nightly job stops half-way", ""),
    ("47955", 20, Channel.EMAIL, "Asked twice by mistake", "cancelled"),
    ("48012", 15, Channel.WEB, "Errors since your release of Tuesday", "ours"),
    ("48077", 9, Channel.WEB, "Row-level security hides our own rows", ""),
    ("48140", 4, Channel.EMAIL, "Restoring one table of a backup", ""),
    ("48205", 1, Channel.EMAIL, "The connection pool is exhausted", ""),
)


def offer_help(*, by: Actor, at: datetime) -> None:
    """Hours and incidents as credits, an add-on that gives hours by the year, and how support uses both up."""
    group, yearly = FeatureGroup.objects.get(name="Support"), FeatureRules(default_reset=Reset.YEAR)
    hours = create_feature(shape=HOURS, group=group, rules=yearly, by=by, at=at)
    incidents = create_feature(shape=INCIDENTS, group=group, rules=yearly, by=by, at=at)
    add_dimension(feature=hours, key="channel", name="Channel", choices=CHANNELS, by=by, at=at)
    plan = create_plan(
        key=PLAN, name="Prepaid support", kind=PlanKind.ADD_ON, effect=AddOnEffect.REPLACES, by=by, at=at
    )
    cell = "100 hours a year; of which Phone: 80 hours, E-mail: 20 hours"
    put_on_sale(plan, 900, ((HOURS.key, cell),), by=by, at=at)
    set_up_allowance(
        feature=hours, rule=Rule(Counts.TIME, unit_minutes=15, default_tier=TIER), by=by, at=at
    )  # fmt: skip
    set_up_allowance(feature=incidents, rule=Rule(Counts.CASES, default_tier=TIER), by=by, at=at)


def sell_help(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """The hours to the customer that is maintained, a pack of three incidents to one without a support plan."""
    account, other = maintained(customers), bare(customers)
    if account is not None:
        subscription = account.subscriptions.order_by("number").first()
        assert subscription is not None
        plan = Plan.objects.get(key=PLAN)
        add_item(subscription=subscription, plan=plan, quantity=1, interval="month", by=by, at=at)
    if other is not None:
        incidents = Feature.objects.get(key=INCIDENTS.key)
        terms = GrantTerms(Decimal(3), typed_unit="incident")
        grant(account=other, feature=incidents, terms=terms, reason="A pack of three incidents", by=by, at=at)


def ask_for_help(
    customers: Sequence[Customer], *, number: str, by: Actor, colleague: Actor, at: datetime
) -> None:  # fmt: skip
    """One ticket of whoever bought the pack, and what became of it."""
    account = bare(customers)
    if account is None:
        return
    _, _, channel, subject, became = next(one for one in PACK if one[0] == number)
    requester = next(each.email for each in customers if each.key == account.key)
    case = open_case(
        subject=subject, channel=channel, severity="normal", account=account, requester=requester, team=DESK,
        source=HELP_DESK, external_id=number, by=by, at=at,
    )  # fmt: skip
    _became(case, became, by=by, colleague=colleague, at=at)


def _became(case: Case, became: str, *, by: Actor, colleague: Actor, at: datetime) -> None:
    if became == "cancelled":
        note(case=case, kind=EventKind.STATE, to=became, by=by, at=at)
    elif became == "ours":
        exempt_case(case=case, reason="Our release had broken it", by=colleague, at=at)


def bare(customers: Sequence[Customer]) -> Account | None:
    """One whose plan gives no support with a promised time."""
    return next(iter(holding(customers, "free", fate=Fate.FREE)), None)
