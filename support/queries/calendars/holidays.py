"""Public holidays on file: by country and year, what an import would add, and which calendars keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import holidays
from django.db.models import Count, Q
from django.db.models.functions import ExtractYear

from catalog.domain.countries import COUNTRIES
from journal.domain.refusal import Invalid
from journal.models import AuditEvent
from support.models import BusinessCalendar, Holiday, ZoneMode
from support.queries.calendars.versions import in_force

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
MOST_YEARS = 20
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Found:
    """What the public holidays of a country in some years come to, beside what is on file.

    `known` stand already; `withdrawn` were taken back by somebody, and an import leaves them out.
    """

    country: str
    new: tuple[tuple[date, str], ...]
    known: tuple[tuple[date, str], ...]
    withdrawn: tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True)
class OnFile:
    """One country's year: how many days stand."""

    country: str
    year: int
    days: int

    @property
    def name(self) -> str:
        return COUNTRIES.get(self.country, self.country)


def found_holidays(country: str, years: Sequence[int]) -> Found:
    """The public holidays of a country, told apart by what is on file; Invalid where none can be known."""
    country = country.strip().upper()
    found = _public_holidays(country, years)
    rows = Holiday.objects.filter(country=country, on__in=found).values_list("on", "name", "withdrawn_at")
    standing = {on: name for on, name, withdrawn in rows if withdrawn is None}
    withdrawn = {on for on, _, at in rows if at is not None} - standing.keys()
    days = sorted(found.items())
    return Found(
        country=country,
        new=tuple(day for day in days if day[0] not in standing and day[0] not in withdrawn),
        known=tuple(sorted(standing.items())),
        withdrawn=tuple(day for day in days if day[0] in withdrawn),
    )


def countries_known() -> dict[str, str]:
    """Every country whose public holidays can be imported, by its code."""
    return {code: COUNTRIES[code] for code in holidays.list_supported_countries() if code in COUNTRIES}


def on_file() -> list[OnFile]:
    """Each country and year of which any day stands; one read."""
    rows = Holiday.objects.filter(withdrawn_at__isnull=True).annotate(year=ExtractYear("on"))
    counted = rows.order_by("country", "year").values_list("country", "year").annotate(days=Count("pk"))
    return [OnFile(*row) for row in counted]


def days_of(country: str, year: int) -> list[Holiday]:
    """The days of one country's year, also those that were withdrawn, in order."""
    return list(Holiday.objects.filter(country=country, on__year=year).order_by("on", "recorded_at", "pk"))


def kept_by(country: str) -> list[BusinessCalendar]:
    """The calendars whose hours in force close on this country's public holidays, for some customer or for all."""
    names = []
    for calendar in BusinessCalendar.objects.order_by("name", "pk"):
        version = in_force(calendar)
        if version is not None and version.keeps_holidays and _concerns(version, country):
            names.append(calendar)
    return names


def missing_years(country: str, years: Sequence[int]) -> list[int]:
    """Those of the years of which no day of the country stands."""
    rows = Holiday.objects.filter(country=country, withdrawn_at__isnull=True)
    wanted = Q()
    for year in years:
        wanted |= Q(on__year=year)
    there = {on.year for on in rows.filter(wanted).values_list("on", flat=True)} if years else set()
    return [year for year in years if year not in there]


def _concerns(version: Any, country: str) -> bool:
    return bool(version.zone_mode == ZoneMode.CUSTOMER or version.country == country)


def _public_holidays(country: str, years: Sequence[int]) -> dict[date, str]:
    if country not in holidays.list_supported_countries():
        raise Invalid(
            f"No public holidays are known for {country!r}; write the country's ISO code, for example NL or US.",
            field="country",
        )
    if not years or not all(EARLIEST_YEAR <= year <= LATEST_YEAR for year in years):
        raise Invalid(f"Give at least one year, between {EARLIEST_YEAR} and {LATEST_YEAR}.", field="years")
    if len(set(years)) > MOST_YEARS:
        raise Invalid(f"Import at most {MOST_YEARS} years at once.", field="years")
    # English where the package has it, so that an explanation reads in one language; else the country's own.
    found = holidays.country_holidays(country, years=years, language="en_US")
    # A day that is observed on the 31st of December belongs to a year nobody asked for.
    return {on: name[:LONGEST_NAME] for on, name in found.items() if on.year in years}


def last_hand_on(country: str) -> str:
    """Who changed the public holidays of a country last: the key of an actor; empty where nobody has."""
    last = Holiday.history.filter(country=country).order_by("-history_date", "-history_id").first()
    event = None if last is None else AuditEvent.objects.filter(pk=last.history_change_reason).first()
    return "" if event is None else event.actor_key
