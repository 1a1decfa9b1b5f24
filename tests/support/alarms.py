"""A promise whose clocks call people, and cases under it: around the clock, so that hours can be read off the test."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from entitlements.models import Account
from journal.models import Notice
from support.domain.milestones import MilestoneKind, Trigger
from support.domain.targets import TargetUnit
from support.models import Case, CaseAlert, Clock, Severity, SlaPolicy, SlaPolicyVersion, Team
from tests.support.casework import OPENED, holder, opened
from tests.support.factories import (
    MilestoneFactory,
    SeverityFactory,
    SlaPolicyFactory,
    SlaPolicyVersionFactory,
    SlaTargetFactory,
    TeamFactory,
)
from tests.support.world import START, kept

WARNS = {"amount": -30, "unit": "minutes", "tells": ["team", "assignee"]}
ESCALATES = {"amount": 60, "unit": "minutes", "tells": ["owner", "boss@desk.example"], "raise_to": "urgent"}
STARTS = {"first_response": Trigger.OPENED, "resolution": Trigger.OPENED, "next_response": Trigger.CUSTOMER_MESSAGE}
STOPS = {"resolution": Trigger.RESOLVED}


def promise(
    targets: dict[str, Sequence[int]], *, tier: str = "standard", steps: Sequence[dict[str, Any]] = (), **more: Any
) -> SlaPolicyVersion:
    """In force: minutes for urgent, high and low by milestone."""
    policy = SlaPolicy.objects.filter(tier=tier).first() or SlaPolicyFactory(tier=tier, name=tier.capitalize())
    version = SlaPolicyVersionFactory(policy=policy)
    known = {row.key: row for row in Severity.objects.all()}
    for position, (key, minutes) in enumerate(targets.items()):
        row = MilestoneFactory(
            version=version, key=key, name=key.replace("_", " ").capitalize(), kind=MilestoneKind(key),
            starts=STARTS[key], stops=STOPS.get(key, Trigger.PUBLIC_REPLY), steps=list(steps), position=position,
            **more,
        )  # fmt: skip
        for severity, amount in zip(("urgent", "high", "low"), minutes, strict=False):
            if amount:
                SlaTargetFactory(milestone=row, severity=known[severity], amount=amount, unit=TargetUnit.MINUTES)
    return version


def severities() -> None:
    for position, key in enumerate(("urgent", "high", "low")):
        SeverityFactory(key=key, name=key.capitalize(), position=position)


def in_force(version: SlaPolicyVersion, at: datetime = START) -> SlaPolicyVersion:
    version.state, version.in_force_from = "in_force", at
    return kept(version)


def alarmed(steps: Sequence[dict[str, Any]] = (WARNS, ESCALATES)) -> Account:
    """First response within 30, 120 and 240 minutes: warned half an hour ahead, escalated an hour later."""
    severities()
    in_force(promise({"first_response": (30, 120, 240)}, steps=steps))
    return holder()


def team(key: str = "frontline") -> Team:
    return TeamFactory(key=key, name=key.capitalize(), email=f"{key}@desk.example")


def case_of(account: Account | None, *, at: datetime = OPENED, **told: Any) -> Case:
    """Opened and heard of at the same instant, assigned to Ana of the front line."""
    Team.objects.filter(key="frontline").exists() or team()
    told = {"opened_at": at, "team": "frontline", "assignee": "ana@desk.example", **told}
    return opened(account, at=at, **told)


def alerts(case: Case | None = None) -> list[tuple[str, float, list[str]]]:
    """What was recorded: what kind, how many hours after the usual opening, and to whom it was told."""
    rows = CaseAlert.objects.filter(**({} if case is None else {"case": case})).order_by("at", "pk")
    return [(row.kind, (row.at - OPENED).total_seconds() / 3600, row.told_to) for row in rows]


def mails() -> list[tuple[str, str]]:
    return list(Notice.objects.filter(kind="case_alert").order_by("pk").values_list("recipient", "subject"))


def next_at(case: Case) -> datetime | None:
    return Clock.objects.get(case=case).next_at
