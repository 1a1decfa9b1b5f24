"""Business calendars: when a promise's clock runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import holidays
from django.db import transaction

from journal.actions.deeds import begin, keep, keep_many, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from support.domain.calendar import Calendar, CalendarError
from support.domain.clock_words import WEEKDAYS
from support.models import BusinessCalendar, CalendarWindow, Holiday
from support.models.calendar import ZoneMode
from support.queries.week import say_span

PERMISSION = "support.edit_sla"
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


@transaction.atomic
def create_calendar(
    *,
    key: str,
    name: str,
    by: Actor,
    at: datetime,
    zone_mode: ZoneMode = ZoneMode.CUSTOMER,
    zone: str = "UTC",
    keeps_holidays: bool = True,
) -> BusinessCalendar:
    """A business calendar was created; it has no open time until its hours are set."""
    by.require(PERMISSION)
    deed = begin(by=by, at=at)
    calendar = BusinessCalendar(key=key, name=name, zone_mode=zone_mode, zone=zone, keeps_holidays=keeps_holidays)
    keep(calendar, deed=deed)
    record(deed, "calendar:create", subject=calendar, changes={"name": [None, name]})
    return calendar


@transaction.atomic
def set_windows(
    *, calendar: BusinessCalendar, windows: Iterable[OpenHours], by: Actor, at: datetime
) -> BusinessCalendar:
    """The opening hours of a business calendar were set; where they already stood so, nothing is written."""
    by.require(PERMISSION)
    wanted = sorted(set(windows))
    _refuse_unusable(wanted)
    # Two people setting hours at once would each remove what they saw and leave a mixture of both.
    calendar = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    standing = {OpenHours(row.weekday, row.opens, row.closes): row for row in calendar.windows.all()}
    if wanted == sorted(standing):
        return calendar
    deed = begin(by=by, at=at)
    for hours in standing.keys() - set(wanted):
        remove(standing[hours], deed=deed)
    for hours in [hours for hours in wanted if hours not in standing]:
        keep(
            CalendarWindow(calendar=calendar, weekday=hours.weekday, opens=hours.opens, closes=hours.closes), deed=deed
        )
    changes = {"open": [[hours.words for hours in sorted(standing)], [hours.words for hours in wanted]]}
    record(deed, "calendar:set_windows", subject=calendar, changes=changes)
    return calendar


@transaction.atomic
def import_holidays(*, country: str, years: Sequence[int], by: Actor, at: datetime) -> tuple[Holiday, ...]:
    """The public holidays of a country were imported as dated rows; days already there are left as they stand."""
    by.require(PERMISSION)
    found = _public_holidays(country.strip().upper(), years)
    country = country.strip().upper()
    known = set(Holiday.objects.filter(country=country, on__in=found).values_list("on", flat=True))
    rows = [Holiday(country=country, on=on, name=name) for on, name in sorted(found.items()) if on not in known]
    if rows:
        deed = begin(by=by, at=at)
        keep_many(rows, deed=deed)
        days = [f"{row.on} {row.name}" for row in rows]
        label = f"Public holidays of {country}, {_span(years)}"
        record(deed, "holidays:import", subject=rows[0], label=label, changes={"days": [[], days]})
    return tuple(rows)


def _public_holidays(country: str, years: Sequence[int]) -> dict[date, str]:
    if country not in holidays.list_supported_countries():
        raise Invalid(
            f"No public holidays are known for {country!r}; write the country's ISO code, for example NL or US.",
            field="country",
        )
    if not years or not all(EARLIEST_YEAR <= year <= LATEST_YEAR for year in years):
        raise Invalid(f"Give at least one year, between {EARLIEST_YEAR} and {LATEST_YEAR}.", field="years")
    # English where the package has it, so that an explanation reads in one language; else the country's own.
    found = holidays.country_holidays(country, years=years, language="en_US")
    return {on: name[:200] for on, name in found.items()}


def _refuse_unusable(wanted: Sequence[OpenHours]) -> None:
    """The domain knows which hours can be counted with; here its objection becomes a refusal."""
    weekly: dict[int, list[tuple[int, int]]] = {}
    for hours in wanted:
        weekly.setdefault(hours.weekday, []).append((hours.opens, hours.closes))
    try:
        Calendar(zone="UTC", weekly={weekday: tuple(each) for weekday, each in weekly.items()})
    except CalendarError as error:
        raise Invalid(str(error), field="windows") from error


def _span(years: Sequence[int]) -> str:
    return ", ".join(str(year) for year in sorted(set(years)))
