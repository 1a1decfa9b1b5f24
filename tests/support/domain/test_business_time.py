from datetime import UTC, date, datetime, timedelta

import pytest

from support.domain.business_time import (
    Calendar,
    CalendarError,
    NoOpenTime,
    Span,
    add_business_days,
    business_days_counted,
    due,
    due_after,
    due_explained,
    elapsed,
    end_of_business_day,
    holidays_between,
    is_open,
    next_opening,
    open_between,
    open_now,
)
from tests.support.domain.desks import desk, local, table, wall

OFFICE = desk("mon-fri 09:00-17:00", holidays="2026-04-03 2026-04-06")  # Good Friday, Easter Monday
LUNCH = desk("mon-fri 09:00-12:00 13:00-17:00")
NIGHTS = desk("mon-thu 22:00-30:00")
MONDAY = date(2026, 3, 2)


def test_a_deadline_counts_open_minutes_only() -> None:
    rows = table("""
      start            | minutes | due
      2026-03-02 09:00 | 60      | 2026-03-02 10:00
      2026-03-02 09:00 | 480     | 2026-03-02 17:00
      2026-03-02 09:00 | 481     | 2026-03-03 09:01
      2026-03-02 17:00 | 0       | 2026-03-03 09:00
      2026-03-02 17:00 | 1       | 2026-03-03 09:01
      2026-03-06 16:30 | 60      | 2026-03-09 09:30
      2026-03-07 12:00 | 0       | 2026-03-09 09:00
      2026-04-02 16:30 | 60      | 2026-04-07 09:30
      2026-04-07 09:30 | -60     | 2026-04-02 16:30
      2026-03-02 17:00 | -480    | 2026-03-02 09:00
      2026-03-02 09:00 | -1      | 2026-02-27 16:59
    """)
    for start, minutes, expected in rows:
        assert wall(due(OFFICE, start=local(start), minutes=int(minutes))) == expected


def test_a_night_shift_belongs_to_the_day_it_began() -> None:
    assert wall(due(NIGHTS, start=local("2026-03-02 23:00"), minutes=8 * 60)) == "2026-03-03 23:00"
    assert is_open(NIGHTS, at=local("2026-03-06 05:59"))
    assert not is_open(NIGHTS, at=local("2026-03-06 06:00"))
    assert not is_open(NIGHTS, at=local("2026-03-02 05:00"))


def test_a_holiday_closes_the_shift_that_begins_on_it_and_not_the_tail_of_the_night_before() -> None:
    nights = desk("mon-thu 22:00-30:00", holidays="2026-03-03")
    assert is_open(nights, at=local("2026-03-03 03:00"))
    assert not is_open(nights, at=local("2026-03-03 23:00"))
    assert not is_open(nights, at=local("2026-03-04 03:00"))


def test_an_override_speaks_louder_than_week_and_holiday() -> None:
    changed = desk(
        "mon-fri 09:00-17:00", holidays="2026-03-03", overrides={"2026-03-02": "", "2026-03-03": "10:00-12:00"}
    )
    assert wall(next_opening(changed, at=local("2026-03-02 09:00"))) == "2026-03-03 10:00"
    assert wall(due(changed, start=local("2026-03-02 09:00"), minutes=121)) == "2026-03-04 09:01"


def test_elapsed_time_is_open_time_only() -> None:
    rows = table("""
      start            | end              | minutes
      2026-03-02 08:00 | 2026-03-02 18:00 | 480
      2026-03-06 16:00 | 2026-03-09 10:00 | 120
      2026-03-07 00:00 | 2026-03-09 00:00 | 0
      2026-04-02 09:00 | 2026-04-07 17:00 | 960
      2026-03-02 12:00 | 2026-03-02 12:00 | 0
      2026-03-02 12:00 | 2026-03-02 10:00 | 0
    """)
    for start, end, minutes in rows:
        assert elapsed(OFFICE, start=local(start), end=local(end)) == timedelta(minutes=int(minutes))


def test_what_is_left_after_a_pause_is_counted_to_the_second() -> None:
    left = timedelta(minutes=3, seconds=20)
    assert due_after(OFFICE, start=local("2026-03-02 16:59"), open_time=left) == datetime(
        2026, 3, 3, 9, 2, 20, tzinfo=UTC
    )


def test_it_is_open_from_the_opening_and_closed_at_the_closing() -> None:
    assert is_open(OFFICE, at=local("2026-03-02 09:00"))
    assert not is_open(OFFICE, at=local("2026-03-02 17:00"))
    assert next_opening(OFFICE, at=local("2026-03-02 10:15")) == local("2026-03-02 10:15")


def test_a_deadline_names_the_stretches_it_counted_and_the_holidays_it_skipped() -> None:
    deadline = due_explained(OFFICE, start=local("2026-04-02 16:30"), minutes=60)
    assert deadline.counted == (
        Span(date(2026, 4, 2), local("2026-04-02 16:30"), local("2026-04-02 17:00")),
        Span(date(2026, 4, 7), local("2026-04-07 09:00"), local("2026-04-07 09:30")),
    )
    assert deadline.skipped == (date(2026, 4, 3), date(2026, 4, 6))
    assert deadline.at == local("2026-04-07 09:30")


def test_a_holiday_on_a_weekend_took_nothing_away_and_is_not_named() -> None:
    weekend = desk("mon-fri 09:00-17:00", holidays="2026-03-07")
    assert due_explained(weekend, start=local("2026-03-06 16:30"), minutes=60).skipped == ()


def test_business_days_keep_the_wall_clock_within_the_hours_of_the_day() -> None:
    rows = table("""
      start            | days | due
      2026-03-02 10:15 | 1    | 2026-03-03 10:15
      2026-03-06 10:15 | 1    | 2026-03-09 10:15
      2026-04-02 10:15 | 1    | 2026-04-07 10:15
      2026-03-02 17:00 | 1    | 2026-03-04 09:00
      2026-03-07 12:00 | 2    | 2026-03-11 09:00
      2026-03-02 10:15 | 0    | 2026-03-02 10:15
      2026-03-07 12:00 | 0    | 2026-03-09 09:00
      2026-03-09 10:15 | -1   | 2026-03-06 10:15
      2026-03-03 09:00 | -1   | 2026-03-02 09:00
      2026-03-03 17:00 | -1   | 2026-03-02 17:00
      2026-03-07 12:00 | -1   | 2026-03-05 17:00
    """)
    for start, days, expected in rows:
        assert wall(add_business_days(OFFICE, start=local(start), days=int(days))) == expected


def test_a_business_day_is_clipped_to_the_hours_of_the_day_reached() -> None:
    short_friday = desk("mon-thu 08:00-18:00; fri 10:00-14:00")
    assert wall(add_business_days(short_friday, start=local("2026-03-05 17:00"), days=1)) == "2026-03-06 14:00"
    assert wall(add_business_days(short_friday, start=local("2026-03-05 08:30"), days=1)) == "2026-03-06 10:00"


def test_a_time_in_the_break_of_the_day_reached_moves_to_its_end_or_back_to_its_beginning() -> None:
    fridays_break = desk("mon-thu 09:00-17:00; fri 09:00-12:00 13:00-17:00; sat 09:00-17:00")
    assert wall(add_business_days(fridays_break, start=local("2026-03-05 12:30"), days=1)) == "2026-03-06 13:00"
    assert wall(add_business_days(fridays_break, start=local("2026-03-07 12:30"), days=-1)) == "2026-03-06 12:00"


def test_after_midnight_a_night_shift_still_counts_as_the_business_day_it_began() -> None:
    assert wall(add_business_days(NIGHTS, start=local("2026-03-03 02:00"), days=1)) == "2026-03-04 02:00"
    assert wall(add_business_days(NIGHTS, start=local("2026-03-06 02:00"), days=1)) == "2026-03-10 02:00"


def test_the_end_of_a_business_day_is_its_last_closing() -> None:
    hours = desk("mon-thu 09:00-12:00 13:00-17:00; fri 09:00-15:00; sat 22:00-30:00", holidays="2026-03-04")
    rows = table("""
      start            | days | end              | counted
      2026-03-02 08:00 | 0    | 2026-03-02 17:00 | 2026-03-02
      2026-03-02 12:30 | 0    | 2026-03-02 17:00 | 2026-03-02
      2026-03-02 16:59 | 0    | 2026-03-02 17:00 | 2026-03-02
      2026-03-02 17:00 | 0    | 2026-03-03 17:00 | 2026-03-03
      2026-03-03 20:00 | 0    | 2026-03-05 17:00 | 2026-03-05
      2026-03-03 10:00 | 1    | 2026-03-05 17:00 | 2026-03-05
      2026-03-03 10:00 | 2    | 2026-03-06 15:00 | 2026-03-05 2026-03-06
      2026-03-06 10:00 | 1    | 2026-03-08 06:00 | 2026-03-07
      2026-03-08 02:00 | 0    | 2026-03-08 06:00 | 2026-03-07
      2026-03-08 02:00 | 1    | 2026-03-09 17:00 | 2026-03-09
    """)
    for start, days, end, counted in rows:
        begun = local(start)
        assert (start, days, wall(end_of_business_day(hours, start=begun, days=int(days)))) == (start, days, end)
        named = business_days_counted(hours, start=begun, days=int(days))
        assert (start, days, " ".join(map(str, named))) == (start, days, counted)


def test_the_end_of_a_business_day_never_lies_in_the_past() -> None:
    for days in (-1, 51 * 366):
        with pytest.raises(CalendarError, match="between today and fifty years ahead"):
            end_of_business_day(OFFICE, start=MONDAY_START, days=days)


def test_what_was_open_between_two_instants_adds_up_to_the_time_elapsed() -> None:
    hours = desk("mon-fri 09:00-12:00 13:00-17:00", holidays="2026-03-03 2026-03-08")
    start, end = local("2026-03-02 11:00"), local("2026-03-04 10:00")
    spans = open_between(hours, start=start, end=end)
    assert [(wall(span.opens_at), wall(span.closes_at)) for span in spans] == [
        ("2026-03-02 11:00", "2026-03-02 12:00"),
        ("2026-03-02 13:00", "2026-03-02 17:00"),
        ("2026-03-04 09:00", "2026-03-04 10:00"),
    ]
    assert sum((span.length for span in spans), timedelta()) == elapsed(hours, start=start, end=end)
    assert holidays_between(hours, start=start, end=local("2026-03-09 10:00")) == (date(2026, 3, 3),)
    assert open_between(hours, start=end, end=start) == ()


def test_the_desk_says_whether_it_is_open_and_when_that_changes() -> None:
    rows = table("""
      at               | open | opens            | closes
      2026-03-02 10:00 | yes  |                  | 2026-03-02 12:00
      2026-03-02 12:00 | no   | 2026-03-02 13:00 | 2026-03-02 17:00
      2026-03-06 17:00 | no   | 2026-03-09 09:00 | 2026-03-09 12:00
    """)
    for at, opened, opens, closes in rows:
        now = open_now(LUNCH, at=local(at))
        assert now.is_open == (opened == "yes")
        assert (wall(now.opens_at) if now.opens_at else "") == opens
        assert wall(now.closes_at or local(at)) == closes


def test_days_that_touch_at_midnight_are_one_stretch() -> None:
    weekend = desk("fri 09:00-24:00; sat-sun 00:00-24:00; mon 00:00-08:00")
    assert wall(open_now(weekend, at=local("2026-03-06 12:00")).closes_at or MONDAY_START) == "2026-03-09 08:00"


MONDAY_START = local("2026-03-02 00:00")


def test_around_the_clock_never_closes() -> None:
    always = Calendar.around_the_clock()
    now = open_now(always, at=MONDAY_START)
    assert (now.is_open, now.opens_at, now.closes_at) == (True, None, None)
    assert due(always, start=MONDAY_START, minutes=90 * 1440) == MONDAY_START + timedelta(days=90)
    assert elapsed(always, start=MONDAY_START, end=local("2026-03-05 00:00")) == timedelta(days=3)
    assert len(due_explained(always, start=MONDAY_START, minutes=10_000).counted) == 1


def test_open_all_week_but_for_a_holiday_closes_at_the_holiday() -> None:
    nearly = desk("mon-sun 00:00-24:00", holidays="2026-03-12")
    assert open_now(nearly, at=MONDAY_START).closes_at == local("2026-03-12 00:00")


@pytest.mark.parametrize("minutes", [0, 1, 600])
def test_hours_that_never_open_again_raise_instead_of_searching_for_ever(minutes: int) -> None:
    last_day = desk("mon", overrides={"2026-03-02": "09:00-10:00"})
    with pytest.raises(NoOpenTime, match="too little open time around 03 March 2026"):
        due(last_day, start=local("2026-03-03 09:00"), minutes=minutes)
    with pytest.raises(NoOpenTime):
        add_business_days(last_day, start=local("2026-03-02 09:30"), days=1)
    with pytest.raises(NoOpenTime):
        due(last_day, start=local("2026-03-01 09:00"), minutes=-1 - minutes)


def test_a_week_of_windows_behind_a_wall_of_holidays_raises_too() -> None:
    days = " ".join((MONDAY + timedelta(days=number)).isoformat() for number in range(11 * 366))
    with pytest.raises(NoOpenTime):
        next_opening(desk("mon-fri 09:00-17:00", holidays=days), at=local("2026-03-02 12:00"))


def test_closed_for_good_has_no_elapsed_time() -> None:
    last_day = desk("mon", overrides={"2026-03-02": "09:00-10:00"})
    assert elapsed(last_day, start=local("2026-03-03 00:00"), end=local("2030-01-01 00:00")) == timedelta()


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        due(OFFICE, start=datetime(2026, 3, 2, 9), minutes=1)  # noqa: DTZ001


@pytest.mark.parametrize("minutes", [51 * 366 * 1440, -51 * 366 * 1440, 10**30])
def test_a_deadline_beyond_all_reason_is_refused_in_words(minutes: int) -> None:
    with pytest.raises(CalendarError, match="fifty years"):
        due(OFFICE, start=MONDAY_START, minutes=minutes)
    with pytest.raises(CalendarError, match="fifty years"):
        add_business_days(OFFICE, start=MONDAY_START, days=minutes)


def test_a_year_beyond_all_reason_is_refused_in_words() -> None:
    with pytest.raises(CalendarError, match="year 9999 is too far away"):
        is_open(OFFICE, at=datetime(9999, 12, 31, tzinfo=UTC))


def test_years_of_business_time_walk_by_window_and_not_by_minute() -> None:
    ten_years = 8 * 60 * 2610
    deadline = due(OFFICE, start=MONDAY_START, minutes=ten_years)
    assert elapsed(OFFICE, start=MONDAY_START, end=deadline) == timedelta(minutes=ten_years)
    assert deadline.year == 2036
