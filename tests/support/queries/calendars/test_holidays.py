"""Public holidays on file, and what an import would add."""

from datetime import date

import pytest

from journal.domain.refusal import Invalid
from support.actions.holidays import import_holidays, withdraw_holiday
from support.queries.calendars.holidays import (
    countries_known,
    days_of,
    found_holidays,
    kept_by,
    missing_years,
    on_file,
)
from tests.support.factories import BusinessCalendarFactory, CalendarVersionFactory, HolidayFactory

pytestmark = pytest.mark.django_db


def test_an_import_is_told_apart_by_what_is_on_file(support_agent, at):
    import_holidays(country="NL", years=[2026], by=support_agent, at=at)
    withdraw_holiday(holiday=days_of("NL", 2026)[0], reason="We work", by=support_agent, at=at)
    found = found_holidays("nl", [2026, 2027])
    assert {on.year for on, _ in found.new} == {2027}
    assert (date(2026, 4, 27), "King's Day") in found.known
    assert [on for on, _ in found.withdrawn] == [date(2026, 1, 1)]


def test_a_country_nobody_knows_is_refused():
    with pytest.raises(Invalid, match="ISO code"):
        found_holidays("XX", [2026])
    assert countries_known()["NL"] == "Netherlands"


def test_each_country_and_year_on_file_is_counted(at):
    HolidayFactory(on=date(2026, 4, 27))
    HolidayFactory(on=date(2026, 12, 25), name="Xmas")
    HolidayFactory(on=date(2027, 4, 27), withdrawn_at=at)
    HolidayFactory(country="DE", on=date(2026, 10, 3))
    assert [(one.name, one.year, one.days) for one in on_file()] == [("Germany", 2026, 1), ("Netherlands", 2026, 2)]
    assert missing_years("NL", [2026, 2027]) == [2027]
    assert missing_years("NL", []) == []


def test_who_keeps_them_depends_on_whose_holidays_they_are():
    def calendar(name, **said):
        return CalendarVersionFactory(calendar=BusinessCalendarFactory(name=name), **said).calendar

    customers = calendar("Customers")
    dutch = calendar("Dutch", zone_mode="fixed", zone="Europe/Amsterdam", country="NL")
    calendar("German", zone_mode="fixed", zone="Europe/Berlin", country="DE")
    calendar("Always", keeps_holidays=False)
    BusinessCalendarFactory(name="Empty")
    assert kept_by("NL") == [customers, dutch]
