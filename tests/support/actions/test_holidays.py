from datetime import date, timedelta

import pytest

from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from support.actions.holidays import add_holiday, import_holidays, withdraw_holiday
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


@pytest.mark.parametrize("years", [[], [1800], [2026, 3000], range(2000, 2030)])
def test_years_out_of_reach_are_refused(years, support_agent, at):
    with pytest.raises(Invalid, match="year"):
        import_holidays(country="NL", years=years, by=support_agent, at=at)


LIBERATION = date(2026, 5, 5)


def liberation(by, at, **said):
    return add_holiday(**{"country": "nl", "on": LIBERATION, "name": "Liberation Day"} | said, by=by, at=at)


def test_a_day_no_list_has_is_added_by_hand(support_agent, at):
    day = liberation(support_agent, at)
    assert (day.country, day.recorded_at) == ("NL", at)
    assert AuditEvent.objects.get().verb == "holiday:add"


def test_a_holiday_is_not_added_twice(support_agent, at):
    liberation(support_agent, at)
    with pytest.raises(Invalid, match="5 May 2026 is a holiday of Netherlands already: Liberation Day"):
        liberation(support_agent, at, name="Again")
    assert Holiday.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"country": "UK"}, "country"),
        ({"country": ""}, "country"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"on": date(1850, 5, 5)}, "on"),
    ],
)
def test_a_day_that_cannot_be_is_refused(said, field, support_agent, at):
    with pytest.raises(Invalid) as refused:
        liberation(support_agent, at, **said)
    assert refused.value.field == field


def test_a_withdrawn_day_says_until_when_it_counted(support_agent, at):
    day = liberation(support_agent, at)
    later = at + timedelta(days=3)
    withdraw_holiday(holiday=day, reason="Once in five years", by=support_agent, at=later)
    day.refresh_from_db()
    assert (day.recorded_at, day.withdrawn_at) == (at, later)
    with pytest.raises(Stale, match="withdrawn already"):
        withdraw_holiday(holiday=day, reason="Again", by=support_agent, at=later)


def test_a_withdrawn_day_may_be_added_again_but_is_not_imported(support_agent, at):
    made = import_holidays(country="NL", years=[2026], by=support_agent, at=at)
    withdraw_holiday(holiday=made[0], reason="We work", by=support_agent, at=at)
    assert import_holidays(country="NL", years=[2026], by=support_agent, at=at) == ()
    again = add_holiday(country="NL", on=made[0].on, name=made[0].name, by=support_agent, at=at)
    assert again.withdrawn_at is None


def test_a_withdrawal_says_why(support_agent, at):
    with pytest.raises(Invalid, match="Say why"):
        withdraw_holiday(holiday=liberation(support_agent, at), reason=" ", by=support_agent, at=at)


def test_sales_may_not_touch_holidays(sales, support_agent, at):
    day = liberation(support_agent, at)
    with pytest.raises(NotAllowed):
        import_holidays(country="NL", years=[2026], by=sales, at=at)
    with pytest.raises(NotAllowed):
        liberation(sales, at, on=date(2026, 5, 6))
    with pytest.raises(NotAllowed):
        withdraw_holiday(holiday=day, reason="x", by=sales, at=at)
