"""Opening hours: which stretches of time count on a business clock.

Rules of this value (DESIGN.md §6), each held by a test:

- Windows are wall clock in the calendar's zone, in minutes from midnight, half-open `[opens, closes)`. 1440 is 24:00
  exactly; more than 1440 runs into the next day, and the whole shift belongs to the day on which it began.
- An override replaces the weekly windows of its date, and speaks louder than a holiday of the same date: staff who open
  on a public holiday mean it. A holiday takes away the windows that *begin* on it, not the tail of the night before.
- One convention for every edge: a wall clock that occurs twice means its first occurrence; one that clocks jump over
  means the first instant after the jump. So windows that touch on paper touch in time, none can overlap, a window
  wholly inside a jump is empty, and a date a zone left out (Pacific/Apia, 30 December 2011) has no open time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

from support.domain.clock_words import WEEKDAYS, clock_words

K = TypeVar("K")
Windows = tuple[tuple[int, int], ...]

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
ALL_DAY: Windows = ((0, DAY_MINUTES),)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
NOTHING = timedelta()
# Days whose stretches a calendar remembers: two years of them, and it begins anew.
REMEMBERED_DAYS = 731
# Wide enough for any promise, and far enough from the ends of Python's calendar to add fifty years to it.
EARLIEST_YEAR, LATEST_YEAR = 1900, 2900


class CalendarError(ValueError):
    """These opening hours can't be counted with."""


class InvalidHours(CalendarError):
    """The opening hours contradict themselves."""


class NoOpenTime(CalendarError):
    """There is no open time, so nothing could ever come due."""


@dataclass(frozen=True, slots=True)
class Span:
    """One window on one date, as instants (UTC). `day` is the date on which it began."""

    day: date
    opens_at: datetime
    closes_at: datetime

    @property
    def length(self) -> timedelta:
        return self.closes_at - self.opens_at

    def within(self, start: datetime, end: datetime) -> "Span | None":
        """The part inside `[start, end)`, or None where they share no time."""
        if start <= self.opens_at and self.closes_at <= end:
            return self
        opens_at, closes_at = max(self.opens_at, start), min(self.closes_at, end)
        return Span(self.day, opens_at, closes_at) if opens_at < closes_at else None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A zone, the windows of each weekday (0 = Monday), dated holidays and dated overrides.

    Refused when built: an unknown zone or weekday, a window that doesn't close after it opens, windows that overlap,
    and hours without any window at all (`NoOpenTime`).
    """

    zone: str
    weekly: Mapping[int, Windows] = field(hash=False)
    holidays: frozenset[date] = frozenset()
    overrides: Mapping[date, Windows] = field(default_factory=dict, hash=False)
    # The hours never change, so what a day comes to is worked out once: thousands of clocks ask for the same days.
    _spans: dict[date, tuple[Span, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _never_closes: bool = field(init=False, repr=False, compare=False, default=False)

    def __post_init__(self) -> None:
        _refuse_unknown_zone(self.zone)
        # Copies, so that nobody who still holds the dictionaries can change the hours afterwards.
        object.__setattr__(self, "weekly", MappingProxyType(_sorted(self.weekly)))
        object.__setattr__(self, "overrides", MappingProxyType(_sorted(self.overrides)))
        object.__setattr__(self, "holidays", frozenset(self.holidays))
        self._refuse_wrong_windows()
        self._refuse_overlaps()
        if not any(self.weekly.values()) and not any(self.overrides.values()):
            raise NoOpenTime("These hours are never open; add at least one opening time.")
        dated = self.holidays or self.overrides
        every_day = all(self.weekly.get(weekday) == ALL_DAY for weekday in range(7))
        object.__setattr__(self, "_never_closes", not dated and every_day)

    @classmethod
    def around_the_clock(cls, *, zone: str = "UTC") -> Self:
        """24 hours a day, 7 days a week, no holidays."""
        return cls(zone=zone, weekly=dict.fromkeys(range(7), ALL_DAY))

    @property
    def never_closes(self) -> bool:
        """True if every instant is open, so that business time is plain time."""
        return self._never_closes

    def windows_on(self, day: date) -> Windows:
        """The windows that begin on this date, in order."""
        if day in self.overrides:
            return self.overrides[day]
        if day in self.holidays:
            return ()
        return self.weekly.get(day.weekday(), ())

    def closed_for_holiday(self, day: date) -> bool:
        """True if a holiday took away opening hours which this date would have had."""
        return day in self.holidays and day not in self.overrides and bool(self.weekly.get(day.weekday()))

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The open stretches that begin on this date; those a jump of the clocks swallowed are left out."""
        spans = self._spans.get(day)
        if spans is None:
            edges = ((self.instant(day, opens), self.instant(day, closes)) for opens, closes in self.windows_on(day))
            spans = tuple(Span(day, opens_at, closes_at) for opens_at, closes_at in edges if opens_at < closes_at)
            if len(self._spans) >= REMEMBERED_DAYS:
                self._spans.clear()
            self._spans[day] = spans
        return spans

    def instant(self, day: date, minute: int) -> datetime:
        """The instant (UTC) at which the wall clock of the zone first reads so many minutes after this midnight."""
        return first_instant(datetime.combine(day, time.min) + timedelta(minutes=minute), zone=self.zone)

    def local_day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def _refuse_wrong_windows(self) -> None:
        if unknown := sorted(set(self.weekly) - set(range(7))):
            raise InvalidHours(f"There is no weekday {unknown[0]}; Monday is 0 and Sunday is 6.")
        if far := [day for day in self.overrides if not EARLIEST_YEAR <= day.year <= LATEST_YEAR]:
            raise InvalidHours(f"{far[0]:%d %B %Y} is too far away; choose a day between 1900 and 2900.")
        named = [(WEEKDAYS[weekday], windows) for weekday, windows in self.weekly.items()]
        named += [(f"{day:%d %B %Y}", windows) for day, windows in self.overrides.items()]
        for name, windows in named:
            for opens, closes in windows:
                _refuse_wrong_window(name, opens, closes)

    def _refuse_overlaps(self) -> None:
        week = [self.weekly.get(weekday, ()) for weekday in range(7)]
        # Monday once more at the end: a Sunday night may run into it.
        _refuse_overlap(list(_laid_out([*week, week[0]])), WEEKDAYS)
        for day in self.overrides:
            near = [self.windows_on(each) for each in _neighbours(day)]
            _refuse_overlap(list(_laid_out(near)), tuple(f"{each:%d %B %Y}" for each in _neighbours(day)))


def first_instant(wall: datetime, *, zone: str) -> datetime:
    """The first instant (UTC) at or after which the wall clock has reached this reading (PEP 495 by its two folds)."""
    tz = ZoneInfo(zone)
    aware = wall.replace(tzinfo=tz)
    before, after = aware.utcoffset() or NOTHING, aware.replace(fold=1).utcoffset() or NOTHING
    naive_utc = wall.replace(tzinfo=UTC)
    if before >= after:
        return naive_utc - before
    return _jump_between(naive_utc - after, naive_utc - before, tz)


def _jump_between(low: datetime, high: datetime, tz: ZoneInfo) -> datetime:
    """The instant in (low, high] at which the clocks jump. Zones change on whole seconds."""
    low, high = low.replace(microsecond=0), high.replace(microsecond=0)
    offset = high.astimezone(tz).utcoffset()
    while high - low > SECOND:
        middle = low + (high - low) // (2 * SECOND) * SECOND
        if middle.astimezone(tz).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


def _sorted(windows: Mapping[K, Windows]) -> dict[K, Windows]:
    return {key: tuple(sorted((opens, closes) for opens, closes in each)) for key, each in windows.items()}


def _neighbours(day: date) -> tuple[date, ...]:
    return tuple(day + step * DAY for step in (-1, 0, 1))


def _laid_out(days: list[Windows]) -> Iterator[tuple[int, int]]:
    """The windows of consecutive days on one line of minutes."""
    for number, windows in enumerate(days):
        for opens, closes in windows:
            yield number * DAY_MINUTES + opens, number * DAY_MINUTES + closes


def _refuse_unknown_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError) as error:
        raise InvalidHours(f"{zone!r} is not a time zone; write one like Europe/Amsterdam.") from error


def _refuse_wrong_window(name: str, opens: int, closes: int) -> None:
    if not 0 <= opens < DAY_MINUTES:
        raise InvalidHours(f"{name}: opening must lie between 00:00 and 23:59.")
    if not opens < closes <= 2 * DAY_MINUTES:
        raise InvalidHours(
            f"{name}: {clock_words(opens)}–{clock_words(closes)} must close after it opens, "
            "at the latest at the end of the next day."
        )


def _refuse_overlap(line: list[tuple[int, int]], names: tuple[str, ...]) -> None:
    for (opens, closes), (next_opens, _) in pairwise(line):
        if next_opens < closes:
            name = names[opens // DAY_MINUTES % len(names)]
            raise InvalidHours(
                f"{name}: the hours from {clock_words(opens % DAY_MINUTES)} overlap those from "
                f"{clock_words(next_opens % DAY_MINUTES)}; make one stretch of them."
            )
