"""Use as a drawing: lines and bars in a box of 1,000 × 400, to be stretched to any width; words stand beside it.

The first drawing is one period: what was used by the end of each day, the limit and the thresholds across it, and from
today on how it may go on. The second is the days by themselves, eight weeks before the period included.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Aggregation
from entitlements.domain.forecast import Ahead
from entitlements.domain.usage.pace import DAY, SHORTEST, Day, foreseeable
from entitlements.domain.usage.saying import said
from entitlements.queries.usage.series import Series
from entitlements.queries.usage.words import say_day, say_roughly

BROAD, TALL = 1000, 400
HEADROOM = 1.08
MOST_BARS = 120
WITHOUT_END = (56, 28)  # days back and ahead that are drawn of what never starts again
MOST_OF_THE_LIMIT = 2.0  # a forecast is drawn up to here


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the drawing (`at` from the top) or a word below it (`at` from the left), in percent."""

    at: float
    words: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    wide: float
    height: float
    words: str
    kind: str


@dataclass(frozen=True, slots=True)
class PeriodChart:
    """`used` and `ahead` are the points of lines, `band` those of an area; nothing where there is nothing to draw."""

    used: str
    ahead: str
    band: str
    across: tuple[Mark, ...]
    below: tuple[Mark, ...]
    hit: float | None
    today: float | None


@dataclass(frozen=True, slots=True)
class DaysChart:
    bars: tuple[Bar, ...]
    below: tuple[Mark, ...]
    most: str


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a day and an amount stand in the drawing."""

    first: date
    days: int
    top: float

    def x(self, day: date) -> float:
        """The day's end."""
        return round(min(((day - self.first).days + 1) / self.days, 1) * BROAD, 1)

    def now(self, at: datetime) -> float:
        begun = (at - datetime.combine(self.first, time(), UTC)) / DAY
        return round(min(begun / self.days, 1) * BROAD, 1)

    def y(self, amount: float) -> float:
        return round(TALL * (1 - min(max(amount / self.top, 0), 1)), 1)


def levels_of(series: Series, *, at: datetime) -> list[tuple[date, Decimal]]:
    """What had been used by the end of each day of the period; of what adds up, counted back from what it comes to."""
    first, last = drawn_days(series, at=at)
    days = [first + number * DAY for number in range((min(last, at.astimezone(UTC).date()) - first).days + 1)]
    if series.terms.aggregation is not Aggregation.SUM:
        return [(on, level) for on, level in _levels_kept(series, days)]
    total, found = series.used, []
    for on in reversed(days):
        found.append((on, max(total, Decimal(0))))
        total -= series.days[on].amount if on in series.days else 0
    return found[::-1]


def _levels_kept(series: Series, days: Sequence[date]) -> Iterator[tuple[date, Decimal]]:
    level = Decimal(0)
    for on in days:
        level = series.days[on].level if on in series.days else level
        yield on, level


def drawn_days(series: Series, *, at: datetime) -> tuple[date, date]:
    """The first and the last day of the drawing, both drawn."""
    period, today = series.period, at.astimezone(UTC).date()
    if period.end is None or period.start is None:
        back, ahead = WITHOUT_END
        return today - back * DAY, today + (ahead * DAY if foreseeable(series.terms, period) else timedelta())
    return period.start.astimezone(UTC).date(), (period.end - timedelta(microseconds=1)).astimezone(UTC).date()


def period_chart(series: Series, *, at: datetime) -> PeriodChart | None:
    """None where the period is too short to draw, or nothing was used and nothing limits it."""
    period = series.period
    if period.end is not None and period.start is not None and period.end - period.start < SHORTEST:
        return None
    if not series.days and not foreseeable(series.terms, period):
        return None  # of what is held only the present figure is known
    first, last = drawn_days(series, at=at)
    levels, ahead = levels_of(series, at=at), [one for one in series.ahead if one.day <= last]
    scale = _Scale(first, (last - first).days + 1, _top(series, levels, ahead))
    if scale.top == 0:
        return None
    points = list(_line(series, levels, scale, at=at))
    hit = series.forecast.hits_on if series.forecast else None
    return PeriodChart(
        used=_points(points),
        ahead=_points([points[-1], *((scale.x(one.day), scale.y(one.middle)) for one in ahead)]) if ahead else "",
        band=_points(_band(points[-1], ahead, scale)) if ahead else "",
        across=tuple(_across(series, scale)),
        below=(Mark(0, say_day(first)), *_hit_words(hit, scale), Mark(100, say_day(last))),
        hit=scale.x(hit) if hit and hit <= last else None,
        today=points[-1][0] if series.running else None,
    )


def _line(
    series: Series, levels: Sequence[tuple[date, Decimal]], scale: _Scale, *, at: datetime
) -> Iterator[tuple[float, float]]:
    """What adds up begins with nothing at the period's start; today ends at the moment."""
    adds = series.terms.aggregation is Aggregation.SUM and series.period.end is not None
    yield 0.0, scale.y(0.0 if adds else float(levels[0][1]))
    for number, (day, level) in enumerate(levels, start=1):
        now = number == len(levels) and series.running
        yield (scale.now(at) if now else scale.x(day)), scale.y(float(level))


def _hit_words(hit: date | None, scale: _Scale) -> Iterator[Mark]:
    if hit is not None:
        place = round(scale.x(hit) / BROAD * 100, 1)
        if 15 < place < 85:
            yield Mark(place, say_day(hit), "hit")


def _limit(series: Series) -> Decimal | None:
    limit = series.terms.limit
    return None if limit is UNLIMITED or limit <= 0 or series.terms.answer.each_of is not None else limit


def _top(series: Series, levels: Sequence[tuple[date, Decimal]], ahead: Sequence[Ahead]) -> float:
    """The amount at the upper edge: all that was used and the limit fit; a forecast that goes far beyond is cut."""
    limit = float(_limit(series) or 0)
    used = max([float(level) for _, level in levels] + [float(series.used)])
    most = max((one.high for one in ahead), default=0.0)
    return max(used, min(most, limit * MOST_OF_THE_LIMIT) if limit else most, limit) * HEADROOM


def _across(series: Series, scale: _Scale) -> Iterator[Mark]:
    limit = _limit(series)
    if limit is None:
        return
    words = said(limit, series.terms)
    for one in series.terms.thresholds:
        height = scale.y(float(limit) * one.percent / 100)
        if one.percent != 100 and height > 0:
            yield Mark(round(height / TALL * 100, 2), f"{one.percent} %", "threshold")
    yield Mark(round(scale.y(float(limit)) / TALL * 100, 2), f"Limit {words}", "limit")


def _band(start: tuple[float, float], ahead: Sequence[Ahead], scale: _Scale) -> list[tuple[float, float]]:
    up = [(scale.x(one.day), scale.y(one.high)) for one in ahead]
    down = [(scale.x(one.day), scale.y(one.low)) for one in reversed(ahead)]
    return [start, *up, *down]


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def days_chart(series: Series, *, at: datetime) -> DaysChart | None:
    """The days of the period and of the eight weeks before it; None where nothing was used in any of them."""
    first, last = drawn_days(series, at=at)
    last = min(last, at.astimezone(UTC).date())
    known = [day.on for day in series.days.values() if day.on <= last and day.amount > 0]
    if not known:
        return None
    begin = max(min(known), last - (MOST_BARS - 1) * DAY)
    days = [begin + number * DAY for number in range((last - begin).days + 1)]
    most = max(series.days[on].amount for on in known if on >= begin)
    below = [Mark(0, say_day(begin))]
    start = (first - begin).days / len(days) * 100
    if series.period.end is not None and 20 < start < 80:
        below.append(Mark(round(start, 1), f"{say_day(first)}: this period", "start"))
    below.append(Mark(100, say_day(last)))
    bars = tuple(_bars(series, days, most, first))
    return DaysChart(bars, tuple(below), say_roughly(most, series.terms))


def _bars(series: Series, days: Sequence[date], most: Decimal, start: date) -> Iterator[Bar]:
    wide = BROAD / len(days)
    for number, on in enumerate(days):
        day = series.days.get(on, Day(on, Decimal(0), Decimal(0)))
        height = round(max(float(day.amount / most), 0) * TALL, 1)
        kind = "now" if on >= start or series.period.end is None else "before"
        words = f"{say_day(on)}: {say_roughly(day.amount, series.terms)}"
        yield Bar(round(number * wide, 2), round(TALL - height, 1), round(wide * 0.8, 2), height, words, kind)
