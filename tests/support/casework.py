"""Cases to work on: a promise with milestones of every kind, a customer who holds it, and short ways to say what happened."""

from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.domain.values import ConfigType, Kind
from catalog.models import Feature, FeatureGroup, FeatureRevision
from entitlements.domain.facts import Mode
from entitlements.models import Account, Override
from entitlements.models.account import IdentifierKind
from entitlements.models.override import OverrideState
from journal.domain.actor import SYSTEM
from support.actions.cases.noting import note
from support.actions.cases.opening import open_case
from support.domain.case_events import Channel, EventKind
from support.domain.milestones import Measured, MilestoneKind, Recurrence, Trigger
from support.domain.targets import TargetUnit
from support.models import BusinessCalendar, Case, Clock, SlaPolicyVersion
from tests.entitlements.factories import AccountFactory
from tests.support.factories import (
    CalendarVersionFactory,
    MilestoneFactory,
    SeverityFactory,
    SlaPolicyFactory,
    SlaPolicyVersionFactory,
    SlaTargetFactory,
)
from tests.support.world import START, TIERS, findable, kept

OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
NOW = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
BUSINESS = TargetUnit.BUSINESS_MINUTES

# key, kind, start, stop, more, minutes for high and low
MILESTONES: tuple[tuple[str, MilestoneKind, Trigger, Trigger, dict[str, Any], tuple[int, int]], ...] = (
    ("first_response", MilestoneKind.FIRST_RESPONSE, Trigger.OPENED, Trigger.PUBLIC_REPLY, {}, (60, 240)),
    ("next_response", MilestoneKind.NEXT_RESPONSE, Trigger.CUSTOMER_MESSAGE, Trigger.PUBLIC_REPLY, {}, (120, 240)),
    (
        "update", MilestoneKind.UPDATE, Trigger.OPENED, Trigger.PUBLIC_REPLY,
        {"recurrence": Recurrence.SEQUENTIAL, "measured": Measured.FROM_CHANGE}, (240, 480),
    ),
    (
        "resolution", MilestoneKind.RESOLUTION, Trigger.OPENED, Trigger.RESOLVED,
        {"pauses_while": ["waiting", "on_hold"]}, (480, 960),
    ),
    ("workaround", MilestoneKind.OWN, Trigger.BY_HAND, Trigger.BY_HAND, {}, (120, 240)),
)  # fmt: skip


def hour(number: float) -> datetime:
    """So many hours after the usual opening."""
    return OPENED + timedelta(hours=number)


def severities() -> None:
    for position, key in enumerate(("high", "low")):
        SeverityFactory(key=key, name=key.capitalize(), position=position)


def policy(tier: str = "standard", *, calendar: BusinessCalendar | None = None) -> SlaPolicyVersion:
    """In force: every kind of milestone, for high and low, in business time Monday to Friday 06:00–18:00."""
    from support.models import Severity

    calendar = calendar or CalendarVersionFactory(calendar__key=f"hours_{tier}").calendar
    version = SlaPolicyVersionFactory(policy=SlaPolicyFactory(tier=tier, name=tier.capitalize()))
    known = {row.key: row for row in Severity.objects.all()}
    for position, (key, kind, starts, stops, more, minutes) in enumerate(MILESTONES):
        name = key.replace("_", " ").capitalize()
        row = MilestoneFactory(
            version=version, key=key, name=name, kind=kind, starts=starts, stops=stops, position=position, **more
        )
        for severity, amount in zip(("high", "low"), minutes, strict=True):
            SlaTargetFactory(milestone=row, severity=known[severity], amount=amount, unit=BUSINESS, calendar=calendar)
    version.state, version.in_force_from = "in_force", START
    return kept(version)


def tier_feature() -> Feature:
    feature = kept(
        Feature(
            key="support_tier", name="Support tier", group=kept(FeatureGroup(key="support", name="Support")),
            kind=Kind.CONFIG, config_type=ConfigType.RANKED, choices=TIERS,
        )
    )  # fmt: skip
    kept(FeatureRevision(feature=feature, effective_at=START))
    return feature


def holder(key: str = "acme", tier: str = "standard", **facts: Any) -> Account:
    """A customer who holds the tier by an override, so that no plan is needed; found by its key and its domain."""
    account = AccountFactory(key=key, name=key.capitalize(), **facts)
    findable(account, IdentifierKind.KEY, key)
    findable(account, IdentifierKind.DOMAIN, f"{key}.example")
    feature = Feature.objects.filter(key="support_tier").first() or tier_feature()
    kept(
        Override(
            account=account, feature=feature, mode=Mode.REPLACE, text=tier, starts_at=START, ends_at=START.replace(year=2030),
            reason="For a test", state=OverrideState.APPROVED, requested_at=START, requested_by="Ana",
            approved_at=START, approved_by="Bo",
        )
    )  # fmt: skip
    return account


def world() -> Account:
    """Severities, a promise in force, and a customer who holds it."""
    severities()
    policy()
    return holder()


def opened(account: Account | None, *, at: datetime = NOW, **told: Any) -> Case:
    """A case of high severity, opened at the usual hour."""
    told = {"subject": "Export stops", "channel": Channel.EMAIL, "severity": "high", "opened_at": OPENED, **told}
    return open_case(account=account, by=SYSTEM, at=at, **told)


def happened(case: Case, kind: EventKind, at: datetime, to: str = "", **told: Any) -> Any:
    return note(case=case, kind=kind, by=SYSTEM, at=max(at, NOW), happened_at=at, to=to, **told)


def clock(case: Case, milestone: str, run: int = 1) -> Clock:
    return Clock.objects.get(case=case, milestone=milestone, run=run)


def rows(case: Case) -> list[dict[str, Any]]:
    """Every clock as it is written, apart from its number."""
    told = Clock.objects.filter(case=case).order_by("milestone", "run").values()
    return [{name: value for name, value in row.items() if name not in ("id", "case_id", "promise_id")} for row in told]
