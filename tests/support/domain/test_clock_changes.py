"""Days on which the clocks jump. Windows are wall clock, durations are physical; an edge that occurs twice is its first
occurrence, one that is jumped over is the first instant after the jump."""

from datetime import UTC, date, datetime, timedelta

import pytest

from support.domain.business_time import add_business_days, due, elapsed, is_open, open_now
from support.domain.calendar import first_instant
from tests.support.domain.desks import desk, local, table, wall

# zone, date of the jump, a window around it, its physical length in minutes
LENGTHS = """
  zone                | day        | window      | minutes | why
  America/Los_Angeles | 2015-03-08 | 00:00-24:00 | 1380    | an hour is missing
  America/Los_Angeles | 2015-03-08 | 01:00-04:00 | 120     | spans the gap
  America/Los_Angeles | 2015-03-08 | 02:00-03:00 | 0       | lies wholly in the gap
  America/Los_Angeles | 2015-03-08 | 02:30-04:00 | 60      | opens in the gap: at 03:00
  America/Los_Angeles | 2015-03-08 | 01:00-02:30 | 60      | closes in the gap: at 03:00, the same instant as 02:00
  America/Los_Angeles | 2015-11-01 | 00:00-24:00 | 1500    | an hour comes twice
  America/Los_Angeles | 2015-11-01 | 00:00-01:30 | 90      | closes at the first 01:30
  America/Los_Angeles | 2015-11-01 | 01:30-03:00 | 150     | opens at the first 01:30
  America/Los_Angeles | 2015-11-01 | 01:15-01:45 | 30      | the first time round only
  Australia/Lord_Howe | 2024-10-06 | 00:00-24:00 | 1410    | clocks jump by half an hour
  Australia/Lord_Howe | 2024-10-06 | 02:00-02:30 | 0       | the half hour that is missing
  Australia/Lord_Howe | 2024-10-06 | 02:15-03:00 | 30      | opens in the gap: at 02:30
  Australia/Lord_Howe | 2024-04-07 | 00:00-24:00 | 1470    | half an hour comes twice
  America/Sao_Paulo   | 2017-10-15 | 00:00-09:00 | 480     | the day begins at 01:00
  America/St_Johns    | 2010-11-07 | 00:00-01:00 | 120     | at 00:01 clocks go back to yesterday
  Pacific/Apia        | 2011-12-29 | 00:00-24:00 | 1440    | the day before the missing one
  Pacific/Apia        | 2011-12-30 | 00:00-24:00 | 0       | a day the country left out
  Pacific/Apia        | 2011-12-29 | 22:00-30:00 | 120     | the night shift ends where the missing day would be
"""


@pytest.mark.parametrize(("zone", "day", "window", "minutes", "why"), table(LENGTHS))
def test_a_window_on_the_day_of_a_jump_has_its_physical_length(
    zone: str, day: str, window: str, minutes: str, why: str
) -> None:
    spans = desk("mon", zone=zone, overrides={day: window}).spans_on(date.fromisoformat(day))
    assert sum((span.length for span in spans), timedelta()) == timedelta(minutes=int(minutes)), why


def test_an_hour_before_the_gap_and_an_hour_after_it_are_two_hours() -> None:
    zone = "America/Los_Angeles"
    nights = desk("sun 00:00-08:00", zone=zone)
    assert wall(due(nights, start=local("2015-03-08 01:00", zone), minutes=120), zone) == "2015-03-08 04:00"
    assert wall(due(nights, start=local("2015-03-08 04:00", zone), minutes=-120), zone) == "2015-03-08 01:00"
    assert wall(due(nights, start=local("2015-03-08 00:00", zone), minutes=420), zone) == "2015-03-08 08:00"


def test_the_hour_that_comes_twice_counts_twice() -> None:
    zone = "America/Los_Angeles"
    nights = desk("sun 00:00-08:00", zone=zone)
    assert elapsed(nights, start=local("2015-11-01 01:00", zone), end=local("2015-11-01 02:00", zone)) == timedelta(
        hours=2
    )
    assert due(nights, start=local("2015-11-01 01:30", zone), minutes=60) == local("2015-11-01 01:30", zone, fold=1)


def test_windows_that_touch_on_paper_touch_where_the_clock_is_ambiguous() -> None:
    zone = "America/Los_Angeles"
    shifts = desk("sun 00:00-01:30 01:30-08:00", zone=zone)
    for minute in range(0, 9 * 60, 15):
        assert is_open(shifts, at=local("2015-11-01 00:00", zone) + timedelta(minutes=minute))


def test_a_deadline_crosses_the_day_that_samoa_left_out() -> None:
    zone = "Pacific/Apia"
    office = desk("mon-sun 09:00-17:00", zone=zone)
    assert wall(due(office, start=local("2011-12-29 16:30", zone), minutes=60), zone) == "2011-12-31 09:30"
    assert wall(due(office, start=local("2011-12-31 09:30", zone), minutes=-60), zone) == "2011-12-29 16:30"


def test_the_day_that_samoa_left_out_is_no_business_day() -> None:
    zone = "Pacific/Apia"
    office = desk("mon-sun 09:00-17:00", zone=zone)
    assert wall(add_business_days(office, start=local("2011-12-29 10:00", zone), days=1), zone) == "2011-12-31 10:00"
    assert wall(add_business_days(office, start=local("2011-12-31 10:00", zone), days=-1), zone) == "2011-12-29 10:00"


def test_a_business_day_keeps_the_wall_clock_over_a_jump() -> None:
    zone = "America/Los_Angeles"
    weekend = desk("sat-sun 00:00-24:00", zone=zone)
    rows = table("""
      start            | due
      2015-03-07 01:30 | 2015-03-08 01:30
      2015-03-07 02:30 | 2015-03-08 03:00
      2015-03-07 03:30 | 2015-03-08 03:30
      2015-10-31 01:30 | 2015-11-01 01:30
    """)
    for start, expected in rows:
        assert wall(add_business_days(weekend, start=local(start, zone), days=1), zone) == expected


def test_the_first_of_two_readings_is_meant_on_the_day_reached() -> None:
    zone = "America/Los_Angeles"
    weekend = desk("sat-sun 00:00-24:00", zone=zone)
    reached = add_business_days(weekend, start=local("2015-10-31 01:30", zone), days=1)
    assert reached == local("2015-11-01 01:30", zone, fold=0)


def test_around_the_clock_a_spring_day_is_an_hour_short() -> None:
    always = desk("mon-sun 00:00-24:00", zone="Europe/Berlin")
    spring = local("2026-03-29 00:00", "Europe/Berlin")
    assert due(always, start=spring, minutes=1440) == local("2026-03-30 01:00", "Europe/Berlin")


def test_a_desk_open_through_the_jump_closes_by_the_new_clock() -> None:
    zone = "America/Los_Angeles"
    night = desk("sat 20:00-28:00", zone=zone)
    closing = open_now(night, at=local("2015-03-07 23:00", zone)).closes_at
    assert closing == local("2015-03-08 04:00", zone) == datetime(2015, 3, 8, 11, tzinfo=UTC)


def test_the_first_instant_after_a_gap_is_the_jump_itself() -> None:
    jump = datetime(2015, 3, 8, 10, tzinfo=UTC)
    for minute in (0, 1, 30, 59):
        assert first_instant(datetime(2015, 3, 8, 2, minute), zone="America/Los_Angeles") == jump  # noqa: DTZ001
    assert first_instant(datetime(2011, 12, 30, 12), zone="Pacific/Apia") == datetime(  # noqa: DTZ001
        2011, 12, 30, 10, tzinfo=UTC
    )
