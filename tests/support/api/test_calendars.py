"""Calendars over HTTP, to read."""

from datetime import date

import pytest
from django.utils import timezone

from config.api import api
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.support.factories import BusinessCalendarFactory, CalendarVersionFactory, HolidayFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/calendars"
MONDAY = "2026-03-02T09:00:00Z"


def asking(client, *scopes):
    plain = issue(name="Help desk", scopes=scopes, expires_at=None, by=SYSTEM, at=timezone.now())[1]
    return lambda path="", **query: client.get(URL + path, query, headers={"Authorization": f"Bearer {plain}"})


@pytest.fixture
def ask(client):
    return asking(client, "coverage:read")


@pytest.fixture
def office():
    days = [{"on": "2026-12-24", "name": "Eve", "hours": [[540, 720]]}]
    return CalendarVersionFactory(calendar=BusinessCalendarFactory(key="office", name="Office"), days=days).calendar


def test_every_calendar_is_listed_with_its_hours(office, ask):
    BusinessCalendarFactory(key="empty", name="Empty")
    empty, listed = ask().json()["calendars"]
    assert (listed["key"], listed["version"], listed["words"]) == ("office", 1, "Monday–Friday 06:00–18:00")
    assert (listed["zone_mode"], listed["zone"], listed["keeps_holidays"]) == ("customer", None, True)
    assert (empty["version"], empty["words"]) == (None, "Never open")


def test_one_says_its_hours_whether_it_is_open_and_when_that_changes(office, ask):
    HolidayFactory(on=date(2026, 4, 27))
    HolidayFactory(on=date(2025, 4, 26), name="Past")
    told = ask("/office", at=MONDAY, zone="Europe/Amsterdam", country="nl").json()
    assert (told["is_open"], told["changes_at"]) == (True, "2026-03-02T17:00:00Z")
    assert told["state"] == "Open; it closes today 18:00 (Amsterdam)."
    assert told["week"][0] == {"day": "Monday", "windows": [{"opens": "06:00", "closes": "18:00"}]}
    assert told["other_days"][0]["windows"] == [{"opens": "09:00", "closes": "12:00"}]
    assert told["holidays"] == [{"on": "2026-04-27", "name": "King's Day"}]


def test_a_holiday_is_closed_where_the_customer_is(office, ask):
    HolidayFactory(on=date(2026, 3, 2), name="Founders' Day")
    told = ask("/office", at=MONDAY, country="NL").json()
    assert (told["is_open"], told["changes_at"]) == (False, "2026-03-03T06:00:00Z")
    assert ask("/office", at=MONDAY, country="DE").json()["is_open"] is True


def test_a_fixed_zone_looks_alike_from_anywhere(ask):
    CalendarVersionFactory(
        calendar=BusinessCalendarFactory(key="tokyo"), zone_mode="fixed", zone="Asia/Tokyo", country="JP"
    )
    told = ask("/tokyo", at=MONDAY, zone="Europe/Amsterdam", country="NL").json()
    assert (told["zone"], told["seen_from_zone"], told["seen_from_country"]) == ("Asia/Tokyo", "Asia/Tokyo", "JP")
    assert told["is_open"] is False


def test_before_its_first_hours_it_has_none(office, ask):
    told = ask("/office", at="2025-06-01T09:00:00Z").json()
    assert (told["version"], told["is_open"], told["week"]) == (None, None, [])


@pytest.mark.parametrize(("query", "word"), [({"zone": "Moon/Tycho"}, "time zone"), ({"country": "UK"}, "GB")])
def test_what_cannot_be_seen_from_is_refused(query, word, office, ask):
    answer = ask("/office", **query)
    assert answer.status_code == 422
    assert word in answer.content.decode()


def test_there_is_none_of_that_key(ask):
    assert ask("/nowhere").status_code == 404


def test_it_needs_its_scope(client, office):
    assert asking(client, "entitlements:read")().status_code == 403
    assert client.get(URL).status_code == 401


def test_it_stands_in_the_document():
    assert {"/api/v1/calendars", "/api/v1/calendars/{key}"} <= api.get_openapi_schema()["paths"].keys()
