"""Customers with prepaid hours: packs that were sold, or a plan that gives some by channel; and cases to work on."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.domain.values import Kind, Reset
from catalog.models import Feature, Plan, SubLimit
from entitlements.actions.credits.grants import GrantTerms, grant
from entitlements.actions.subscriptions import start
from entitlements.models import Account, CreditEntry
from entitlements.queries.credits.balances import balance_of
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from support.actions.time_entries import enter_time
from support.domain.case_events import Channel, EventKind
from support.domain.cover_terms import AtZero, Counts
from support.models import Allowance, Case, TimeEntry
from tests.catalog.factories import (
    EPOCH,
    DimensionChoiceFactory,
    DimensionFactory,
    FeatureFactory,
    PlanFactory,
    PlanVersionFactory,
    publish_now,
)
from tests.entitlements.factories import AccountFactory
from tests.entitlements.world import term
from tests.support.factories import (
    AllowanceFactory,
    CaseEventFactory,
    CaseFactory,
    CasePromiseFactory,
    TimeEntryFactory,
)

AT = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANNELS = (Channel.PHONE, Channel.EMAIL)


def hours(key: str = "support_hours", *, unit: int = 0, at_zero: AtZero = AtZero.BLOCK, scale: int = 60) -> Allowance:
    """Prepaid hours to the minute, told apart by phone and e-mail."""
    feature = FeatureFactory(key=key, name="Support hours", kind=Kind.CREDIT, unit="hour", scale=scale)
    channel = DimensionFactory(feature=feature, key="channel", name="Channel")
    for one in CHANNELS:
        DimensionChoiceFactory(dimension=channel, key=one.value, name=one.words)
    return AllowanceFactory(feature=feature, counts=Counts.TIME, unit_minutes=unit, at_zero=at_zero)


def customer(key: str = "acme", *, zone: str = "UTC") -> Account:
    return AccountFactory(key=key, name=key.capitalize(), zone=zone)


def sold(account: Account, allowance: Allowance, minutes: int, *, at: datetime = AT - 30 * DAY, **terms: Any) -> Any:
    amount = Decimal(minutes * allowance.feature.scale // 60)
    told = GrantTerms(amount=amount, typed_unit="hour", **terms)
    return grant(account=account, feature=allowance.feature, terms=told, reason="A pack", by=SYSTEM, at=at)


def plan_of_hours(allowance: Allowance, minutes: int, parts: dict[Channel, int], *, reset: Reset = Reset.MONTH) -> Plan:
    """So many minutes in each period, of which so many for each channel."""
    plan = PlanFactory(key="help", name="Help")
    draft = PlanVersionFactory(plan=plan)
    row = keep(term(draft, allowance.feature, Decimal(minutes), reset=reset), deed=begin(by=SYSTEM, at=EPOCH))
    for channel, part in parts.items():
        choice = allowance.feature.dimensions.get(key="channel").choices.get(key=channel.value)
        keep(SubLimit(term=row, choice=choice, amount=part), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft)
    return plan


def holds(account: Account, plan: Plan, *, at: datetime = AT - 10 * DAY) -> None:
    start(account=account, plan=plan, by=SYSTEM, at=at)


def a_case(account: Account | None, **more: Any) -> Case:
    """Made of rows, so that what is promised for it is no matter here."""
    case = CaseFactory(account=account, channel=more.pop("channel", Channel.PHONE), **more)
    CaseEventFactory(case=case, kind=EventKind.OPENED, to=case.severity.key)
    CasePromiseFactory(case=case)
    return case


def entered(case: Case, minutes: int, *, at: datetime = AT, by: Any = SYSTEM, **more: Any) -> TimeEntry:
    return enter_time(case=case, minutes=minutes, by=by, at=at, **more)


def minutes_left(account: Account, allowance: Allowance, *, at: datetime = AT) -> int:
    """Below zero where it is overdrawn."""
    view = balance_of(account=account, feature=allowance.feature, at=at, latest=True)
    assert isinstance(view.left, Decimal)
    return int((view.left - view.overage) * 60 / allowance.feature.scale)


def ledger_lost(account: Account, feature: Feature) -> int:
    """What the ledger's lines of use come to, in smallest units; what was given back is off it."""
    kinds = ("use", "overage", "given_back", "correction")
    rows = CreditEntry.objects.filter(balance__account=account, balance__feature=feature, kind__in=kinds)
    return -sum(rows.values_list("amount", flat=True))


def one_of_each_time(account: Account, *, at: datetime) -> dict[str, object]:
    """An entry of the account, and hours it may count on, by the names of the permission table."""
    allowance = hours("prepaid_hours")
    case = CaseFactory(account=account, opened_at=at - DAY)
    CaseEventFactory(case=case, kind=EventKind.OPENED, to=case.severity.key, at=case.opened_at, recorded_at=at)
    CasePromiseFactory(case=case, starts_at=case.opened_at, recorded_at=at, holidays_known_at=at)
    entry = TimeEntryFactory(case=case, worked_at=at - HOUR, recorded_at=at)
    return {"support_timeentry": entry.pk, "prepaid_feature": allowance.feature.key}
