"""Customers with prepaid incidents, and cases that take them: a tier that is promised, a pack, a plan with channels."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.domain.values import Kind, Reset
from catalog.models import Feature, Plan, SubLimit
from entitlements.actions.credits.grants import GrantTerms, grant
from entitlements.actions.subscriptions import start
from entitlements.models import Account
from entitlements.queries.credits.balances import balance_of
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM, Actor
from support.actions.allowances.counting import settle_counts
from support.actions.cases.noting import note
from support.actions.cases.opening import open_case, set_account
from support.domain.case_events import Channel, EventKind
from support.domain.cover_terms import CountedOn
from support.models import Allowance, Case, CaseCount
from tests.catalog.factories import (
    EPOCH,
    DimensionChoiceFactory,
    DimensionFactory,
    FeatureFactory,
    PlanFactory,
    PlanVersionFactory,
    publish_now,
)
from tests.entitlements.world import term
from tests.support.casework import holder, policy, severities
from tests.support.factories import AllowanceFactory

AT = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def incidents(key: str = "incidents", *, channels: bool = False, **rule: Any) -> Allowance:
    """Prepaid incidents, told apart by channel where that is asked for."""
    feature = FeatureFactory(key=key, name=key.replace("_", " ").capitalize(), kind=Kind.CREDIT, unit="incident")
    if channels:
        channel = DimensionFactory(feature=feature, key="channel", name="Channel")
        for one in (Channel.PHONE, Channel.EMAIL):
            DimensionChoiceFactory(dimension=channel, key=one.value, name=one.words)
    return AllowanceFactory(feature=feature, **rule)


def promised(*tiers: str) -> None:
    """Severities, and a policy in force for each tier."""
    severities()
    for tier in tiers or ("standard",):
        policy(tier)


def sold(account: Account, allowance: Allowance, amount: int, *, at: datetime = AT - 30 * DAY, **terms: Any) -> None:
    told = GrantTerms(amount=Decimal(amount), **terms)
    grant(account=account, feature=allowance.feature, terms=told, reason="A pack", by=SYSTEM, at=at)


def supported(amount: int = 10, *, tier: str = "standard", key: str = "acme", **rule: Any) -> tuple[Account, Allowance]:
    """A customer of that tier with so many incidents."""
    promised(tier)
    acme, allowance = holder(key, tier), incidents(**rule)
    sold(acme, allowance, amount)
    return acme, allowance


def plan_of_incidents(feature: Feature, amount: int, parts: dict[Channel, int], *, reset: Reset = Reset.YEAR) -> Plan:
    plan = PlanFactory(key="help", name="Help")
    draft = PlanVersionFactory(plan=plan)
    row = keep(term(draft, feature, Decimal(amount), reset=reset), deed=begin(by=SYSTEM, at=EPOCH))
    for channel, part in parts.items():
        choice = feature.dimensions.get(key="channel").choices.get(key=channel.value)
        keep(SubLimit(term=row, choice=choice, amount=part), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft)
    return plan


def holds(account: Account, plan: Plan, *, at: datetime = AT - 10 * DAY) -> None:
    start(account=account, plan=plan, by=SYSTEM, at=at)


def a_case(account: Account | None, *, at: datetime = AT, by: Actor = SYSTEM, **told: Any) -> Case:
    """Opened, by e-mail unless it is said how."""
    told = {"subject": "Export stops", "channel": Channel.EMAIL, "severity": "high", **told}
    return open_case(account=account, by=by, at=at, **told)


def comes_to(case: Case, state: str, *, at: datetime = AT + HOUR, **told: Any) -> Case:
    return note(case=case, kind=EventKind.STATE, to=state, by=SYSTEM, at=at, **told).case


def writes_again(case: Case, *, at: datetime = AT + HOUR, **told: Any) -> Case:
    return note(case=case, kind=EventKind.CUSTOMER_MESSAGE, by=SYSTEM, at=at, **told).case


def given_to(case: Case, account: Account, *, at: datetime = AT + HOUR) -> Case:
    return set_account(case=case, account=account, by=SYSTEM, at=at)


def settled(case: Case, *, at: datetime = AT) -> None:
    settle_counts(case, at=at, deed=begin(by=SYSTEM, at=at))


def left(account: Account, allowance: Allowance, *, at: datetime = AT + 100 * DAY) -> int:
    """Below zero where it is overdrawn."""
    view = balance_of(account=account, feature=allowance.feature, at=at, latest=True)
    assert isinstance(view.left, Decimal)
    return int(view.left - view.overage)


def held(case: Case) -> list[CaseCount]:
    return list(CaseCount.objects.filter(case=case, given_back_at__isnull=True))


RESOLVING, OPENING = CountedOn.RESOLVING, CountedOn.OPENING
