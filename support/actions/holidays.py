"""Public holidays: imported by country and year into dated rows, never asked of a library while a clock runs.

A day counts from the instant it was recorded until it was withdrawn, so a promise that was counted with it is still
counted so: open cases learn of a change when they are recomputed.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from catalog.domain.countries import COUNTRIES, NoCountry, country_code
from journal.actions.deeds import begin, keep, keep_many, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale
from support.actions.calendars import PERMISSION
from support.models import Holiday
from support.queries.calendars.holidays import EARLIEST_YEAR, LATEST_YEAR, LONGEST_NAME, found_holidays


@transaction.atomic
def import_holidays(*, country: str, years: Sequence[int], by: Actor, at: datetime) -> tuple[Holiday, ...]:
    """The public holidays of a country were imported as dated rows.

    Days already there are left as they stand, and days that somebody withdrew stay withdrawn.
    """
    by.require(PERMISSION)
    found = found_holidays(country, years)
    rows = [Holiday(country=found.country, on=on, name=name, recorded_at=at) for on, name in found.new]
    if rows:
        deed = begin(by=by, at=at)
        keep_many(rows, deed=deed)
        days = [f"{row.on} {row.name}" for row in rows]
        label = f"Public holidays of {found.country}, {_span(years)}"
        record(deed, "holidays:import", subject=rows[0], label=label, changes={"days": [[], days]})
    return tuple(rows)


@transaction.atomic
def add_holiday(*, country: str, on: date, name: str, by: Actor, at: datetime) -> Holiday:
    """A public holiday that no list had was added by hand; it counts from now on."""
    by.require(PERMISSION)
    code = _country(country)
    name = name.strip()
    if not name:
        raise Invalid("Say what the day is called.", field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"A name has at most {LONGEST_NAME} characters.", field="name")
    if not EARLIEST_YEAR <= on.year <= LATEST_YEAR:
        raise Invalid(f"Choose a day between {EARLIEST_YEAR} and {LATEST_YEAR}.", field="on")
    standing = Holiday.objects.filter(country=code, on=on, withdrawn_at__isnull=True).first()
    if standing is not None:
        raise Invalid(f"{on.day} {on:%B %Y} is a holiday of {COUNTRIES[code]} already: {standing.name}.", field="on")
    deed = begin(by=by, at=at)
    holiday = keep(Holiday(country=code, on=on, name=name, recorded_at=at), deed=deed)
    record(deed, "holiday:add", subject=holiday, changes={"on": [None, on.isoformat()], "name": [None, name]})
    return holiday


@transaction.atomic
def withdraw_holiday(*, holiday: Holiday, reason: str, by: Actor, at: datetime) -> Holiday:
    """A public holiday was withdrawn: from now on it is a day like any other, and its row says until when it was one."""
    by.require(PERMISSION)
    holiday = Holiday.objects.select_for_update().get(pk=holiday.pk)
    if holiday.withdrawn_at is not None:
        raise Stale(f"{holiday} has been withdrawn already; nothing was changed.")
    if not reason.strip():
        raise Invalid("Say why it is no holiday.", field="reason")
    deed = begin(by=by, at=at)
    holiday.withdrawn_at = max(at, holiday.recorded_at)
    keep(holiday, deed=deed)
    changes = {"on": [holiday.on.isoformat(), None], "name": [holiday.name, None]}
    record(deed, "holiday:withdraw", subject=holiday, reason=reason.strip(), changes=changes)
    return holiday


def _country(text: str) -> str:
    try:
        code = country_code(text)
    except NoCountry as error:
        raise Invalid(str(error), field="country") from error
    if not code:
        raise Invalid("Say of which country.", field="country")
    return code


def _span(years: Sequence[int]) -> str:
    return ", ".join(str(year) for year in sorted(set(years)))
