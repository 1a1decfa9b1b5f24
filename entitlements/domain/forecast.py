"""When will a limit be hit? Use by day so far → many ways the days ahead may go → a day, its interval, a probability.

**The rhythm** of an account's use is read from its last eight weeks: how much it uses on each day of the week, weeks
further back counting a little less. **A path** is one way the days ahead may go: on each day what is usual on that day
of the week, times how far some day that happened was from the usual, all times how far the level may have moved by
then (as weeks moved before). Of 400 paths, the share that reaches the limit before the reset is the probability; the
day by which two in five of them have reached it is the day that is told; 10 % and 90 % of them are its interval.

Days are UTC days; of today and of the day of the reset only the part that lies ahead counts. A limit counts as hit on
the day on which use reaches it (≥). Paths depend on the past alone, never on the limit or on what was used: so a
higher limit is never hit earlier, and more use never hits later. The same seed gives the same answer.

The figures below were chosen on two of five real series and judged on the others (benchmarks/forecast.py).
"""

import math
import random
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate, pairwise
from operator import mul
from statistics import fmean
from typing import TypeVar

Number = TypeVar("Number", int, float)

DAY = timedelta(days=1)
WEEK = 7
WEEKS = 8  # how far back a rhythm is read
ENOUGH_FOR_WEEKDAYS, ENOUGH_FOR_DAYS = 14, 3  # whole days known
DECAY = 0.9  # what a day counts against the same day of the week after
LIKE_ANY_OTHER = 0.5  # so many weeks of "like any other day" does each day of the week begin with
LEAST_DRIFT, MOST_DRIFT = 0.05, 0.6  # how far a level may move from week to week: a standard deviation of its log
UNKNOWN_DRIFT = 0.35  # where no two weeks can be compared
PATHS = 400
FARTHEST = 92  # days ahead, of what never starts again
LOW, TOLD, MIDDLE, HIGH = 0.1, 0.4, 0.5, 0.9  # TOLD: use grows more often than it shrinks, and late is the worse error


class Basis(StrEnum):
    """What a forecast goes by. The more is known, the better it is; it says which."""

    WEEKDAYS = "weekdays"  # two weeks and more: each day of the week by itself
    DAYS = "days"  # three days to two weeks: the days so far, all alike
    PERIOD = "period"  # fewer: use since the period began, evenly spread

    @property
    def words(self) -> str:
        return {
            Basis.WEEKDAYS: "by the days of the week of up to 8 weeks",
            Basis.DAYS: "by fewer than two weeks of use, all days alike: rough",
            Basis.PERIOD: "by the use of this period alone: a first guess",
        }[self]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day the limit is hit: None where fewer than that share of the paths hit it before the reset.

    `hits_on` is the day that is told (40 %), `low` the earliest and `high` the latest of four in five (10 % and 90 %).
    `expected_at_reset`: use when the period ends, if nothing stops it; of what never ends, 92 days ahead.
    """

    hits_on: date | None
    low: date | None
    high: date | None
    probability: float  # of hitting the limit before the reset, 0 to 1
    expected_at_reset: Decimal
    basis: Basis


@dataclass(frozen=True, slots=True)
class Ahead:
    """What will have been used by the end of a day: the middle of the paths, and four in five of them."""

    day: date
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Paths:
    """The ways the days ahead may go: what each will have added by the end of each day."""

    days: tuple[date, ...]
    sums: tuple[tuple[float, ...], ...]
    basis: Basis

    def forecast(self, *, used: Decimal, limit: Decimal) -> Forecast:
        need = float(limit - used)
        hits = sorted(0 if need <= 0 else bisect_left(path, need) for path in self.sums)
        added = fmean(path[-1] for path in self.sums)
        return Forecast(
            hits_on=self._day(hits, TOLD),
            low=self._day(hits, LOW),
            high=self._day(hits, HIGH),
            probability=sum(hit < len(self.days) for hit in hits) / len(hits),
            expected_at_reset=used + Decimal(round(added)),
            basis=self.basis,
        )

    def _day(self, hits: Sequence[int], share: float) -> date | None:
        hit = _quantile(hits, share)
        return self.days[hit] if hit < len(self.days) else None

    def ahead(self, *, used: Decimal) -> Iterator[Ahead]:
        """How use may go on, day by day: for drawing."""
        for number, day in enumerate(self.days):
            sums = sorted(path[number] for path in self.sums)
            low, middle, high = (float(used) + _quantile(sums, share) for share in (LOW, MIDDLE, HIGH))
            yield Ahead(day, low, middle, high)


def forecast(
    days: Mapping[date, Decimal],
    *,
    used: Decimal,
    limit: Decimal,
    at: datetime,
    starts_at: datetime | None = None,
    resets_at: datetime | None = None,
    stopped: Collection[date] = (),
    seed: int = 0,
) -> Forecast:
    """When the limit is hit, by the use of the days before the one of `at` and what was `used` in this period."""
    paths = simulate(days, used=used, at=at, starts_at=starts_at, resets_at=resets_at, stopped=stopped, seed=seed)
    return paths.forecast(used=used, limit=limit)


def simulate(
    days: Mapping[date, Decimal],
    *,
    used: Decimal,
    at: datetime,
    starts_at: datetime | None = None,
    resets_at: datetime | None = None,
    stopped: Collection[date] = (),
    seed: int = 0,
) -> Paths:
    """The ways the days from `at` to the reset may go. `days`: use by UTC day; a day without a figure had none.

    On `stopped` days the limit was reached, so that nobody knows what would have been used: they count as their like.
    A period that never starts again is looked at 92 days ahead. `used` and `starts_at` speak only where fewer than
    three whole days are known. Raises ValueError where the reset isn't ahead.
    """
    ahead = tuple(_days_ahead(at, resets_at))
    known = _whole_days(days, before=at.astimezone(UTC).date(), stopped=stopped)
    rhythm = _rhythm(known) if len(known) >= ENOUGH_FOR_DAYS else _even(used, starts_at, at, known)
    usual = [rhythm.usual(number) * part for number, (_, part) in enumerate(ahead)]
    chance = random.Random(seed)  # noqa: S311 - it draws days, not secrets
    sums = tuple(_path(usual, rhythm, chance) for _ in range(PATHS))
    return Paths(tuple(day for day, _ in ahead), sums, rhythm.basis)


def _days_ahead(at: datetime, resets_at: datetime | None) -> Iterator[tuple[date, float]]:
    """Each UTC day ahead, and which part of it lies between the two instants."""
    end = min(resets_at or at + FARTHEST * DAY, at + 366 * DAY)
    if end <= at:
        raise ValueError("The reset lies behind.")
    start = at.astimezone(UTC)
    while start < end:
        midnight = datetime.combine(start.date() + DAY, time(), UTC)
        yield start.date(), (min(midnight, end) - start) / DAY
        start = midnight


def _whole_days(days: Mapping[date, Decimal], *, before: date, stopped: Collection[date]) -> list[float]:
    """The use of each whole day of the last eight weeks, the latest last; the very first day is rarely a whole one."""
    known = [day for day in days if day < before]
    if not known:
        return []
    first = max(min(known) + DAY, before - WEEKS * WEEK * DAY)
    every = [first + number * DAY for number in range((before - first).days)]
    amounts = [max(float(days.get(day, 0)), 0.0) for day in every]
    free = [number for number, day in enumerate(every) if day not in stopped]
    for number in set(range(len(every))).difference(free) if free else ():
        like = [amounts[other] for other in free if (other - number) % WEEK == 0]
        amounts[number] = max(amounts[number], fmean(like or [amounts[other] for other in free]))
    return amounts


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """What is usual: a level, what each day of the week is of it (today first), and how far days were from it."""

    level: float
    weekdays: tuple[float, ...]
    ratios: tuple[float, ...]
    weights: tuple[float, ...]
    drift: float
    basis: Basis

    def usual(self, number: int) -> float:
        """What is usual on the day so many days from today."""
        return self.level * self.weekdays[number % WEEK]


def _path(usual: Sequence[float], rhythm: _Rhythm, chance: random.Random) -> tuple[float, ...]:
    level = math.exp(chance.gauss(0, rhythm.drift))
    drawn = chance.choices(rhythm.ratios, cum_weights=rhythm.weights, k=len(usual))
    return tuple(accumulate(one * ratio * level for one, ratio in zip(usual, drawn, strict=True)))


def _even(used: Decimal, starts_at: datetime | None, at: datetime, known: Sequence[float]) -> _Rhythm:
    """Nothing but the period's own use: spread evenly over the time it took, at least a day."""
    elapsed = max((at - starts_at) / DAY, 1.0) if starts_at else float(len(known) + 1)
    return _Rhythm(max(float(used), 0.0) / elapsed, (1.0,) * WEEK, (1.0,), (1.0,), MOST_DRIFT, Basis.PERIOD)


def _rhythm(known: Sequence[float]) -> _Rhythm:
    """A day counts by how recent it is and by how much is usual on it: of an idle Sunday little is to be learnt."""
    back = range(len(known) - 1, -1, -1)  # whole days between each and today, less one
    weights = [DECAY ** (days // WEEK) for days in back]
    level = sum(map(mul, known, weights)) / sum(weights)
    if level == 0:
        return _Rhythm(0.0, (1.0,) * WEEK, (1.0,), (1.0,), LEAST_DRIFT, _basis(known))
    weekdays = (1.0,) * WEEK if _basis(known) is Basis.DAYS else _weekdays(known, weights, level)
    parts = [weekdays[-(days + 1) % WEEK] for days in back]
    counts = list(map(mul, weights, parts))
    level = sum(map(mul, known, weights)) / sum(counts)
    ratios = tuple(one / (level * part) for one, part in zip(known, parts, strict=True))
    return _Rhythm(level, weekdays, ratios, tuple(accumulate(counts)), _drift(known), _basis(known))


def _basis(known: Sequence[float]) -> Basis:
    return Basis.WEEKDAYS if len(known) >= ENOUGH_FOR_WEEKDAYS else Basis.DAYS


def _weekdays(known: Sequence[float], weights: Sequence[float], level: float) -> tuple[float, ...]:
    """What each day of the week is of the level, today's first; seven of them make seven."""
    parts = []
    for weekday in range(WEEK):
        like = range((len(known) + weekday) % WEEK, len(known), WEEK)
        weight = sum(weights[day] for day in like) + LIKE_ANY_OTHER
        parts.append((sum(weights[day] * known[day] for day in like) + LIKE_ANY_OTHER * level) / (weight * level))
    whole = sum(parts) / WEEK
    return tuple(part / whole for part in parts)


def _drift(known: Sequence[float]) -> float:
    """How far the level moves from one week to the next; whole weeks, so that weekdays cancel out."""
    weeks = [sum(known[end - WEEK : end]) for end in range(len(known), WEEK - 1, -WEEK)]
    moves = [math.log(later / earlier) ** 2 for later, earlier in pairwise(weeks) if earlier and later]
    return min(max(math.sqrt(fmean(moves)), LEAST_DRIFT), MOST_DRIFT) if moves else UNKNOWN_DRIFT


def _quantile(ordered: Sequence[Number], share: float) -> Number:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
