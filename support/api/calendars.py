"""Business calendars to read: when a promise's clock runs, whether it runs now, and when that changes."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from catalog.domain.countries import NoCountry, country_code
from entitlements.models.account import known_zones
from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.refusal import Invalid, NotFound
from support.api.calendar_schemas import (
    CalendarBrief,
    CalendarList,
    CalendarOut,
    HolidayOut,
    OtherDayOut,
    WeekdayOut,
    WindowOut,
)
from support.domain.clock_words import WEEKDAYS, clock_words
from support.models import BusinessCalendar, CalendarVersion, ZoneMode
from support.queries.calendars.picture import Seen, seen_from, standing_now
from support.queries.calendars.versions import in_force
from support.queries.week import say_week
from support.snapshots.hours import versions_at

SCOPE = "coverage:read"
AHEAD = timedelta(days=366)

router = Router(tags=["Calendars"], auth=KeyAuth(SCOPE))


class SeenFrom(Schema):
    """From where it is looked at, and when; a calendar in a fixed zone looks alike from anywhere."""

    zone: Annotated[
        str,
        Field(max_length=64, description="The customer's time zone.", json_schema_extra={"example": "Europe/Paris"}),
    ] = ""
    country: Annotated[
        str, Field(max_length=2, description="The customer's country.", json_schema_extra={"example": "FR"})
    ] = ""
    at: Annotated[
        Instant | None, Field(description="The instant asked about, between 1970 and 2200; now if left out.")
    ] = None


@router.get("/calendars", response={200: CalendarList, **PROBLEMS}, summary="Business calendars", url_name="calendars")
def calendar_list(request: HttpRequest) -> Any:
    """Every calendar with its hours in force, by name."""
    versions = versions_at(timezone.now())
    rows = BusinessCalendar.objects.order_by("name", "pk")
    return CalendarList(calendars=[CalendarBrief(**_brief(row, versions.get(row.key))) for row in rows])


@router.get(
    "/calendars/{key}", response={200: CalendarOut, **PROBLEMS}, summary="A business calendar", url_name="calendar"
)
def calendar_one(request: HttpRequest, key: str, asked: Query[SeenFrom]) -> Any:
    """Its hours, its holidays, whether it is open and when that changes, as it runs for a customer there."""
    calendar = BusinessCalendar.objects.filter(key=key.replace("\x00", "")).first()
    if calendar is None:
        raise NotFound("There is no such calendar.")
    at = asked.at or timezone.now()
    version = in_force(calendar, at=at)
    told = {**_brief(calendar, version), "at": at, **_nothing(asked)}
    if version is not None:
        told |= _seen(seen_from(version, zone=_zone(asked), country=_country(asked), at=at), asked, at=at)
    return CalendarOut(**told)


def _brief(calendar: BusinessCalendar, version: CalendarVersion | None) -> dict[str, Any]:
    fixed = version is not None and version.zone_mode == ZoneMode.FIXED
    return {
        "key": calendar.key,
        "name": calendar.name,
        "words": say_week(version.week if version else []),
        "version": version.number if version else None,
        "in_force_from": version.in_force_from if version else None,
        "zone_mode": version.zone_mode if version else ZoneMode.CUSTOMER,
        "zone": version.zone if version is not None and fixed else None,
        "keeps_holidays": version.keeps_holidays if version else False,
        "country": (version.country or None) if version else None,
    }


def _nothing(asked: SeenFrom) -> dict[str, Any]:
    empty: dict[str, Any] = {"week": [], "other_days": [], "holidays": []}
    state = {"is_open": None, "changes_at": None, "state": "It has no hours in force."}
    return {**empty, **state, "seen_from_zone": _zone(asked), "seen_from_country": None}


def _seen(seen: Seen, asked: SeenFrom, *, at: Any) -> dict[str, Any]:
    now, words = standing_now(seen, at=at)
    today = at.astimezone(ZoneInfo(seen.zone)).date()
    changes = None if now is None else now.closes_at if now.is_open else now.opens_at
    return {
        "seen_from_zone": seen.zone,
        "seen_from_country": seen.country or None,
        "is_open": now.is_open if now else None,
        "changes_at": changes,
        "state": words,
        "week": [
            WeekdayOut(day=name, windows=_windows(hours))
            for name, hours in zip(WEEKDAYS, seen.version.week, strict=True)
        ],
        "other_days": [
            OtherDayOut(on=day["on"], name=day["name"], windows=_windows(day["hours"])) for day in seen.version.days
        ],
        "holidays": [HolidayOut(on=on, name=name) for on, name in seen.holidays.items() if today <= on < today + AHEAD],
    }


def _windows(hours: Iterable[Any]) -> list[WindowOut]:
    return [WindowOut(opens=clock_words(opens), closes=clock_words(closes)) for opens, closes in sorted(hours)]


def _zone(asked: SeenFrom) -> str:
    if asked.zone and asked.zone not in known_zones():
        raise Invalid(f"{asked.zone!r} is not a time zone; write one like Europe/Amsterdam.", field="zone")
    return asked.zone or "UTC"


def _country(asked: SeenFrom) -> str:
    try:
        return country_code(asked.country)
    except NoCountry as error:
        raise Invalid(str(error), field="country") from error
