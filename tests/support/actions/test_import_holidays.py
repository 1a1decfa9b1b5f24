from datetime import date

import pytest

from journal.domain.refusal import Invalid, NotAllowed
from journal.models import AuditEvent
from support.actions.calendars import import_holidays
from support.models import Holiday

pytestmark = pytest.mark.django_db


def test_the_public_holidays_of_a_country_become_dated_rows(support_agent, at):
    made = import_holidays(country="nl", years=[2026], by=support_agent, at=at)
    assert Holiday.objects.get(country="NL", on=date(2026, 4, 27)).name == "King's Day"
    assert len(made) == Holiday.objects.count() > 5


def test_they_are_audited_once_with_every_day(support_agent, at):
    import_holidays(country="NL", years=[2026], by=support_agent, at=at)
    event = AuditEvent.objects.get()
    assert event.subject_label == "Public holidays of NL, 2026"
    assert "2026-04-27 King's Day" in event.changes["days"][1]


def test_a_second_import_writes_nothing(support_agent, at):
    import_holidays(country="NL", years=[2026], by=support_agent, at=at)
    assert import_holidays(country="NL", years=[2026], by=support_agent, at=at) == ()
    assert AuditEvent.objects.count() == 1


def test_another_year_adds_only_that_year(support_agent, at):
    import_holidays(country="NL", years=[2026], by=support_agent, at=at)
    made = import_holidays(country="NL", years=[2026, 2027], by=support_agent, at=at)
    assert {holiday.on.year for holiday in made} == {2027}


def test_every_holiday_row_has_history(support_agent, at):
    made = import_holidays(country="US", years=[2026], by=support_agent, at=at)
    assert Holiday.history.count() == len(made)


@pytest.mark.parametrize("country", ["", "XX", "Netherlands"])
def test_an_unknown_country_is_refused(country, support_agent, at):
    with pytest.raises(Invalid, match="ISO code"):
        import_holidays(country=country, years=[2026], by=support_agent, at=at)


@pytest.mark.parametrize("years", [[], [1800], [2026, 3000]])
def test_years_out_of_reach_are_refused(years, support_agent, at):
    with pytest.raises(Invalid, match="year"):
        import_holidays(country="NL", years=years, by=support_agent, at=at)


def test_sales_may_not_import_holidays(sales, at):
    with pytest.raises(NotAllowed):
        import_holidays(country="NL", years=[2026], by=sales, at=at)
