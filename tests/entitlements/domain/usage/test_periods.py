"""The period in which use counts: calendars with zones and clock changes, billing anchors, rates."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.domain.values import Reset
from catalog.domain.window import ALWAYS
from entitlements.domain.periods import Periods
from entitlements.domain.usage.periods import billing_period, use_period
from tests.conftest import EXAMPLES

ZONES = (
    "UTC",
    "Europe/Amsterdam",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/Havana",
    "Africa/Cairo",
)
instants = st.integers(1_104_537_600, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def said(reset: Reset, when: str, zone: str = "UTC", periods: Periods | None = None) -> tuple[str, str]:
    window = use_period(reset, at=at(when), zone=zone, periods=periods)
    return tuple(f"{edge:%Y-%m-%d %H:%M:%S}" for edge in window.edges())  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("reset", "zone", "when", "start", "end"),
    [
        (Reset.SECOND, "UTC", "2026-03-02 09:00:07", "2026-03-02 09:00:07", "2026-03-02 09:00:08"),
        (Reset.MINUTE, "Asia/Kolkata", "2026-03-02 09:00:07", "2026-03-02 09:00:00", "2026-03-02 09:01:00"),
        (Reset.HOUR, "UTC", "2026-03-02 09:59:59", "2026-03-02 09:00:00", "2026-03-02 10:00:00"),
        (Reset.DAY, "Europe/Amsterdam", "2026-03-02 22:59:59", "2026-03-01 23:00:00", "2026-03-02 23:00:00"),
        (Reset.DAY, "Europe/Amsterdam", "2026-03-02 23:00:00", "2026-03-02 23:00:00", "2026-03-03 23:00:00"),
        # The day clocks spring forward has 23 hours, the day they fall back 25.
        (Reset.DAY, "Europe/Amsterdam", "2026-03-29 12:00:00", "2026-03-28 23:00:00", "2026-03-29 22:00:00"),
        (Reset.DAY, "Europe/Amsterdam", "2026-10-25 12:00:00", "2026-10-24 22:00:00", "2026-10-25 23:00:00"),
        (Reset.WEEK, "UTC", "2026-03-04 00:00:00", "2026-03-02 00:00:00", "2026-03-09 00:00:00"),
        (Reset.WEEK, "UTC", "2026-03-08 23:59:59", "2026-03-02 00:00:00", "2026-03-09 00:00:00"),
        (Reset.MONTH, "Europe/Amsterdam", "2026-02-28 22:59:59", "2026-01-31 23:00:00", "2026-02-28 23:00:00"),
        (Reset.MONTH, "America/New_York", "2026-12-31 23:00:00", "2026-12-01 05:00:00", "2027-01-01 05:00:00"),
        (Reset.YEAR, "Europe/Amsterdam", "2026-07-01 00:00:00", "2025-12-31 23:00:00", "2026-12-31 23:00:00"),
        (Reset.MONTH, "UTC", "2024-02-29 12:00:00", "2024-02-01 00:00:00", "2024-03-01 00:00:00"),
        # No billing is known: months of the calendar.
        (Reset.BILLING, "UTC", "2026-03-15 00:00:00", "2026-03-01 00:00:00", "2026-04-01 00:00:00"),
    ],
)
def test_a_period_of_the_calendar(reset, zone, when, start, end):
    assert said(reset, when, zone) == (start, end)


def test_what_never_resets_has_one_period():
    assert use_period(Reset.NEVER, at=at("2026-01-01"), zone="UTC") == ALWAYS


def test_a_billing_anchor_on_the_31st_is_clamped_without_drift():
    periods = Periods(starts_at=at("2026-01-31 10:00"), begun=at("2026-01-31 10:00"))
    starts = [said(Reset.BILLING, when, periods=periods)[0][:10] for when in ("2026-02-10", "2026-03-10", "2026-04-10")]
    assert starts == ["2026-01-31", "2026-02-28", "2026-03-31"]


def test_a_recorded_billing_period_is_the_period():
    starts = (at("2026-01-15"), at("2026-02-10"))
    periods = Periods(at("2026-01-15"), at("2026-01-15"), recorded=starts, last_end=at("2026-03-10"))
    assert said(Reset.BILLING, "2026-02-09", periods=periods) == ("2026-01-15 00:00:00", "2026-02-10 00:00:00")
    assert said(Reset.BILLING, "2026-02-10", periods=periods) == ("2026-02-10 00:00:00", "2026-03-10 00:00:00")
    assert said(Reset.BILLING, "2026-03-10", periods=periods) == ("2026-03-10 00:00:00", "2026-04-10 00:00:00")


def test_an_odd_last_period_is_followed_by_whole_ones_from_its_end():
    periods = Periods(at("2026-01-15"), at("2026-01-15"), recorded=(at("2026-01-15"),), last_end=at("2026-02-20"))
    assert said(Reset.BILLING, "2026-02-25", periods=periods) == ("2026-02-20 00:00:00", "2026-03-20 00:00:00")


def test_before_the_first_recorded_period_the_projection_ends_where_it_begins():
    periods = Periods(at("2026-01-01"), at("2026-01-01"), recorded=(at("2026-02-10"),), last_end=at("2026-03-10"))
    assert said(Reset.BILLING, "2026-02-05", periods=periods) == ("2026-02-01 00:00:00", "2026-02-10 00:00:00")


def test_yearly_billing_from_a_leap_day():
    periods = Periods(at("2024-02-29"), at("2024-02-29"), interval="year")
    assert said(Reset.BILLING, "2025-06-01", periods=periods) == ("2025-02-28 00:00:00", "2026-02-28 00:00:00")
    assert said(Reset.BILLING, "2028-03-01", periods=periods)[0] == "2028-02-29 00:00:00"


@settings(max_examples=20 * EXAMPLES)
@given(instants, st.sampled_from([r for r in Reset if r is not Reset.NEVER]), st.sampled_from(ZONES))
def test_periods_hold_their_instant_and_touch_their_neighbours(when, reset, zone):
    window = use_period(reset, at=when, zone=zone)
    assert window.contains(when)
    moment = timedelta(microseconds=1)
    assert use_period(reset, at=window.start, zone=zone) == window
    assert use_period(reset, at=window.end - moment, zone=zone) == window
    assert use_period(reset, at=window.end, zone=zone).start == window.end
    assert use_period(reset, at=window.start - moment, zone=zone).end == window.start


@settings(max_examples=20 * EXAMPLES)
@given(instants, st.lists(st.integers(1, 60), max_size=4), st.sampled_from(("month", "year")), st.integers(-900, 900))
def test_billing_periods_hold_their_instant_and_touch_their_neighbours(start, lengths, interval, days):
    edges = [start]
    for length in lengths:
        edges.append(edges[-1] + timedelta(days=length))
    periods = Periods(start, start, interval, "Europe/Amsterdam", tuple(edges[:-1]), edges[-1] if lengths else None)
    when = start + timedelta(days=days)
    window = billing_period(periods, at=when)
    assert window.contains(when)
    assert billing_period(periods, at=window.end).start == window.end
    assert billing_period(periods, at=window.start) == window
