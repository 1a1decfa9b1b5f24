"""What intake came to, week by week: counted by the database, in as many reads for a hundred thousand tickets as for ten.

Nothing here writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Window
from django.db.models.functions import RowNumber

from support.domain.intake.measuring import Cost, Deflection, cost, interval
from support.domain.intake.outcomes import Outcome
from support.queries.intake.sets import SETS, rows_of, with_cases, with_machine
from support.queries.intake.spans import Span

COUNTED = (
    "tickets", *(f"outcome_{one.value}" for one in Outcome), "by_itself", "held", "at_once", "open", "waited", "samples",
    "samples_reviewed", "samples_wrong", "handled", "read",
)  # fmt: skip
AGREED = ("reviewed", "agreed", "disagreed")
DEFLECTED = ("deflecting", "deflected", "followed", "unknown")
SHARES = (50, 95)

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Marks:
    """So many, of which half took no longer than `half`, and 95 of a hundred no longer than `most`."""

    of: int
    half: Any
    most: Any


@dataclass(frozen=True, slots=True)
class Week:
    """What was counted of one week, by the names of sets."""

    number: int
    counts: Counts
    waited: Marks | None = None
    took: Marks | None = None
    read: Marks | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    weeks: tuple[Week, ...]
    total: Counts
    reasons: Counts = field(default_factory=dict)

    @property
    def deflection(self) -> Deflection:
        return Deflection(self.total["deflecting"], self.total["deflected"], self.total["followed"])

    def cost(self, per_ticket: int) -> Cost:
        return cost(handled=self.total["handled"], deflected=self.total["deflected"], per_ticket=per_ticket)


def figures(span: Span) -> Figures:
    """Six reads."""
    found: dict[int, Counts] = {number: {} for number in range(len(span.starts))}
    _count(found, with_machine(span.rows()), (*COUNTED, *AGREED))
    _count(found, with_cases(span.rows(), span), DEFLECTED)
    lasted = ExpressionWrapper(F("settled_at") - F("at"), output_field=DurationField())
    waited = _marks(rows_of("waited", span), lasted)
    took = _marks(rows_of("tickets", span), F("took_us"))
    read = _marks(rows_of("read", span), F("read_us"))
    weeks = [
        Week(number, counts, waited.get(number), took.get(number), read.get(number))
        for number, counts in sorted(found.items())
    ]
    total = {name: sum(week.counts[name] for week in weeks) for name in (*COUNTED, *AGREED, *DEFLECTED)}
    return Figures(tuple(weeks), total, _reasons(span))


def agreement_of(counts: Mapping[str, int], *, whole: str = "reviewed", part: str = "agreed") -> tuple[float, float]:
    """The interval in which the share lies."""
    return interval(counts[part], counts[whole])


def _count(found: dict[int, Counts], rows: Any, names: Sequence[str]) -> None:
    """`n_` before each name, so that none is taken for a column."""
    asked = {f"n_{name}": Count("pk", filter=SETS[name]) for name in names}
    for counts in found.values():
        counts.update(dict.fromkeys(names, 0))
    for row in rows.values("week").annotate(**asked):
        found[row["week"]].update({name: row[f"n_{name}"] for name in names})


def _reasons(span: Span) -> Counts:
    rows = rows_of("outcome_hold", span).values("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return {row["reason"]: row["n"] for row in rows}


def _marks(rows: Any, value: Any) -> dict[int, Marks]:
    """By week: of all values in their order the one in the middle, and the one that 95 of a hundred don't exceed."""
    in_order = Window(RowNumber(), partition_by=[F("week")], order_by=[value.asc(), F("pk").asc()])
    placed = rows.annotate(value=value, place=in_order, of=Window(Count("pk"), partition_by=[F("week")]))
    wanted = Q()
    for share in SHARES:
        wanted |= Q(place=(F("of") * share + 99) / 100)
    found: dict[int, dict[int, Any]] = {}
    sizes: dict[int, int] = {}
    for week, place, of, one in placed.filter(wanted).values_list("week", "place", "of", "value"):
        found.setdefault(week, {})[place] = one
        sizes[week] = of
    return {week: Marks(of, *(found[week][(of * share + 99) // 100] for share in SHARES)) for week, of in sizes.items()}
