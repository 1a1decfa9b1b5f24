"""Business time: how long a promise has run, and when it comes due.

Durations are physical: an hour is 3,600 seconds even where clocks jump inside a window. Every function takes aware
instants, gives UTC instants, and walks window by window, so a deadline years away costs days, not minutes.

- `due`: the earliest instant at which so many open minutes have passed. A window filled exactly is due at its closing,
  not at the next opening; 0 is the next open instant; less than 0 walks back, to the latest instant from which so many
  open minutes remained.
- `elapsed`: open time in `[start, end)`; the other way round no time has passed.
- `add_business_days`: the same wall clock so many business days on. A business day is a date with open time; a night
  shift belongs wholly to the date on which it began.
- `end_of_business_day`: the last closing of the n-th business day after the one of `start`; of that day itself for 0.
- Hours that stay closed for ten years ahead raise `NoOpenTime` instead of searching for ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from support.domain.calendar import (
    DAY,
    EARLIEST_YEAR,
    LATEST_YEAR,
    NOTHING,
    Calendar,
    CalendarError,
    InvalidHours,
    NoOpenTime,
    Span,
    first_instant,
)

__all__ = [
    "Calendar", "CalendarError", "Due", "InvalidHours", "NoOpenTime", "OpenNow", "Span", "add_business_days",
    "business_days_counted", "due", "due_after", "due_explained", "elapsed", "end_of_business_day", "holidays_between",
    "is_open", "next_opening", "open_between", "open_now",
]  # fmt: skip

SEARCH_DAYS = 3660
LONGEST = timedelta(days=50 * 366)
# Open for so long on end is said as "open around the clock" rather than by a far-off closing time.
UNBROKEN = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline with its reasons: the stretches that counted, in order, and the holidays passed over."""

    at: datetime
    counted: tuple[Span, ...]
    skipped: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class OpenNow:
    """Open (then `closes_at`; None means around the clock) or closed (then `opens_at`, and when it closes after that)."""

    is_open: bool
    opens_at: datetime | None
    closes_at: datetime | None


def due(calendar: Calendar, *, start: datetime, minutes: int) -> datetime:
    """The earliest instant at which so many open minutes have passed since `start`; before it, if negative."""
    return due_after(calendar, start=start, open_time=_minutes(minutes))


def due_after(calendar: Calendar, *, start: datetime, open_time: timedelta) -> datetime:
    """As `due`, to the microsecond: for what is left of a target after a pause."""
    start = _utc(start)
    if abs(open_time) > LONGEST:
        raise CalendarError("A deadline more than fifty years away can't be counted; give a shorter time.")
    if calendar.never_closes:
        return start + open_time
    if open_time < NOTHING:
        return _walk_back(calendar, start, -open_time)
    for span in _spans_ahead(calendar, start):
        opens_at = max(span.opens_at, start)
        if open_time <= span.closes_at - opens_at:
            return opens_at + open_time
        open_time -= span.closes_at - opens_at
    raise _never_open(calendar, start)


def due_explained(calendar: Calendar, *, start: datetime, minutes: int) -> Due:
    """The same deadline with its reasons; the counted stretches add up to the minutes asked for."""
    start = _utc(start)
    at = due(calendar, start=start, minutes=minutes)
    first, last = min(start, at), max(start, at)
    return Due(at=at, counted=open_between(calendar, start=first, end=last), skipped=_skipped(calendar, first, last))


def open_between(calendar: Calendar, *, start: datetime, end: datetime) -> tuple[Span, ...]:
    """The open stretches cut to `[start, end)`, in order; they add up to what `elapsed` says."""
    return tuple(_spans_between(calendar, _utc(start), _utc(end)))


def holidays_between(calendar: Calendar, *, start: datetime, end: datetime) -> tuple[date, ...]:
    """The days from that of `start` to that of `end` on which a holiday took away opening hours."""
    return _skipped(calendar, _utc(start), _utc(end))


def elapsed(calendar: Calendar, *, start: datetime, end: datetime) -> timedelta:
    """Open time between two instants; none if they are given the wrong way round."""
    start, end = _utc(start), _utc(end)
    return sum((span.length for span in _spans_between(calendar, start, end)), NOTHING)


def is_open(calendar: Calendar, *, at: datetime) -> bool:
    """True from the opening instant on; at the closing instant it is closed."""
    at = _utc(at)
    return any(span.opens_at <= at < span.closes_at for span in _spans_near(calendar, at))


def next_opening(calendar: Calendar, *, at: datetime) -> datetime:
    """This very instant if it is open, else the next opening."""
    return due_after(calendar, start=at, open_time=NOTHING)


def open_now(calendar: Calendar, *, at: datetime) -> OpenNow:
    """Open or closed at `at`, and when that changes. Windows that touch count as one stretch."""
    at = _utc(at)
    opens_at = next_opening(calendar, at=at)
    closes_at = _closing(calendar, opens_at)
    open_already = opens_at == at
    return OpenNow(is_open=open_already, opens_at=None if open_already else opens_at, closes_at=closes_at)


def add_business_days(calendar: Calendar, *, start: datetime, days: int) -> datetime:
    """The wall clock of `start` on the n-th business day after it (before it, if negative), within that day's hours.

    A start outside hours is first taken to the next opening (going back: to the closing before). On the day reached, a
    time before opening becomes the opening, one after closing the closing; one in a break becomes the end of the break
    (going back: its beginning). 0 is the next open instant.
    """
    if abs(days) > LONGEST.days:
        raise CalendarError("A deadline more than fifty years away can't be counted; give fewer days.")
    forward = days >= 0
    at, home = _anchor(calendar, _utc(start), forward=forward)
    if days == 0:
        return at
    local = at.astimezone(ZoneInfo(calendar.zone)).replace(tzinfo=None)
    since_midnight = local - datetime.combine(home, time.min)
    spans = _nth_business_day(calendar, home, days)
    wanted = first_instant(datetime.combine(spans[0].day, time.min) + since_midnight, zone=calendar.zone)
    return _clip(wanted, spans, forward=forward)


def end_of_business_day(calendar: Calendar, *, start: datetime, days: int) -> datetime:
    """The last closing of the n-th business day on. A start outside hours is first taken to the next opening."""
    if not 0 <= days <= LONGEST.days:
        raise CalendarError("The end of a business day lies between today and fifty years ahead.")
    _at, home = _anchor(calendar, _utc(start), forward=True)
    return (calendar.spans_on(home) if days == 0 else _nth_business_day(calendar, home, days))[-1].closes_at


def business_days_counted(calendar: Calendar, *, start: datetime, days: int) -> tuple[date, ...]:
    """The dates a day target counts, in order: those after the business day of `start`, or that day itself for 0."""
    _at, home = _anchor(calendar, _utc(start), forward=True)
    if days == 0:
        return (home,)
    ahead = (spans[0].day for spans in _open_days(calendar, home + DAY, step=1))
    return tuple(islice(ahead, days))


def _anchor(calendar: Calendar, start: datetime, *, forward: bool) -> tuple[datetime, date]:
    """An instant in hours, and the business day to which it belongs."""
    if forward:
        for span in _spans_ahead(calendar, start):
            return max(span.opens_at, start), span.day
    else:
        # Going back, both edges belong to the day: from an opening to the opening before, from a closing likewise.
        for span in _spans_near(calendar, start):
            if span.opens_at == start:
                return start, span.day
        for span in _spans_behind(calendar, start):
            return min(span.closes_at, start), span.day
    raise _never_open(calendar, start)


def _nth_business_day(calendar: Calendar, home: date, days: int) -> tuple[Span, ...]:
    left = abs(days)
    for spans in _open_days(calendar, home, step=1 if days > 0 else -1):
        if spans[0].day != home:
            left -= 1
        if left == 0:
            return spans
    raise _never_open(calendar, spans[0].opens_at)


def _clip(wanted: datetime, spans: tuple[Span, ...], *, forward: bool) -> datetime:
    if forward:
        return next((max(span.opens_at, wanted) for span in spans if wanted <= span.closes_at), spans[-1].closes_at)
    return next((min(span.closes_at, wanted) for span in spans[::-1] if wanted >= span.opens_at), spans[0].opens_at)


def _walk_back(calendar: Calendar, start: datetime, open_time: timedelta) -> datetime:
    for span in _spans_behind(calendar, start):
        closes_at = min(span.closes_at, start)
        if open_time <= closes_at - span.opens_at:
            return closes_at - open_time
        open_time -= closes_at - span.opens_at
    raise _never_open(calendar, start)


def _closing(calendar: Calendar, at: datetime) -> datetime | None:
    """Where the unbroken open stretch around `at` ends; None if it goes on for longer than anybody would say."""
    end = at
    for span in _spans_ahead(calendar, at):
        if span.opens_at > end or end - at > UNBROKEN:
            break
        end = span.closes_at
    return None if end - at > UNBROKEN else end


def _spans_ahead(calendar: Calendar, at: datetime) -> Iterator[Span]:
    """Open stretches that end after `at`, in order. The day before may reach past midnight."""
    for spans in _open_days(calendar, calendar.local_day(at) - DAY, step=1):
        yield from (span for span in spans if span.closes_at > at)


def _spans_behind(calendar: Calendar, at: datetime) -> Iterator[Span]:
    """Open stretches that begin before `at`, latest first.

    Begun a day later than `at` by the wall clock: where clocks went back over midnight, tomorrow has already been.
    """
    for spans in _open_days(calendar, calendar.local_day(at) + DAY, step=-1):
        yield from (span for span in reversed(spans) if span.opens_at < at)


def _spans_near(calendar: Calendar, at: datetime) -> Iterator[Span]:
    day = calendar.local_day(at)
    for each in _days_between(day - DAY, day + DAY):
        yield from calendar.spans_on(each)


def _spans_between(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    """Open stretches cut to `[start, end)`, in order."""
    if end <= start:
        return
    if calendar.never_closes:
        yield Span(calendar.local_day(start), start, end)
        return
    for day in _days_between(calendar.local_day(start) - DAY, calendar.local_day(end) + DAY):
        for span in calendar.spans_on(day):
            if inside := span.within(start, end):
                yield inside


def _skipped(calendar: Calendar, first: datetime, last: datetime) -> tuple[date, ...]:
    if not calendar.holidays:
        return ()
    days = _days_between(calendar.local_day(first), calendar.local_day(last))
    return tuple(day for day in days if calendar.closed_for_holiday(day))


def _days_between(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * DAY


def _open_days(calendar: Calendar, day: date, *, step: int) -> Iterator[tuple[Span, ...]]:
    """The business days from `day` on, one way or the other, until the search is given up."""
    closed = 0
    while closed < SEARCH_DAYS:
        spans = calendar.spans_on(day)
        closed = 0 if spans else closed + 1
        if spans:
            yield spans
        day += step * DAY


def _never_open(calendar: Calendar, at: datetime) -> NoOpenTime:
    day = calendar.local_day(at)
    return NoOpenTime(f"These hours have too little open time around {day:%d %B %Y}; add opening times there.")


def _minutes(minutes: int) -> timedelta:
    if abs(minutes) > LONGEST // timedelta(minutes=1):
        raise CalendarError("A deadline more than fifty years away can't be counted; give a shorter time.")
    return timedelta(minutes=minutes)


def _utc(at: datetime) -> datetime:
    """Python subtracts two datetimes of one zone by their wall clocks; in UTC a difference is real time."""
    if at.tzinfo is None:
        raise ValueError("A moment needs a time zone; give it one, for example UTC.")
    if not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
        raise CalendarError(f"The year {at.year} is too far away to count business time in.")
    return at.astimezone(UTC)
