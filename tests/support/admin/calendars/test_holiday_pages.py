"""Public holidays by country and year: imported, added, withdrawn, and open cases recomputed by them."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from journal.models import Job
from support.models import Holiday
from tests.support.admin.calendars.desk import LOOKS, WRITES, office, open_case_by, signed_in
from tests.support.factories import HolidayFactory

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KINGS_DAY = date(2026, 4, 27)


def url(page="", *args):
    return reverse(f"admin:support_holidays{f'_{page}' if page else ''}", args=args)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def writer():
    return signed_in(*WRITES)


def test_one_country_and_year_is_shown_with_who_keeps_it():
    office()
    HolidayFactory(on=KINGS_DAY)
    HolidayFactory(on=date(2027, 1, 1), name="Another year")
    HolidayFactory(on=date(2026, 5, 5), name="Liberation Day", withdrawn_at=MONDAY)
    html = signed_in(*LOOKS).get(url(), {"country": "NL", "year": "2026"}).content.decode()
    for words in ("Monday 27 April 2026", "King&#x27;s Day", "Withdrawn (1)", "Liberation Day", "Office"):
        assert words in html
    assert "Another year" not in html
    assert "Import" not in html


def test_the_first_country_on_file_is_shown_and_nonsense_is_not_looked_at():
    HolidayFactory(country="DE", on=date(2026, 10, 3), name="Unity")
    html = signed_in(*LOOKS).get(url(), {"country": "XX", "year": "twenty"}).content.decode()
    assert "Public holidays of Germany" in html
    assert "Unity" in html


def test_an_import_says_what_is_new_before_it_is_done(writer):
    HolidayFactory(on=KINGS_DAY)
    asked = {"country": "NL", "first": 2026, "last": 2026}
    html = writer.post(url("import"), asked).content.decode()
    assert "9 new, 1 on file already" in html
    assert Holiday.objects.count() == 1
    answer = writer.post(url("import"), {**asked, "step": "confirm"})
    assert (answer.status_code, Holiday.objects.count()) == (302, 10)


def test_several_years_are_imported_at_once(writer):
    writer.post(url("import"), {"country": "NL", "first": 2026, "last": 2028, "step": "confirm"})
    assert {day.year for day in Holiday.objects.values_list("on", flat=True)} == {2026, 2027, 2028}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"country": "XX"}, "Select a valid choice"),
        ({"first": "1800"}, "Write a year from 1990 to 2100."),
        ({"last": "2025"}, "Choose the same year or a later one"),
        ({"last": "2060"}, "up to 10 years in all"),
    ],
)
def test_an_import_that_cannot_be_is_refused(asked, words, writer):
    answer = writer.post(url("import"), {"country": "NL", "first": "2026", "last": "2026", "step": "confirm"} | asked)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Holiday.objects.exists()


def test_a_day_is_added_once(writer):
    given = {"country": "NL", "on": "2026-05-05", "name": "Liberation Day"}
    answer = writer.post(url("new"), given)
    assert answer.headers["Location"].startswith(url() + "?country=NL&year=2026")
    again = writer.post(url("new"), given)
    assert "is a holiday of Netherlands already" in again.content.decode()
    assert Holiday.objects.count() == 1


def test_a_change_that_concerns_open_cases_leads_to_recomputing_them(writer):
    office()
    answer = writer.post(url("new"), {"country": "NL", "on": "2026-05-05", "name": "Liberation Day"}, follow=True)
    html = answer.content.decode()
    assert "Open cases were promised by the holidays before this change" in html
    assert url("recompute") in html


def test_a_day_is_withdrawn_with_a_reason(writer):
    day = HolidayFactory(on=KINGS_DAY)
    assert writer.post(url("withdraw", day.pk), {}).status_code == 422
    writer.post(url("withdraw", day.pk), {"reason": "We work"})
    day.refresh_from_db()
    assert day.withdrawn_at == MONDAY
    assert writer.get(url("withdraw", 0)).status_code == 404


def test_open_cases_are_recomputed_by_what_is_on_file(writer):
    calendar = office()
    HolidayFactory(on=KINGS_DAY, recorded_at=MONDAY)
    open_case_by(calendar, country="NL")
    page = writer.get(url("recompute"), {"country": "NL"})
    assert page.context["foreseen"].affected == 1
    writer.post(f"{url('recompute')}?country=NL", {"do": "recompute"})
    assert Job.objects.get().payload["country"] == "NL"


@pytest.mark.parametrize("page", ["import", "new", "recompute"])
def test_readers_change_nothing(page):
    reader = signed_in(*LOOKS)
    assert reader.get(url(page)).status_code == 403
    assert reader.post(url(page), {}).status_code == 403
    assert signed_in().get(url()).status_code == 403
