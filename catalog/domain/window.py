"""Half-open stretches of time: `[start, end)` in aware UTC instants.

The start belongs to the window, the end does not: something "through 31 March" ends at the first instant of 1 April
in the zone it was said in, and at that very instant it is over (DESIGN.md §2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)  # the smallest step of time that both databases keep


class InvalidWindow(ValueError):
    """The two ends don't make a stretch of time."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time; `None` on a side means without end on that side."""

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        for instant in (self.start, self.end):
            if instant is not None and instant.tzinfo is None:
                raise InvalidWindow("A window needs instants with a zone.")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise InvalidWindow("A window can't end before it starts.")

    def contains(self, at: datetime) -> bool:
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)

    def intersection(self, other: Self) -> "Window | None":
        """The stretch both share, or None if they share no instant."""
        start = max((i for i in (self.start, other.start) if i is not None), default=None)
        end = min((i for i in (self.end, other.end) if i is not None), default=None)
        if start is not None and end is not None and start >= end:
            return None
        return Window(start, end)

    def edges(self) -> tuple[datetime, ...]:
        """The instants at which membership can change."""
        return tuple(i for i in (self.start, self.end) if i is not None)


ALWAYS = Window()


def next_edge(windows: Iterable[Window], *, after: datetime) -> datetime | None:
    """The first instant later than `after` at which any of the windows begins or ends."""
    return min((edge for window in windows for edge in window.edges() if edge > after), default=None)


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of that day in the zone, in UTC.

    Where clocks jump over midnight, it is the first instant that exists; a day a zone left out altogether
    (Pacific/Apia, 30 December 2011) starts where the next one does.
    """
    tz = ZoneInfo(zone)
    naive = datetime.combine(day, time.min)
    # fold=0 names the earlier of two midnights, and for a midnight that was skipped it lands on the far side of the
    # jump, by exactly the length of the gap: walk back to the jump itself.
    candidate = naive.replace(tzinfo=tz).astimezone(UTC)
    local = candidate.astimezone(tz)
    if local.replace(tzinfo=None) == naive:
        return candidate
    gap = local.utcoffset() or timedelta()
    before = (candidate - 2 * DAY).astimezone(tz).utcoffset() or timedelta()
    return _jump_between(candidate - 2 * abs(gap - before) - DAY, candidate, tz)


def _jump_between(low: datetime, high: datetime, tz: ZoneInfo) -> datetime:
    """The instant in (low, high] from which on the zone's offset is the one it has at `high`, to the second."""
    target = high.astimezone(tz).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle <= low:
            break
        if middle.astimezone(tz).utcoffset() == target:
            high = middle
        else:
            low = middle
    return high


def end_through(day: date, zone: str) -> datetime:
    """The end of something that lasts *through* that day: the first instant of the next day in the zone."""
    return start_of_day(day + DAY, zone)


def last_day(end: datetime, zone: str) -> date | None:
    """The day that what ends at the instant lasts *through* in the zone; None where it ends in the middle of a day.

    It is read off the moment before the end, not off a clock that shows 00:00: where clocks jump over midnight the
    next day begins at 01:00, and a day a zone left out altogether was nobody's last.
    """
    tz = ZoneInfo(zone)
    if start_of_day(end.astimezone(tz).date(), zone) != end:
        return None
    return (end - MOMENT).astimezone(tz).date()


def add_days(at: datetime, days: int, zone: str) -> datetime:
    """The same wall clock so many calendar days later in the zone, in UTC.

    A wall clock that doesn't exist on that day (clocks sprang forward) becomes the first instant after the jump;
    one that exists twice is the earlier.
    """
    tz = ZoneInfo(zone)
    wanted = at.astimezone(tz).replace(tzinfo=None, fold=0) + timedelta(days=days)
    candidate = wanted.replace(tzinfo=tz).astimezone(UTC)
    if candidate.astimezone(tz).replace(tzinfo=None) == wanted:
        return candidate
    return _jump_between(candidate - DAY, candidate, tz)
