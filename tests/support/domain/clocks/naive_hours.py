"""Opening hours minute by minute, for the oracle: slow, plain, and sharing no code with support.domain.business_time.

Minutes are whole numbers counted from 1970 (UTC); a reading of the wall clock is a whole number of minutes too, counted
from the day 0 of `date.toordinal`. A business day is such an ordinal; 0 stands for "closed".
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

from support.domain.calendar import Calendar

DAY = 1440
# No zone goes back by more than this at once, so what was read earlier can't be the furthest reading.
LOOK_BACK = 180
# The furthest a window reaches beyond the day it began on.
LONGEST_DAY = 2 * DAY


def minute_of(at: datetime) -> int:
    return int(at.timestamp()) // 60


def instant_of(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def business_day(calendar: Calendar, minute: int) -> int:
    """The business day this minute belongs to, 0 if it is closed."""
    return _minutes_of_day(calendar, minute // DAY)[minute % DAY][1]


def after_minutes(calendar: Calendar, start: int, amount: int) -> int:
    """The earliest minute by which so many open ones have passed; none: `start` itself."""
    minute = start
    while amount:
        amount -= business_day(calendar, minute) > 0
        minute += 1
    return minute


def open_minutes(calendar: Calendar, start: int, end: int) -> int:
    return sum(business_day(calendar, minute) > 0 for minute in range(start, end))


def after_days(calendar: Calendar, start: int, days: int) -> int:
    """The same wall clock so many business days on, moved into that day's hours."""
    first = first_open(calendar, start)
    since_midnight = _reading(calendar.zone, first) - business_day(calendar, first) * DAY
    opening = _opening_of_day(calendar, first, days)
    day = business_day(calendar, opening)
    closing = _closing_of_day(calendar, opening)
    for minute in range(opening, closing):
        inside = business_day(calendar, minute) == day or business_day(calendar, minute - 1) == day
        if inside and _furthest(calendar, minute) >= day * DAY + since_midnight:
            return minute
    return closing


def end_of_day(calendar: Calendar, start: int, days: int) -> int:
    return _closing_of_day(calendar, _opening_of_day(calendar, first_open(calendar, start), days))


def first_open(calendar: Calendar, start: int) -> int:
    return next(minute for minute in count(start) if business_day(calendar, minute))


def _opening_of_day(calendar: Calendar, first: int, days: int) -> int:
    """The first minute of the n-th business day after that of `first`; `first` itself for 0."""
    minute, day = first, business_day(calendar, first)
    while days:
        minute += 1
        if business_day(calendar, minute) > day:
            day, days = business_day(calendar, minute), days - 1
    return minute


def _closing_of_day(calendar: Calendar, opening: int) -> int:
    day = business_day(calendar, opening)
    near = range(opening, opening + LONGEST_DAY)
    return max(minute for minute in near if business_day(calendar, minute) == day) + 1


def _furthest(calendar: Calendar, minute: int) -> int:
    return _minutes_of_day(calendar, minute // DAY)[minute % DAY][0]


@lru_cache(maxsize=20_000)
def _minutes_of_day(calendar: Calendar, number: int) -> tuple[tuple[int, int], ...]:
    """Of each minute of a UTC day: the furthest reading the wall clock has reached, and its business day.

    Where clocks go back, what was reached stays reached: that is the convention for readings that come twice.
    """
    furthest, answers = 0, []
    for minute in range(number * DAY - LOOK_BACK, number * DAY + DAY):
        furthest = max(furthest, _reading(calendar.zone, minute))
        if minute >= number * DAY:
            answers.append((furthest, _day_of_reading(calendar, furthest)))
    return tuple(answers)


def _reading(zone: str, minute: int) -> int:
    local = datetime.fromtimestamp(minute * 60, ZoneInfo(zone))
    return local.toordinal() * DAY + local.hour * 60 + local.minute


def _day_of_reading(calendar: Calendar, reading: int) -> int:
    today, minute = divmod(reading, DAY)
    for day, into in ((today, minute), (today - 1, minute + DAY)):
        if any(opens <= into < closes for opens, closes in _windows(calendar, day)):
            return day
    return 0


@lru_cache(maxsize=20_000)
def _windows(calendar: Calendar, ordinal: int) -> tuple[tuple[int, int], ...]:
    day = date.fromordinal(ordinal)
    closed = () if day in calendar.holidays else calendar.weekly.get(day.weekday(), ())
    return calendar.overrides.get(day, closed)
