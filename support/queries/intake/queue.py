"""Tickets that want a person: held ones, those that wait for an answer, samples, blocked ones. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Min, Q, QuerySet

from support.domain.case_events import ClockState
from support.domain.intake.outcomes import Outcome
from support.domain.intake.settings import Stage
from support.models import IntakeDecision

PRESSING = timedelta(hours=1)  # a clock that is due sooner is marked


class Tab(StrEnum):
    HELD = "held"
    WAITING = "waiting"
    SAMPLES = "samples"
    BLOCKED = "blocked"


WANTED: dict[Tab, Q] = {
    Tab.HELD: Q(stage=Stage.HELD),
    Tab.WAITING: Q(stage=Stage.WAITING),
    Tab.SAMPLES: Q(stage=Stage.DECIDED, sampled=True),
    Tab.BLOCKED: Q(stage=Stage.DECIDED, outcome=Outcome.BLOCK),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One of them in its list. `due_at` is when the first clock of its case is due."""

    row: IntakeDecision
    due_at: datetime | None
    pressing: bool


def tickets(tab: Tab) -> QuerySet[IntakeDecision]:
    """The oldest first."""
    return IntakeDecision.objects.filter(WANTED[tab], settled_at__isnull=True).order_by("at", "pk")


def counts() -> dict[Tab, int]:
    """How many of each, in one read."""
    open_ones = IntakeDecision.objects.filter(settled_at__isnull=True).exclude(stage=Stage.ASKED)
    found = open_ones.order_by().aggregate(**{tab.value: Count("pk", filter=wanted) for tab, wanted in WANTED.items()})
    return {tab: found[tab.value] for tab in Tab}


def lines(tab: Tab, *, at: datetime, start: int, most: int) -> list[Line]:
    """Some of them, with the clocks of their cases."""
    running = Q(case__clocks__state=ClockState.RUNNING)
    rows = tickets(tab).select_related("account", "case").annotate(due=Min("case__clocks__due_at", filter=running))
    found = [(row, row.due) for row in rows[start : start + most]]
    return [Line(row, due, due is not None and due < at + PRESSING) for row, due in found]


def place_of(row: IntakeDecision, tab: Tab) -> int:
    """How many stand before it."""
    return tickets(tab).filter(Q(at__lt=row.at) | Q(at=row.at, pk__lt=row.pk)).count()


def soonest(tab: Tab) -> IntakeDecision | None:
    """The one whose case has a clock that is due before all others."""
    running = Q(case__clocks__state=ClockState.RUNNING, case__clocks__due_at__isnull=False)
    rows = tickets(tab).filter(running).annotate(due=Min("case__clocks__due_at", filter=running))
    return rows.order_by("due", "at", "pk").first()


def next_of(row: IntakeDecision, tab: Tab) -> IntakeDecision | None:
    """The one that follows it; of the last, none."""
    return tickets(tab).filter(Q(at__gt=row.at) | Q(at=row.at, pk__gt=row.pk)).first()


def before(row: IntakeDecision, tab: Tab) -> IntakeDecision | None:
    earlier = tickets(tab).filter(Q(at__lt=row.at) | Q(at=row.at, pk__lt=row.pk))
    return earlier.order_by("-at", "-pk").first()


def tab_of(row: IntakeDecision) -> Tab | None:
    """Where it stands; None where nobody is asked about it."""
    if row.settled_at is not None:
        return None
    if row.stage == Stage.HELD:
        return Tab.HELD
    if row.stage == Stage.WAITING:
        return Tab.WAITING
    if row.stage == Stage.DECIDED and row.sampled:
        return Tab.SAMPLES
    return Tab.BLOCKED if row.stage == Stage.DECIDED and row.outcome == Outcome.BLOCK else None


def last_settled(name: str) -> IntakeDecision | None:
    """What this person decided last."""
    return IntakeDecision.objects.filter(settled_by=name).order_by("-settled_at", "-pk").first()
