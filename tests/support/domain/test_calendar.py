from dataclasses import replace
from datetime import date

import pytest

from support.domain.calendar import ALL_DAY, DAY, REMEMBERED_DAYS, Calendar, InvalidHours, NoOpenTime, Windows
from tests.support.domain.desks import desk

NINE_TO_FIVE: Windows = ((540, 1020),)


@pytest.mark.parametrize(
    ("weekly", "words"),
    [
        ({0: ((540, 540),)}, "Monday: 09:00–09:00 must close after it opens"),
        ({0: ((1020, 540),)}, "Monday: 17:00–09:00 must close after it opens"),
        ({4: ((1380, 2881),)}, "Friday: 23:00–48:01 must close after it opens"),
        ({1: ((1440, 1500),)}, "Tuesday: opening must lie between 00:00 and 23:59"),
        ({1: ((-1, 60),)}, "Tuesday: opening must lie between 00:00 and 23:59"),
        ({2: ((540, 720), (700, 800))}, "Wednesday: the hours from 09:00 overlap those from 11:40"),
        ({2: ((1320, 1860),), 3: ((360, 720),)}, "Wednesday: the hours from 22:00 overlap those from 06:00"),
        ({6: ((1320, 1860),), 0: ((360, 720),)}, "Sunday: the hours from 22:00 overlap those from 06:00"),
        ({7: ((540, 1020),)}, "There is no weekday 7"),
    ],
)
def test_hours_that_contradict_themselves_are_refused_in_words(weekly: dict[int, Windows], words: str) -> None:
    with pytest.raises(InvalidHours, match=words):
        Calendar(zone="UTC", weekly=weekly)


@pytest.mark.parametrize("zone", ["", "Amsterdam", "Europe", "../etc/passwd", "Europe/Atlantis", "\0"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidHours, match="is not a time zone; write one like Europe/Amsterdam"):
        Calendar(zone=zone, weekly={0: NINE_TO_FIVE})


@pytest.mark.parametrize("overrides", [{"2026-03-03": "05:00-07:00"}, {"2026-03-02": "09:00-34:00"}])
def test_an_override_may_not_overlap_its_neighbours(overrides: dict[str, str]) -> None:
    with pytest.raises(InvalidHours, match=r"March 2026: the hours from .* overlap"):
        desk("mon 22:00-30:00; tue 08:00-12:00", overrides=overrides)


def test_an_override_far_away_is_refused() -> None:
    with pytest.raises(InvalidHours, match="too far away"):
        desk("mon 09:00-17:00", overrides={"9999-12-31": ""})


def test_hours_without_any_window_are_refused() -> None:
    with pytest.raises(NoOpenTime, match="never open; add at least one opening time"):
        Calendar(zone="UTC", weekly={0: ()}, overrides={date(2026, 3, 2): ()})


def test_windows_may_touch_and_come_in_any_order() -> None:
    calendar = Calendar(zone="UTC", weekly={0: ((780, 1020), (540, 780))})
    assert calendar.windows_on(date(2026, 3, 2)) == ((540, 780), (780, 1020))
    assert desk("mon-sun 08:00-32:00").windows_on(date(2026, 3, 2)) == ((480, 1920),)


def test_a_holiday_closes_only_a_day_that_would_have_been_open() -> None:
    calendar = desk("mon-fri 09:00-17:00", holidays="2026-03-06 2026-03-07", overrides={"2026-03-06": "10:00-12:00"})
    assert not calendar.closed_for_holiday(date(2026, 3, 6))
    assert not calendar.closed_for_holiday(date(2026, 3, 7))
    assert desk("fri 09:00-17:00", holidays="2026-03-06").closed_for_holiday(date(2026, 3, 6))


def test_nobody_changes_the_hours_after_they_are_built() -> None:
    weekly = {0: NINE_TO_FIVE}
    calendar = Calendar(zone="UTC", weekly=weekly)
    weekly[1] = NINE_TO_FIVE
    assert calendar.windows_on(date(2026, 3, 3)) == ()
    with pytest.raises(TypeError):
        calendar.weekly[1] = NINE_TO_FIVE  # type: ignore[index]


def test_equal_hours_are_equal_and_hash_alike() -> None:
    one, other = desk("mon 09:00-12:00 13:00-17:00"), desk("mon 13:00-17:00 09:00-12:00")
    assert one == other
    assert hash(one) == hash(other)
    assert one != desk("mon 09:00-17:00")


def test_what_a_calendar_remembers_of_its_days_is_no_part_of_its_value() -> None:
    asked, fresh = desk("mon-fri 09:00-17:00"), desk("mon-fri 09:00-17:00")
    first = [asked.spans_on(date(2026, 3, 2) + number * DAY) for number in range(2 * REMEMBERED_DAYS)]
    assert first == [fresh.spans_on(date(2026, 3, 2) + number * DAY) for number in range(2 * REMEMBERED_DAYS)]
    assert first[0] == asked.spans_on(date(2026, 3, 2))  # forgotten meanwhile, and worked out again
    assert (asked, hash(asked), repr(asked)) == (fresh, hash(fresh), repr(fresh))
    assert replace(asked, holidays=frozenset({date(2026, 3, 2)})).spans_on(date(2026, 3, 2)) == ()


def test_only_a_calendar_without_any_closing_never_closes() -> None:
    assert Calendar.around_the_clock().never_closes
    assert not Calendar(zone="UTC", weekly=dict.fromkeys(range(6), ALL_DAY)).never_closes
    assert not desk("mon-sun 00:00-24:00", holidays="2026-12-25").never_closes
    assert not desk("mon-sun 00:00-24:00", overrides={"2026-12-25": ""}).never_closes
