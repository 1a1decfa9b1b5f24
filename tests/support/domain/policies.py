"""Policies as a support manager would write them down, for the tables in these tests."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from support.domain.milestones import MilestoneKind, MilestoneTerms, Promised, Signal
from support.domain.policy_checks import faults_of
from support.domain.policy_draft import DraftRule, PolicyDraft, usual_milestone
from support.domain.policy_faults import Fault, Known, KnownCalendar
from support.domain.step_text import read_steps
from support.domain.target_text import read_target
from tests.support.domain.desks import desk, table

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SEVERITIES = {"urgent": "Urgent", "high": "High", "normal": "Normal", "low": "Low"}
OFFICE = desk("mon-fri 09:00-17:00")
KNOWN = Known(
    at=AT,
    severities=SEVERITIES,
    calendars={
        "office": KnownCalendar("Office hours", OFFICE),
        "night": KnownCalendar("Night desk", desk("mon-sun 20:00-28:00")),
        "tuesday": KnownCalendar("Tuesdays", desk("tue 10:00-10:01")),
        "drafted": KnownCalendar("Drafted hours", None),
        "fairs": KnownCalendar("Fairs", desk("mon", overrides={"2026-03-03": "09:00-17:00"})),
    },
    markets={"europe": "Europe"},
)
KINDS = {"first": "first_response", "next": "next_response", "update": "update", "resolution": "resolution"}


def milestone(kind: str, steps: str = "", **terms: Any) -> MilestoneTerms:
    """ "first", "next", "update", "resolution" or "own", as usual but for what is said."""
    usual = usual_milestone(MilestoneKind(KINDS.get(kind, kind)))
    return replace(usual, steps=read_steps(steps, severities=SEVERITIES), **terms)


def policy(cells: str, *milestones: MilestoneTerms, rules: Iterable[DraftRule] = ()) -> PolicyDraft:
    """A table "milestone | severity | channel | target | calendar"; milestones it names are there, as usual."""
    targets = {
        (KINDS.get(kind, kind), severity, channel): Promised(read_target(typed), calendar or None)
        for kind, severity, channel, typed, calendar in table(cells)
    }
    given = {one.key: one for one in milestones}
    usual = [usual_milestone(kind) for kind in MilestoneKind if kind is not MilestoneKind.OWN]
    named = [given.pop(one.key, one) for one in usual if one.key in given or any(c[0] == one.key for c in targets)]
    return PolicyDraft(milestones=(*named, *given.values()), targets=targets, rules=tuple(rules))


def rule(**said: Any) -> DraftRule:
    """By half while a renewal is within 60 days, until 2030, but for what is said."""
    usual: dict[str, Any] = {
        "signal": Signal.RENEWAL_WITHIN,
        "value": "60",
        "percent": 50,
        "ends_at": datetime(2030, 1, 1, tzinfo=UTC),
        "reason": "Renewals deserve care.",
    }
    return DraftRule(**usual | said)


def errors(draft: PolicyDraft) -> list[Fault]:
    return [fault for fault in faults_of(draft, known=KNOWN) if not fault.caution]


def cautions(draft: PolicyDraft) -> list[Fault]:
    return [fault for fault in faults_of(draft, known=KNOWN) if fault.caution]
