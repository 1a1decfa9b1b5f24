from datetime import UTC, datetime

import pytest

from support.queries.instants import place, say_end, say_instant

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday, 10:00 in Amsterdam


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (datetime(2026, 3, 2, 17, 0, tzinfo=UTC), "today 18:00 (Amsterdam)"),
        (datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "tomorrow 00:30 (Amsterdam)"),
        (datetime(2026, 3, 1, 12, 0, tzinfo=UTC), "yesterday 13:00 (Amsterdam)"),
        (datetime(2026, 3, 6, 8, 0, tzinfo=UTC), "Friday 6 March 09:00 (Amsterdam)"),
        (datetime(2027, 1, 4, 8, 0, tzinfo=UTC), "Monday 4 January 2027 09:00 (Amsterdam)"),
    ],
)
def test_an_instant_is_said_by_the_day_where_the_customer_is(instant, words):
    assert say_instant(instant, now=NOW, zone="Europe/Amsterdam") == words


def test_an_end_at_midnight_is_said_by_its_last_day():
    end = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
    assert say_end(end, now=NOW, zone="Europe/Amsterdam") == "through Tuesday 31 March (Amsterdam)"


def test_an_end_within_a_day_is_said_by_the_clock():
    end = datetime(2026, 3, 31, 12, 5, tzinfo=UTC)
    assert say_end(end, now=NOW, zone="Europe/Amsterdam") == "until Tuesday 31 March 14:05 (Amsterdam)"


def test_a_place_is_the_city_of_its_zone():
    assert [place("America/Argentina/Buenos_Aires"), place("UTC")] == ["Buenos Aires", "UTC"]
