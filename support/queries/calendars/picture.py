"""A calendar as a picture: the week as bars over the day, the year as twelve months of days.

Bars are wall clock, so a day on which clocks jump looks like any other. Shares are percent of 24 hours.
"""

import calendar as months
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from catalog.domain.countries import COUNTRIES
from support.domain.business_time import OpenNow, open_now
from support.domain.calendar import DAY_MINUTES, Calendar, CalendarError, Windows
from support.domain.clock_words import WEEKDAYS
from support.models import CalendarVersion
from support.queries.calendars.versions import say_date
from support.queries.instants import place, say_instant
from support.queries.week import say_day_hours, say_span
from support.snapshots.hours import PublicHolidays, country_of, read_holidays, snapshot_hours


@dataclass(frozen=True, slots=True)
class Segment:
    """One bar of a day: where it begins and how wide it is. The tail of the night before belongs to that day."""

    left: float
    width: float
    words: str
    is_tail: bool = False


@dataclass(frozen=True, slots=True)
class WeekdayBars:
    name: str
    segments: tuple[Segment, ...]
    words: str


class DayKind(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    OTHER = "other"
    SHUT = "shut"


KIND_WORDS = {
    DayKind.OPEN: "Open",
    DayKind.CLOSED: "Closed every week",
    DayKind.HOLIDAY: "Public holiday",
    DayKind.OTHER: "Other hours",
    DayKind.SHUT: "Closed on this day",
}


@dataclass(frozen=True, slots=True)
class YearDay:
    on: date
    kind: DayKind
    name: str
    hours: str
    is_today: bool

    @property
    def words(self) -> str:
        """ "Monday 27 April 2026: Public holiday, King's Day"."""
        told = self.hours if self.kind in {DayKind.OPEN, DayKind.OTHER} else KIND_WORDS[self.kind]
        return f"{say_date(self.on)}: {told}{f', {self.name}' if self.name else ''}"


@dataclass(frozen=True, slots=True)
class Month:
    """`offset` is how many days of the week pass before its first."""

    name: str
    offset: int
    days: tuple[YearDay, ...]


@dataclass(frozen=True, slots=True)
class YearPicture:
    year: int
    months: tuple[Month, ...]
    special: tuple[YearDay, ...]  # what is not as every week, in order
    open_days: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A version as it runs for a customer in one zone and country. `hours` is None where it never opens there."""

    version: CalendarVersion
    zone: str
    country: str
    hours: Calendar | None
    holidays: Mapping[date, str]

    @property
    def country_name(self) -> str:
        return COUNTRIES.get(self.country, self.country)


def seen_from(
    version: CalendarVersion, *, zone: str, country: str, at: datetime, holidays: PublicHolidays | None = None
) -> Seen:
    """The hours as they run for a customer there, by the public holidays on file at `at`; one read at most."""
    whose = country_of(version, customer=country) if version.keeps_holidays else ""
    known = holidays if holidays is not None else read_holidays({whose} if whose else set())
    try:
        hours = snapshot_hours(version, zone=zone, country=country, holidays=known, known_at=at)
    except CalendarError:
        hours = None
    named = known.named(whose, at=at) if whose else {}
    return Seen(version, hours.zone if hours else zone, whose, hours, named)


def week_of(version: CalendarVersion) -> tuple[WeekdayBars, ...]:
    """Seven days of bars, Monday first. A night shift's tail stands in the day it runs into."""
    windows = [_windows(version, weekday) for weekday in range(len(WEEKDAYS))]
    return tuple(
        WeekdayBars(name, tuple(_segments(windows[day - 1], windows[day])), say_day_hours(windows[day]))
        for day, name in enumerate(WEEKDAYS)
    )


def year_of(seen: Seen, *, year: int, today: date) -> YearPicture:
    """Every day of a year with what it is and, where it is not as every week, its name."""
    own = {date.fromisoformat(day["on"]): str(day["name"]) for day in seen.version.days}
    days = [_year_day(seen, own, on, today) for on in _days_of(year)]
    made = [
        Month(
            months.month_name[number],
            date(year, number, 1).weekday(),
            tuple(day for day in days if day.on.month == number),
        )
        for number in range(1, 13)
    ]
    plain = {DayKind.OPEN, DayKind.CLOSED}
    special = tuple(day for day in days if day.kind not in plain or day.name)
    opens = sum(day.kind in {DayKind.OPEN, DayKind.OTHER} for day in days)
    return YearPicture(year, tuple(made), special, opens)


def standing_now(seen: Seen, *, at: datetime) -> tuple[OpenNow | None, str]:
    """Whether it is open, and when that changes, in words of the zone it is seen from; None: never open again."""
    if seen.hours is None:
        return None, "It has no open time."
    try:
        now = open_now(seen.hours, at=at)
    except CalendarError:
        return None, "It has no open time from now on."
    if not now.is_open:
        assert now.opens_at is not None  # what is closed opens some day, or it would have been refused
        return now, f"Closed; it opens {say_instant(now.opens_at, now=at, zone=seen.zone)}."
    if now.closes_at is None:
        return now, f"Open around the clock ({place(seen.zone)})."
    return now, f"Open; it closes {say_instant(now.closes_at, now=at, zone=seen.zone)}."


def _windows(version: CalendarVersion, weekday: int) -> Windows:
    hours = version.week[weekday] if weekday < len(version.week) else []
    return tuple(sorted((int(opens), int(closes)) for opens, closes in hours))


def _segments(yesterday: Windows, today: Windows) -> Iterator[Segment]:
    for opens, closes in yesterday:
        if closes > DAY_MINUTES:
            yield Segment(0.0, _share(closes - DAY_MINUTES), f"from the night before: {say_span(opens, closes)}", True)
    for opens, closes in today:
        yield Segment(_share(opens), _share(min(closes, DAY_MINUTES) - opens), say_span(opens, closes))


def _share(minutes: int) -> float:
    return round(minutes * 100 / DAY_MINUTES, 3)


def _days_of(year: int) -> Iterator[date]:
    for number in range(366 if months.isleap(year) else 365):
        yield date.fromordinal(date(year, 1, 1).toordinal() + number)


def _year_day(seen: Seen, own: Mapping[date, str], on: date, today: date) -> YearDay:
    """A day of the calendar's own speaks louder than a public holiday, as it does when a clock counts."""
    weekly = _windows(seen.version, on.weekday())
    windows = seen.hours.windows_on(on) if seen.hours else ()
    if on in own:
        kind, name = (DayKind.OTHER if windows else DayKind.SHUT), own[on]
    elif on in seen.holidays:
        kind, name = (DayKind.HOLIDAY if weekly else DayKind.CLOSED), seen.holidays[on]
    else:
        kind, name = (DayKind.OPEN if windows else DayKind.CLOSED), ""
    return YearDay(on, kind, name, say_day_hours(windows), on == today)
