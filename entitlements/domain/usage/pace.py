"""Where use is heading: which features a forecast makes sense of, and what it goes by.

What adds up over a period of some days can be foreseen from its days. What is held (seats), a peak, an average or a
latest level isn't used up day by day; distinct things come fast at first and slowly later, for each counts once; and
credits are used up by their own rules. Of these nothing is foreseen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Aggregation, Enforcement, Kind
from catalog.domain.window import Window
from entitlements.domain.forecast import WEEK, WEEKS, Paths, simulate
from entitlements.domain.usage.terms import UseTerms

DAY = timedelta(days=1)
SHORTEST = 3 * DAY  # what starts again sooner is over before anybody has read of it
SURE = 0.8  # from this probability on people are told
LOOKED_BACK = timedelta(days=WEEKS * WEEK + 1)  # the first of the days is never taken as a whole one


@dataclass(frozen=True, slots=True)
class Day:
    """What came in on a day (UTC), and what the counter said after the last of it."""

    on: date
    amount: Decimal
    level: Decimal


def foreseeable(terms: UseTerms, period: Window) -> bool:
    """Whether a forecast can be made of the feature's use."""
    adds_up = terms.shape.kind is Kind.METERED and terms.aggregation is Aggregation.SUM
    long = period.end is None or period.start is None or period.end - period.start >= SHORTEST
    return adds_up and long and terms.answer.each_of is None


def bound(terms: UseTerms) -> Decimal | None:
    """The amount whose hitting matters: the limit, less what is kept back of a hard one; None where there is none, or
    each seat has its own."""
    limit = terms.limit
    if limit is UNLIMITED or limit <= 0 or terms.answer.each_of is not None:
        return None
    if terms.answer.enforcement is Enforcement.HARD and terms.answer.overage_percent is None:
        return Decimal(int(limit) * (100 - terms.buffer_percent) // 100)
    return limit


def paths_of(
    terms: UseTerms, period: Window, *, used: Decimal, days: Mapping[date, Day], at: datetime, seed: int
) -> Paths | None:
    """How use may go on until the reset; None where nothing can be foreseen, or the period is over."""
    if not foreseeable(terms, period) or (period.end is not None and period.end <= at):
        return None
    return simulate(
        {on: day.amount for on, day in days.items()},
        used=used,
        at=at,
        starts_at=period.start,
        resets_at=period.end,
        stopped=frozenset(_stopped(terms, days, at=at)),
        seed=seed,
    )


def _stopped(terms: UseTerms, days: Mapping[date, Day], *, at: datetime) -> Iterator[date]:
    """The days on which nothing more was let through: from the one that came to a hard limit until use started again."""
    most = bound(terms)
    if most is None or terms.answer.enforcement is not Enforcement.HARD or not days:
        return
    first, today, level = min(days), at.astimezone(UTC).date(), Decimal(0)
    for on in (first + number * DAY for number in range((today - first).days)):
        if on in days:
            level = days[on].level
        elif _starts_on(terms, on):
            level = Decimal(0)  # it has started again, and nobody has used it yet
        if level >= most:
            yield on


def _starts_on(terms: UseTerms, on: date) -> bool:
    start = terms.period(datetime(on.year, on.month, on.day, 23, 59, tzinfo=UTC)).start
    return start is not None and start.astimezone(UTC).date() == on
