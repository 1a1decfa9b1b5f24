"""Days, months and their words, in every zone of the world, across every change of clocks from 2024 to 2028."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from catalog.domain.window import MOMENT, Window, add_days, end_through, last_day, start_of_day
from entitlements.domain.announcing import announced_at
from entitlements.domain.explain import say_end
from entitlements.domain.periods import add_months
from tests.entitlements.domain.zones import DAY, ZONES, days_of, edges_of

HOUR = timedelta(hours=1)
# How far to look back for an earlier instant whose clock shows as late an hour: no change of clocks is longer.
BACK = (MOMENT, timedelta(minutes=1), timedelta(minutes=29), HOUR / 2, HOUR - MOMENT, HOUR, 2 * HOUR)


def clock(instant, zone):
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def test_the_world_is_all_there():
    assert len(ZONES) > 400
    assert sum(bool(edges_of(zone)) for zone in ZONES) > 100


def test_through_a_day_ends_with_the_first_instant_of_the_next_day_there():
    for zone in ZONES:
        for day in days_of(zone):
            end = end_through(day, zone)
            assert clock(end - MOMENT, zone).date() == day, (zone, day)
            assert clock(end, zone).date() == day + DAY, (zone, day)


def test_the_words_name_the_last_day_on_which_it_holds():
    for zone in ZONES:
        for day in days_of(zone):
            end = end_through(day, zone)
            assert last_day(end, zone) == day, (zone, day)
            assert last_day(end + MOMENT, zone) is None
            assert say_end(end, zone=zone) == f"through {day.day} {day:%B %Y}", (zone, day)


def test_days_touch_and_each_instant_lies_in_one():
    for zone in ZONES:
        for edge in edges_of(zone):
            day = clock(edge, zone).date()
            before, on, after = (
                Window(start_of_day(d, zone), end_through(d, zone)) for d in (day - DAY, day, day + DAY)
            )
            assert (before.end, on.end) == (on.start, after.start), (zone, day)
            assert on.contains(edge), (zone, edge)
            assert 20 * HOUR < on.end - on.start < 28 * HOUR


def test_days_later_is_the_first_instant_at_which_the_clock_has_come_so_far():
    for zone in ZONES:
        for edge in edges_of(zone):
            for minutes in (-61, -31, -1, 0, 1, 29, 59, 119):
                at = edge - DAY + timedelta(minutes=minutes)
                wanted, later = clock(at, zone) + DAY, add_days(at, 1, zone)
                assert clock(later, zone) >= wanted, (zone, at)
                assert all(clock(later - back, zone) < wanted for back in BACK), (zone, at)


def test_a_month_after_the_31st_is_the_last_of_the_next_month_and_the_31st_comes_again():
    for zone in ZONES:
        for year in (2024, 2025, 2028):
            start = datetime(year, 1, 31, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
            days = [clock(add_months(start, months, zone), zone) for months in range(15)]
            for months, local in enumerate(days):
                there, month = divmod(months, 12)
                assert (local.year, local.month) == (year + there, month + 1)
                assert local.day == monthrange(local.year, local.month)[1] or local.day == 31
                assert local.time() == time(12), (zone, local)


def test_a_year_after_29_february_is_28_february():
    for zone in ZONES:
        leap = datetime(2024, 2, 29, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        assert clock(add_months(leap, 12, zone), zone) == datetime(2025, 2, 28, 12), zone  # noqa: DTZ001
        assert clock(add_months(leap, 48, zone), zone) == datetime(2028, 2, 29, 12), zone  # noqa: DTZ001


def test_an_end_is_announced_in_the_morning_of_the_day_before_its_last():
    for zone in ZONES:
        for day in days_of(zone):
            told = announced_at(end_through(day, zone), days=1, zone=zone)
            assert clock(told, zone) == datetime.combine(day - DAY, time(9)), (zone, day)


@pytest.mark.parametrize(
    ("day", "zone", "ends", "said"),
    [
        # Samoa left 30 December 2011 out: it is nobody's last day
        ("2011-12-29", "Pacific/Apia", "2011-12-30T10:00", "through 29 December 2011"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00", "through 29 December 2011"),
        ("2011-12-31", "Pacific/Apia", "2011-12-31T10:00", "through 31 December 2011"),
        # half an hour's change of clocks, at two in the morning
        ("2026-04-05", "Australia/Lord_Howe", "2026-04-05T13:30", "through 5 April 2026"),
        ("2026-10-04", "Australia/Lord_Howe", "2026-10-04T13:00", "through 4 October 2026"),
        # clocks that jump over midnight: the next day begins at one
        ("2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00", "through 3 November 2018"),
        ("2024-04-25", "Africa/Cairo", "2024-04-25T22:00", "through 25 April 2024"),
        ("2026-03-28", "Asia/Beirut", "2026-03-28T22:00", "through 28 March 2026"),
        # midnight comes twice, or the hour before it does: the first midnight counts
        ("2025-11-01", "America/Havana", "2025-11-02T04:00", "through 1 November 2025"),
        ("2018-02-17", "America/Sao_Paulo", "2018-02-18T03:00", "through 17 February 2018"),
        ("2026-12-31", "Pacific/Kiritimati", "2026-12-31T10:00", "through 31 December 2026"),
        ("2028-02-29", "Asia/Kathmandu", "2028-02-29T18:15", "through 29 February 2028"),
    ],
)
def test_the_days_that_are_not_like_others(day, zone, ends, said):
    end = end_through(date.fromisoformat(day), zone)
    assert end == datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert say_end(end, zone=zone) == said
