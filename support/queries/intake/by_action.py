"""How often staff decided otherwise than the machine did or proposed, action by action. Nothing here writes."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from support.domain.intake.outcomes import Outcome
from support.models import IntakeDecision
from support.queries.intake.sets import rows_of
from support.queries.intake.spans import Span

COUNTED = ("reviewed", "disagreed")


@dataclass(frozen=True, slots=True)
class Told:
    """What the machine made of tickets that a person looked at, and how often the person decided otherwise."""

    outcome: Outcome
    reviewed: int
    disagreed: int


def by_action(span: Span) -> tuple[Told, ...]:
    """One read; outcomes that nobody looked at are left out."""
    otherwise = Count("pk", filter=~Q(machine=F("settled_outcome")))
    reviewed: Any = rows_of("reviewed", span)  # which have `machine`
    rows = reviewed.values("machine").annotate(of=Count("pk"), otherwise=otherwise)
    found = {row["machine"]: row for row in rows}
    return tuple(Told(one, found[one]["of"], found[one]["otherwise"]) for one in Outcome if one.value in found)


def rows_by_action(name: str, span: Span, outcome: Outcome, *, week: int | None = None) -> QuerySet[IntakeDecision]:
    """The rows that one of these counts."""
    counted: Any = rows_of(name, span, week=week)
    found: QuerySet[IntakeDecision] = counted.filter(machine=outcome)
    return found
