"""Calendar versions → the hours a clock counts by."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from support.domain.calendar import Calendar, Windows
from support.models import CalendarVersion, Holiday, VersionState, ZoneMode


@dataclass(frozen=True, slots=True)
class NamedHours:
    """A calendar's name beside its hours, as they run for one customer."""

    name: str
    hours: Calendar
    keeps_country_holidays: bool = False


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The public holidays of some countries, with when each was known; read once, asked often."""

    rows: Mapping[str, tuple[tuple[date, datetime, datetime | None, str], ...]] = field(default_factory=dict)

    def known(self, country: str, *, at: datetime) -> frozenset[date]:
        """The days of a country that were on file at an instant."""
        return frozenset(self.named(country, at=at))

    def named(self, country: str, *, at: datetime) -> dict[date, str]:
        """The same with their names."""
        return {
            on: name
            for on, recorded, withdrawn, name in self.rows.get(country, ())
            if recorded <= at and (withdrawn is None or withdrawn > at)
        }


def read_holidays(countries: Collection[str] | None = None) -> PublicHolidays:
    """One read; None for every country."""
    found: dict[str, list[tuple[date, datetime, datetime | None, str]]] = defaultdict(list)
    rows = Holiday.objects.all() if countries is None else Holiday.objects.filter(country__in=countries)
    for row in rows.order_by("on").values_list("country", "on", "recorded_at", "withdrawn_at", "name"):
        found[row[0]].append(row[1:])
    return PublicHolidays({country: tuple(days) for country, days in found.items()})


def snapshot_hours(
    version: CalendarVersion, *, zone: str, country: str, holidays: PublicHolidays, known_at: datetime
) -> Calendar:
    """The hours of one version as they run for a customer in that zone and country; raises CalendarError."""
    whose = country_of(version, customer=country)
    closed = holidays.known(whose, at=known_at) if version.keeps_holidays else frozenset()
    return hours_of(version, zone=zone, closed=closed)


def hours_of(version: CalendarVersion, *, zone: str, closed: frozenset[date] = frozenset()) -> Calendar:
    """The same with the public holidays given: a day of the version's own speaks louder than one of them."""
    own = {date.fromisoformat(day["on"]): _windows(day["hours"]) for day in version.days}
    return Calendar(
        zone=zone if version.zone_mode == ZoneMode.CUSTOMER else version.zone,
        weekly={weekday: _windows(hours) for weekday, hours in enumerate(version.week) if hours},
        holidays=closed.union(day for day, windows in own.items() if not windows),
        overrides={day: windows for day, windows in own.items() if windows},
    )


def country_of(version: CalendarVersion, *, customer: str) -> str:
    """Whose public holidays a version keeps: the customer's, or those of the desk that sits in a fixed zone."""
    return customer if version.zone_mode == ZoneMode.CUSTOMER else version.country


def versions_at(at: datetime) -> dict[str, CalendarVersion]:
    """The version of each calendar that is in force at an instant, by the calendar's key; one read."""
    rows = CalendarVersion.objects.filter(state=VersionState.IN_FORCE, in_force_from__lte=at)
    # The last of each calendar stays: in force later, or at the same instant by number.
    return {row.calendar.key: row for row in rows.select_related("calendar").order_by("in_force_from", "number")}


def snapshot_calendars(*, zone: str, country: str, at: datetime) -> dict[str, NamedHours]:
    """Every calendar in force, by key, as it runs for a customer in that zone and country; two reads."""
    versions = versions_at(at)
    own = {row.country for row in versions.values() if row.country}
    holidays = read_holidays(own | ({country} if country else set()))
    return {
        key: NamedHours(
            name=row.calendar.name,
            hours=snapshot_hours(row, zone=zone, country=country, holidays=holidays, known_at=at),
            keeps_country_holidays=row.keeps_holidays and row.zone_mode == ZoneMode.CUSTOMER,
        )
        for key, row in versions.items()
    }


def _windows(hours: Any) -> Windows:
    return tuple((int(opens), int(closes)) for opens, closes in hours)
