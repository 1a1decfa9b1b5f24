"""Which of two targets is due first, when they count in different time.

Four business hours and five hours around the clock can't be compared as numbers: on a Monday morning the one is
sooner, on a Friday evening the other. So both are reckoned for cases opened every two hours over a plain week: in
January, where no zone of the world changes its clocks in most years, without public holidays and days of other hours.
Targets in the same time are compared as numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from support.domain.calendar import Calendar
from support.domain.clock_words import WEEKDAYS
from support.domain.milestones import Promised
from support.domain.targets import TargetUnit, due_at

MONDAY = datetime(2024, 1, 8, tzinfo=UTC)
FAR = 520  # weeks; nobody waits so long, and reckoning it would take as long
STARTS = tuple(MONDAY + timedelta(hours=2 * number) for number in range(84))


def plain_week(hours: Calendar | None) -> Calendar | None:
    """The hours of an ordinary week; None where only single days are ever open, so that nothing can count by them."""
    if hours is None or not any(hours.weekly.values()):
        return None
    return replace(hours, holidays=frozenset(), overrides={})


@dataclass(slots=True)
class PromisedTimes:
    """Due times over the plain week, each worked out once. `weeks` are by the calendar's key; what has none is None."""

    weeks: Mapping[str, Calendar | None]
    known: dict[tuple[object, ...], tuple[datetime, ...] | None] = field(default_factory=dict)

    def of(self, promised: Promised) -> tuple[datetime, ...] | None:
        """For each of STARTS; None where it can't be reckoned."""
        what = (promised.target, promised.calendar)
        if what not in self.known:
            self.known[what] = self._reckon(promised)
        return self.known[what]

    def hours_of(self, promised: Promised) -> Calendar | None:
        """By which hours it counts; None where there are none."""
        if promised.target.unit is TargetUnit.MINUTES:
            return Calendar.around_the_clock()
        return self.weeks.get(promised.calendar) if promised.calendar is not None else None

    def earlier(self, one: Promised, other: Promised) -> datetime | None:
        """The first start from which the one is due before the other; None if never, or if that can't be said."""
        if self.alike(one, other):
            return STARTS[0] if one.target.amount < other.target.amount else None
        dues, others = self.of(one), self.of(other)
        if dues is None or others is None:
            return None
        return next((at for at, a, b in zip(STARTS, dues, others, strict=True) if a < b), None)

    def say_example(self, start: datetime, *promises: Promised) -> str:
        """ "opened on Friday at 18:00", by the wall clock of the hours at stake."""
        named = (self.weeks.get(one.calendar) for one in promises if one.calendar is not None)
        zone = next((hours.zone for hours in named if hours is not None), "UTC")
        local = start.astimezone(ZoneInfo(zone))
        return f"opened on {WEEKDAYS[local.weekday()]} at {local:%H:%M}"

    def alike(self, one: Promised, other: Promised) -> bool:
        """Whether both count in the same time, so that their numbers say which is sooner."""
        if one.target.unit is not other.target.unit:
            return False
        return one.target.unit is TargetUnit.MINUTES or one.calendar == other.calendar

    def _reckon(self, promised: Promised) -> tuple[datetime, ...] | None:
        hours = self.hours_of(promised)
        if hours is None or weeks_of(promised.target.amount, promised, self) > FAR:
            return None
        return tuple(due_at(promised.target, calendar=hours, start=start) for start in STARTS)


def weeks_of(amount: float, promised: Promised, times: PromisedTimes) -> float:
    """How many plain weeks so much of the target's own time takes; 0 where there are no hours to count by."""
    hours = times.hours_of(promised)
    if hours is None:
        return 0
    open_days = [windows for windows in hours.weekly.values() if windows]
    if promised.target.unit in {TargetUnit.BUSINESS_DAYS, TargetUnit.END_OF_DAY}:
        return amount / len(open_days)
    return amount / sum(closes - opens for windows in open_days for opens, closes in windows)
