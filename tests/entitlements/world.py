"""A small world for tests of entitlements: a catalog of two plans and an add-on, and customers who hold them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.domain.rollouts import Audience
from catalog.domain.values import UNLIMITED, AddOnEffect, PlanKind, TermState, Value
from catalog.models import Feature, Plan, PlanTerm, PlanVersion
from entitlements.actions.accounts import open_account
from entitlements.actions.policies import set_policy
from entitlements.actions.subscriptions import start
from entitlements.domain.policy import Concession
from entitlements.domain.resolution import Resolution
from entitlements.models import Account, Subscription
from entitlements.queries.entitlements import entitlements_of
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import (
    EPOCH,
    FeatureFactory,
    PlanFactory,
    PlanVersionFactory,
    SeatsFactory,
    StorageFactory,
    TierFactory,
    publish_now,
)
from tests.remembered import remembered

GB = Decimal(10**9)
DAY = timedelta(days=1)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Catalog:
    storage: Feature
    seats: Feature
    sso: Feature
    tier: Feature
    free: Plan
    team: Plan


@remembered
def catalog() -> Catalog:
    """Free: 1 GB, 2 seats. Team: 100 GB, 10 seats, single sign-on, smart CDN; its trial falls back to Free."""
    storage, seats = StorageFactory(key="storage", name="Storage"), SeatsFactory(key="seats", name="Seats")
    sso, tier = FeatureFactory(key="sso", name="Single sign-on"), TierFactory(key="tier", name="Tier")
    free, team = PlanFactory(key="free", name="Free"), PlanFactory(key="team", name="Team")
    publish_plan(free, {storage: 1 * GB, seats: Decimal(2)})
    publish_plan(team, {storage: 100 * GB, seats: Decimal(10), sso: True, tier: "smart"}, after_trial=free)
    return Catalog(storage, seats, sso, tier, free, team)


def publish_plan(
    plan: Plan,
    gives: dict[Feature, Value],
    *,
    at: datetime = EPOCH,
    audience: Audience = Audience.NOW,
    effective_at: datetime | None = None,
    cohort_key: str = "",
    **version: Any,
) -> PlanVersion:
    draft = PlanVersionFactory(plan=plan, **version)
    for feature, value in gives.items():
        keep(term(draft, feature, value), deed=begin(by=SYSTEM, at=at))
    return publish_now(draft, at=at, audience=audience, effective_at=effective_at, cohort_key=cohort_key)


def term(draft: PlanVersion, feature: Feature, value: Value, **columns: Any) -> PlanTerm:
    state = TermState.UNLIMITED if value is UNLIMITED else TermState.VALUE
    row = PlanTerm(version=draft, feature=feature, state=state, typed_unit=feature.unit, **columns)
    row.set_value(value, shape=feature.shape)
    return row


def add_on(key: str, gives: dict[Feature, Value], *, effect: AddOnEffect = AddOnEffect.ADDS) -> Plan:
    plan = PlanFactory(key=key, name=key.title(), kind=PlanKind.ADD_ON, effect=effect)
    publish_plan(plan, gives)
    return plan


def account(key: str = "acme", *, zone: str = "Europe/Amsterdam", at: datetime = AT - 10 * DAY, **more: Any) -> Account:
    return open_account(key=key, name=more.pop("name", key.title()), zone=zone, by=SYSTEM, at=at, **more)


def subscribed(held_by: Account, plan: Plan, *, at: datetime = AT - 10 * DAY, **more: Any) -> Subscription:
    return start(account=held_by, plan=plan, by=SYSTEM, at=at, **more)


def policy(role: str = "sales", *, days: int = 90, percent: int = 50, times: int = 2) -> None:
    """What the role may concede alone: overrides and denials for so many days, trials by 14 days so often."""
    limits = {"by": SYSTEM, "at": AT - 20 * DAY}
    set_policy(role=role, concession=Concession.OVERRIDE, max_days=days, max_percent=percent, max_times=None, **limits)
    set_policy(role=role, concession=Concession.DENIAL, max_days=days, max_percent=None, max_times=None, **limits)
    set_policy(
        role=role, concession=Concession.TRIAL_EXTENSION, max_days=14, max_percent=None, max_times=times, **limits
    )


def answer(held_by: Account, feature: str, at: datetime, *, known_at: datetime | None = None) -> Resolution:
    return entitlements_of(account=held_by, at=at, known_at=known_at)[feature]


def value(held_by: Account, feature: str, at: datetime, *, known_at: datetime | None = None) -> Value | None:
    return answer(held_by, feature, at, known_at=known_at).value
