from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.window import (
    ALWAYS,
    InvalidWindow,
    Window,
    add_days,
    end_through,
    next_edge,
    start_of_day,
)

MOMENT = timedelta(microseconds=1)
ZONES = (
    "UTC", "Europe/Amsterdam", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Beirut", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "Pacific/Apia", "Pacific/Kiritimati",
)  # fmt: skip
edges = st.none() | st.integers(0, 40).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MARCH = Window(utc("2026-03-01"), utc("2026-04-01"))


@st.composite
def windows(draw):
    start, end = draw(edges), draw(edges)
    if start and end and end < start:
        start, end = end, start
    return Window(start, end)


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        ("2026-02-28T23:59:59.999999", False),
        ("2026-03-01", True),
        ("2026-03-31T23:59:59.999999", True),
        ("2026-04-01", False),
    ],
)
def test_the_start_belongs_to_a_window_and_the_end_does_not(at, inside):
    assert MARCH.contains(utc(at)) is inside


def test_a_side_without_an_instant_is_without_end():
    assert ALWAYS.contains(utc("1900-01-01"))
    assert Window(None, utc("2026-03-01")).contains(utc("1900-01-01"))
    assert Window(utc("2026-03-01"), None).contains(utc("2900-01-01"))


def test_an_empty_window_contains_no_instant():
    assert not Window(utc("2026-03-01"), utc("2026-03-01")).contains(utc("2026-03-01"))


def test_a_window_that_ends_before_it_starts_can_not_be_built():
    with pytest.raises(InvalidWindow, match="end before it starts"):
        Window(utc("2026-03-02"), utc("2026-03-01"))


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(InvalidWindow, match="zone"):
        Window(datetime(2026, 3, 1), None)  # noqa: DTZ001


@given(windows(), windows(), edges.filter(bool))
def test_an_intersection_holds_exactly_what_both_hold(one, other, at):
    shared = one.intersection(other)
    assert (shared is not None and shared.contains(at)) == (one.contains(at) and other.contains(at))
    assert shared == other.intersection(one)


def test_windows_that_only_touch_share_nothing():
    assert MARCH.intersection(Window(utc("2026-04-01"), None)) is None


@given(st.lists(windows(), max_size=4), edges.filter(bool))
def test_nothing_begins_or_ends_before_the_next_edge(some, at):
    edge = next_edge(some, after=at)
    until = edge - MOMENT if edge else at + timedelta(days=900)
    assert [w.contains(at) for w in some] == [w.contains(until) for w in some]
    assert edge is None or edge > at


@pytest.mark.parametrize(
    ("day", "zone", "starts"),
    [
        ("2026-03-01", "UTC", "2026-03-01T00:00"),
        ("2026-03-01", "Europe/Amsterdam", "2026-02-28T23:00"),
        ("2026-03-29", "Europe/Amsterdam", "2026-03-28T23:00"),
        ("2026-03-30", "Europe/Amsterdam", "2026-03-29T22:00"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00"),  # midnight was skipped: the day began at 01:00
        ("2018-02-17", "America/Sao_Paulo", "2018-02-17T02:00"),
        ("2018-02-18", "America/Sao_Paulo", "2018-02-18T03:00"),  # the hour before midnight came twice on the 17th
        ("2026-03-29", "Asia/Beirut", "2026-03-28T22:00"),  # midnight was skipped
        ("2023-04-28", "Africa/Cairo", "2023-04-27T22:00"),
        ("2025-11-02", "America/Havana", "2025-11-02T04:00"),  # midnight came twice: the first counts
        ("2011-12-29", "Pacific/Apia", "2011-12-29T10:00"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00"),  # the day that was left out starts where the next does
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00"),
    ],
)
def test_a_day_starts_at_its_first_instant_that_exists(day, zone, starts):
    assert start_of_day(date.fromisoformat(day), zone) == utc(starts)


def test_through_a_day_ends_with_the_first_instant_of_the_next():
    assert end_through(date(2026, 3, 31), "Europe/Amsterdam") == utc("2026-03-31T22:00")
    assert end_through(date(2026, 12, 31), "UTC") == utc("2027-01-01")
    assert end_through(date(2018, 11, 3), "America/Sao_Paulo") == utc("2018-11-04T03:00")


@given(st.dates(date(2005, 1, 1), date(2036, 12, 31)), st.sampled_from(ZONES))
def test_the_moment_before_a_day_starts_is_on_an_earlier_day(day, zone):
    start = start_of_day(day, zone)
    tz = ZoneInfo(zone)
    assert (start - MOMENT).astimezone(tz).date() < day <= start.astimezone(tz).date()


@pytest.mark.parametrize(
    ("at", "days", "zone", "becomes"),
    [
        ("2026-03-01T12:00", 14, "UTC", "2026-03-15T12:00"),
        ("2026-03-20T12:00", 14, "Europe/Amsterdam", "2026-04-03T11:00"),  # 13:00 stays 13:00 over the change
        ("2026-10-20T12:00", 14, "Europe/Amsterdam", "2026-11-03T13:00"),
        ("2026-03-28T01:30", 1, "Europe/Amsterdam", "2026-03-29T01:00"),  # 02:30 doesn't exist: first instant after
        ("2026-10-24T00:30", 1, "Europe/Amsterdam", "2026-10-25T00:30"),  # 02:30 twice: the earlier
        ("2011-12-29T20:00", 1, "Pacific/Apia", "2011-12-30T10:00"),  # the next day was left out
        ("2026-03-15T12:00", -14, "UTC", "2026-03-01T12:00"),
        ("2026-03-15T12:00", 0, "Europe/Amsterdam", "2026-03-15T12:00"),
    ],
)
def test_days_later_the_wall_clock_says_the_same(at, days, zone, becomes):
    assert add_days(utc(at), days, zone) == utc(becomes)


@given(
    st.datetimes(datetime(2005, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 400),
    st.sampled_from(ZONES),
)
def test_more_days_never_end_sooner(at, days, zone):
    assert add_days(at, days, zone) <= add_days(at, days + 1, zone)
    assert abs(add_days(at, days, zone) - at - timedelta(days=days)) <= timedelta(
        hours=25
    )  # Apia crossed the date line in summer time
