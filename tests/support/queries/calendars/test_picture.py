"""The week as bars, the year as days, and whether it is open now."""

from datetime import UTC, date, datetime

import pytest

from support.models import CalendarVersion, ZoneMode
from support.queries.calendars.picture import DayKind, seen_from, standing_now, week_of, year_of
from support.snapshots.hours import PublicHolidays

KNOWN = datetime(2020, 1, 1, tzinfo=UTC)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
KINGS_DAY, XMAS, SUNDAY = date(2026, 4, 27), date(2026, 12, 25), date(2026, 5, 24)
DUTCH = PublicHolidays(
    {
        "NL": tuple(
            (on, KNOWN, None, name) for on, name in ((KINGS_DAY, "King's Day"), (SUNDAY, "Pentecost"), (XMAS, "Xmas"))
        )
    }
)
OFFICE = [[[540, 750], [810, 1020]]] * 5 + [[], []]


def version(week=OFFICE, **said):
    return CalendarVersion(week=week, **said)


def bars(day):
    return [(bar.left, bar.width, bar.is_tail) for bar in day.segments]


def seen(found=None, *, zone="Europe/Amsterdam", country="NL"):
    return seen_from(found or version(), zone=zone, country=country, at=AT, holidays=DUTCH)


def test_a_day_is_drawn_with_its_break():
    monday = week_of(version())[0]
    assert monday.name == "Monday"
    assert bars(monday) == [(37.5, 14.583, False), (56.25, 14.583, False)]
    assert monday.words == "09:00–12:30 and 13:30–17:00"


def test_a_night_runs_into_the_next_day_and_from_sunday_into_monday():
    days = week_of(version([[]] * 6 + [[[1320, 1800]]]))
    assert bars(days[6]) == [(91.667, 8.333, False)]
    assert bars(days[0]) == [(0.0, 25.0, True)]
    assert days[0].words == "closed"


def test_the_end_of_the_day_is_exact_and_every_bar_stays_in_its_day():
    assert bars(week_of(version([[[0, 1440]]] * 7))[3]) == [(0.0, 100.0, False)]
    for day in week_of(version([[[360, 2880]]] + [[]] * 6)):
        assert all(left >= 0 and left + width <= 100 for left, width, _ in bars(day))


@pytest.mark.parametrize(
    ("on", "kind", "name"),
    [
        (date(2026, 3, 2), DayKind.OPEN, ""),
        (date(2026, 3, 7), DayKind.CLOSED, ""),
        (KINGS_DAY, DayKind.HOLIDAY, "King's Day"),
        (SUNDAY, DayKind.CLOSED, "Pentecost"),
        (date(2026, 12, 24), DayKind.OTHER, "Eve"),
        (date(2026, 12, 31), DayKind.SHUT, "Counting"),
        (XMAS, DayKind.OTHER, "We work"),
    ],
)
def test_each_day_of_the_year_has_its_kind(on, kind, name):
    days = [
        {"on": "2026-12-24", "name": "Eve", "hours": [[540, 720]]},
        {"on": "2026-12-25", "name": "We work", "hours": [[540, 720]]},
        {"on": "2026-12-31", "name": "Counting", "hours": []},
    ]
    picture = year_of(seen(version(days=days)), year=2026, today=date(2026, 3, 2))
    found = {day.on: day for month in picture.months for day in month.days}
    assert (found[on].kind, found[on].name) == (kind, name)


def test_a_year_is_twelve_months_of_days():
    picture = year_of(seen(), year=2028, today=date(2028, 2, 29))
    assert sum(len(month.days) for month in picture.months) == 366
    assert [month.offset for month in picture.months[:3]] == [5, 1, 2]  # Saturday, Tuesday, Wednesday
    assert [day.on for month in picture.months for day in month.days if day.is_today] == [date(2028, 2, 29)]


def test_what_is_not_as_every_week_is_listed_in_words():
    picture = year_of(seen(), year=2026, today=AT.date())
    assert [day.words for day in picture.special] == [
        "Monday 27 April 2026: Public holiday, King's Day",
        "Sunday 24 May 2026: Closed every week, Pentecost",
        "Friday 25 December 2026: Public holiday, Xmas",
    ]


def test_other_countries_have_other_years():
    assert year_of(seen(country="DE"), year=2026, today=AT.date()).special == ()
    assert seen(version(keeps_holidays=False)).holidays == {}


def test_a_fixed_zone_keeps_its_own_country_wherever_it_is_seen_from():
    found = seen(version(zone_mode=ZoneMode.FIXED, zone="Asia/Tokyo", country="NL"), zone="UTC", country="JP")
    assert (found.zone, found.country, found.country_name) == ("Asia/Tokyo", "NL", "Netherlands")
    assert KINGS_DAY in found.holidays


@pytest.mark.parametrize(
    ("week", "at", "words"),
    [
        (OFFICE, "2026-03-02T09:00", "Open; it closes today 12:30 (Amsterdam)."),
        (OFFICE, "2026-03-02T12:00", "Closed; it opens today 13:30 (Amsterdam)."),
        (OFFICE, "2026-04-26T12:00", "Closed; it opens Tuesday 28 April 09:00 (Amsterdam)."),
        ([[[0, 1440]]] * 7, "2026-03-02T09:00", "Open around the clock (Amsterdam)."),
        ([[]] * 7, "2026-03-02T09:00", "It has no open time."),
    ],
)
def test_whether_it_is_open_is_said_in_the_zone_it_is_seen_from(week, at, words):
    asked = datetime.fromisoformat(at).replace(tzinfo=UTC)
    found = seen_from(version(week), zone="Europe/Amsterdam", country="NL", at=asked, holidays=DUTCH)
    assert standing_now(found, at=asked)[1] == words
