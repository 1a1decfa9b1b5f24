"""The page of one calendar."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from support.actions.calendars import Hours, OpenHours, set_hours
from tests.support.admin.calendars.desk import LOOKS, WRITES, office, promised, signed_in, url
from tests.support.factories import BusinessCalendarFactory, CalendarVersionFactory, HolidayFactory

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def page(client, calendar, **query):
    with time_machine.travel(MONDAY, tick=False):
        answer = client.get(url(calendar), query)
    assert answer.status_code == 200
    return answer


def test_it_shows_the_week_the_year_and_whether_it_is_open():
    HolidayFactory(on=date(2026, 4, 27))
    answer = page(signed_in(*LOOKS), office(), zone="Europe/Amsterdam")
    html = answer.content.decode()
    assert "Open; it closes today 18:00 (Amsterdam)." in html
    assert "Monday 27 April 2026: Public holiday, King&#x27;s Day" in html
    assert [day.words for day in answer.context["week"]] == ["06:00–18:00"] * 5 + ["closed"] * 2


def test_it_is_seen_from_another_year_and_country():
    HolidayFactory(on=date(2026, 4, 27))
    HolidayFactory(country="DE", on=date(2027, 10, 4), name="Unity")
    answer = page(signed_in(*LOOKS), office(), year="2027", country="DE")
    assert [day.name for day in answer.context["year"].special] == ["Unity"]
    assert "?year=2028&amp;country=DE" in answer.content.decode()


def test_nonsense_in_the_address_is_not_looked_at():
    answer = page(signed_in(*LOOKS), office(), year="1e9", country="XX", zone="Moon/Tycho\x00")
    assert (answer.context["year"].year, answer.context["country"]) == (2026, "")


def test_it_says_which_holidays_it_does_not_know():
    html = page(signed_in(*LOOKS), office(), country="FR").content.decode()
    assert "No public holidays of France are on file for 2026." in html


def test_a_fixed_zone_offers_no_viewpoint():
    calendar = office(zone_mode="fixed", zone="Asia/Tokyo", country="JP")
    html = page(signed_in(*LOOKS), calendar, zone="UTC").content.decode()
    assert "As a customer in" not in html
    assert "Open; it closes" not in html
    assert "Counted in the time of Tokyo" in html


def test_it_says_who_counts_by_it_and_what_was_changed(support_agent, at):
    calendar = office()
    hours = Hours((OpenHours(0, 540, 1020),), note="Winter")
    set_hours(calendar=calendar, hours=hours, by=support_agent, at=at)
    policy = promised(calendar).targets.get().milestone.version.policy
    html = page(signed_in(*LOOKS), calendar).content.decode()
    assert policy.name in html
    for words in ("Version 2", "In force now", "Was in force", "Winter", "by Support Person", "instead of 06:00–18:00"):
        assert words in html


def test_only_who_writes_hours_is_offered_to():
    calendar = office()
    CalendarVersionFactory(calendar=calendar)
    assert "Change the hours" not in page(signed_in(*LOOKS), calendar).content.decode()
    html = page(signed_in(*WRITES), calendar).content.decode()
    assert "Change the hours" in html
    assert url(calendar, "restore", 1) in html
    assert url(calendar, "restore", 2) not in html


def test_a_calendar_without_hours_says_what_to_do():
    html = page(signed_in(*WRITES), BusinessCalendarFactory()).content.decode()
    assert "It has no hours in force yet" in html


def test_there_is_no_page_for_what_is_not_there():
    calendar = BusinessCalendarFactory.build(key="nowhere")
    assert signed_in(*LOOKS).get(url(calendar)).status_code == 404
    assert signed_in().get(url(calendar)).status_code == 403
