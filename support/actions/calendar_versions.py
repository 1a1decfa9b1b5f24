"""The hours of a calendar while they are written: drafted, dropped, or taken from an older version."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from catalog.domain.countries import NoCountry, country_code
from entitlements.models.account import known_zones
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from support.domain.calendar import Calendar, CalendarError
from support.domain.clock_words import WEEKDAYS
from support.models import BusinessCalendar, CalendarVersion, VersionState, ZoneMode
from support.queries.calendars.countable import say_undue
from support.queries.calendars.versions import calendar_token, difference, in_force, open_version
from support.queries.week import say_span, say_week
from support.snapshots.hours import hours_of

PERMISSION = "support.edit_sla"
MOST_DAYS = 400
LONGEST_NAME = 120
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100


@dataclass(frozen=True, slots=True, order=True)
class OpenHours:
    """One stretch of a weekday (0 = Monday), in minutes from midnight; beyond 1,440 it runs into the next day."""

    weekday: int
    opens: int
    closes: int

    @property
    def words(self) -> str:
        return f"{WEEKDAYS[self.weekday]} {say_span(self.opens, self.closes)}"


@dataclass(frozen=True, slots=True)
class OtherDay:
    """A date with other hours; without any it is closed."""

    on: date
    name: str = ""
    hours: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Hours:
    """The whole of a calendar version, as somebody wrote it.

    Hours in the customer's own zone keep the holidays of the customer's country: a zone or country given for them is
    not looked at.
    """

    windows: tuple[OpenHours, ...]
    days: tuple[OtherDay, ...] = ()
    zone_mode: ZoneMode = ZoneMode.CUSTOMER
    zone: str = "UTC"
    keeps_holidays: bool = True
    country: str = ""
    note: str = field(default="", compare=False)

    @property
    def columns(self) -> dict[str, Any]:
        week: list[list[list[int]]] = [[] for _ in WEEKDAYS]
        for one in sorted(self.windows):
            week[one.weekday].append([one.opens, one.closes])
        days = [
            {"on": day.on.isoformat(), "name": day.name, "hours": [list(each) for each in sorted(day.hours)]}
            for day in sorted(self.days, key=lambda day: day.on)
        ]
        fixed = self.zone_mode == ZoneMode.FIXED
        return {
            "zone_mode": self.zone_mode,
            "zone": self.zone if fixed else "UTC",
            "keeps_holidays": self.keeps_holidays,
            "country": self.country.strip().upper() if fixed and self.keeps_holidays else "",
            "week": week,
            "days": days,
        }


@transaction.atomic
def draft_hours(
    *, calendar: BusinessCalendar, hours: Hours, by: Actor, at: datetime, seen: str | None = None
) -> CalendarVersion:
    """New hours of a calendar were drafted, or its draft was written anew; nobody's clock knows of them yet.

    `seen` is the token of the calendar as its writer saw it: what somebody else wrote since is never overwritten.
    """
    by.require(PERMISSION)
    calendar = lock(calendar, seen=seen)
    refuse_unusable(hours)
    refuse_undue(calendar, hours, at=at)
    version = _writable(calendar)
    latest = in_force(calendar)
    if latest is not None and same(latest, hours):
        raise Refusal("These are the hours already in force; nothing was changed.")
    changes: dict[str, list[Any]] = {
        "open": [say_week(version.week) if version.pk else None, say_week(hours.columns["week"])]
    }
    for column, value in hours.columns.items():
        setattr(version, column, value)
    version.note, version.written_at = hours.note, at
    changes["differs"] = [None, list(difference(latest, version))]
    deed = begin(by=by, at=at)
    keep(version, deed=deed)
    record(deed, "calendar:draft", subject=version, reason=hours.note, changes=changes)
    return version


@transaction.atomic
def drop_hours(
    *, version: CalendarVersion, by: Actor, at: datetime, reason: str = "", seen: str | None = None
) -> CalendarVersion:
    """A draft of a calendar was dropped; what is in force stays, and the draft can still be read."""
    by.require(PERMISSION)
    lock(version.calendar, seen=seen)
    version = _as_draft(version)
    deed = begin(by=by, at=at)
    version.state = VersionState.DROPPED
    keep(version, deed=deed)
    record(deed, "calendar:drop", subject=version, reason=reason, changes={"open": [say_week(version.week), None]})
    return version


@transaction.atomic
def restore_hours(*, version: CalendarVersion, by: Actor, at: datetime, note: str = "") -> CalendarVersion:
    """The hours of an older version were drafted again; they come into force as any draft does."""
    by.require(PERMISSION)
    if (standing := open_version(version.calendar)) is not None:
        raise Refusal(f"{standing} is being written. Put it in force or drop it before an older one is restored.")
    hours = hours_as_written(version, note=note.strip() or f"As in version {version.number}.")
    return draft_hours(calendar=version.calendar, hours=hours, by=by, at=at)


def hours_as_written(version: CalendarVersion, *, note: str = "") -> Hours:
    """What a version says, as somebody would write it."""
    days = [
        OtherDay(date.fromisoformat(day["on"]), day["name"], tuple((opens, closes) for opens, closes in day["hours"]))
        for day in version.days
    ]
    windows = [
        OpenHours(weekday, opens, closes) for weekday, hours in enumerate(version.week) for opens, closes in hours
    ]
    return Hours(
        windows=tuple(windows),
        days=tuple(days),
        zone_mode=ZoneMode(version.zone_mode),
        zone=version.zone,
        keeps_holidays=version.keeps_holidays,
        country=version.country,
        note=note,
    )


def same(version: CalendarVersion, hours: Hours) -> bool:
    return hours_as_written(version).columns == hours.columns


def lock(calendar: BusinessCalendar, *, seen: str | None) -> BusinessCalendar:
    """Held until the deed is done; Stale where it is another than was seen."""
    calendar = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    if seen is not None and seen != calendar_token(calendar):
        raise Stale
    return calendar


def _writable(calendar: BusinessCalendar) -> CalendarVersion:
    version = open_version(calendar)
    if version is None:
        latest = calendar.versions.aggregate(latest=Max("number"))["latest"] or 0
        return CalendarVersion(calendar=calendar, number=latest + 1)
    return _as_draft(version)


def _as_draft(version: CalendarVersion) -> CalendarVersion:
    version = CalendarVersion.objects.select_related("calendar").get(pk=version.pk)
    if version.state == VersionState.ASKED:
        raise Refusal(f"{version} waits for a second person; withdraw that request before you change it.")
    if version.state != VersionState.DRAFT:
        raise Refusal(f"{version} is no draft any more; nothing was changed.")
    return version


def refuse_unusable(hours: Hours) -> None:
    """The domain knows which hours can be counted with; here its objection becomes a refusal, by the input at fault."""
    _refuse_whose(hours)
    if wrong := [one.weekday for one in hours.windows if not 0 <= one.weekday < len(WEEKDAYS)]:
        raise Invalid(f"There is no weekday {wrong[0]}; Monday is 0 and Sunday is 6.", field="week")
    _refuse_days(hours.days)
    _refuse_uncountable(hours)
    try:
        hours_of(CalendarVersion(**hours.columns), zone="UTC")
    except CalendarError as error:
        raise Invalid(str(error), field="days") from error


def refuse_undue(calendar: BusinessCalendar, hours: Hours, *, at: datetime) -> None:
    """What is promised has to be due some day: by hours cut too far, no case could be opened any more."""
    if undue := say_undue(calendar, CalendarVersion(**hours.columns), at=at):
        raise Invalid(undue, field="week")


def _refuse_uncountable(hours: Hours) -> None:
    """Dates alone are no hours: a clock that began after the last of them would never be due."""
    weekly = {day: tuple((one.opens, one.closes) for one in hours.windows if one.weekday == day) for day in range(7)}
    if not any(weekly.values()) and any(day.hours for day in hours.days):
        raise Invalid("No day of the week is open; a calendar needs hours that come again.", field="week")
    try:
        Calendar(zone="UTC", weekly=weekly)
    except CalendarError as error:
        raise Invalid(str(error), field="week") from error


def _refuse_whose(hours: Hours) -> None:
    if hours.zone_mode != ZoneMode.FIXED:
        return
    if hours.zone not in known_zones():
        raise Invalid(f"{hours.zone!r} is not a time zone; choose one such as Europe/Amsterdam.", field="zone")
    try:
        country = country_code(hours.country)
    except NoCountry as error:
        raise Invalid(str(error), field="country") from error
    if hours.keeps_holidays and not country:
        raise Invalid("Say of which country it keeps the public holidays, or that it keeps none.", field="country")


def _refuse_days(days: tuple[OtherDay, ...]) -> None:
    if len(days) > MOST_DAYS:
        raise Invalid(f"A calendar has at most {MOST_DAYS} other days; leave out those that have passed.", field="days")
    seen: set[date] = set()
    for day in days:
        if day.on in seen:
            raise Invalid(f"{day.on.day} {day.on:%B %Y} is there twice; say once what is other on it.", field="days")
        if not EARLIEST_YEAR <= day.on.year <= LATEST_YEAR:
            raise Invalid(f"Choose days between {EARLIEST_YEAR} and {LATEST_YEAR}.", field="days")
        if len(day.name) > LONGEST_NAME:
            raise Invalid(f"The name of {day.on.day} {day.on:%B %Y} is too long.", field="days")
        seen.add(day.on)
