from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.window import Window, end_through
from entitlements.domain.announcing import announced_at, ends_announced_in, nearest, zones_at_morning

HOUR = timedelta(hours=1)
ZONES = (
    "UTC",
    "Europe/Amsterdam",
    "America/Los_Angeles",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)
ends = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("end", "days", "zone", "told"),
    [
        ("2026-03-31T22:00", 1, "Europe/Amsterdam", "2026-03-30T07:00"),  # through 31 March: told on the 30th, 9:00
        ("2026-03-31T12:05", 1, "Europe/Amsterdam", "2026-03-30T07:00"),  # at 14:05 on 31 March: likewise
        ("2026-03-31T22:00", 7, "Europe/Amsterdam", "2026-03-24T08:00"),  # in winter time still
        ("2026-04-01T00:00", 1, "UTC", "2026-03-30T09:00"),
        ("2026-03-31T10:00", 1, "Pacific/Kiritimati", "2026-03-29T19:00"),
    ],
)
def test_an_end_is_announced_at_nine_where_the_customer_is_so_many_days_before_its_last_day(end, days, zone, told):
    assert announced_at(utc(end), days=days, zone=zone) == utc(told)


@given(ends, st.integers(1, 365), st.sampled_from(ZONES))
def test_it_is_announced_before_it_ends_and_never_more_than_a_day_too_early(end, days, zone):
    ahead = end - announced_at(end, days=days, zone=zone)
    assert timedelta(0) < ahead
    assert timedelta(days=days) - 10 * HOUR <= ahead <= timedelta(days=days + 1) + HOUR


@given(ends, st.integers(1, 365), st.sampled_from(ZONES), st.integers(0, 72))
def test_every_end_announced_in_a_stretch_is_looked_for(end, days, zone, hours):
    told = announced_at(end, days=days, zone=zone)
    stretch = Window(told - hours * HOUR, told + HOUR)
    assert ends_announced_in(stretch, days=days).contains(end)


def test_after_a_silence_only_the_nearest_is_told():
    end = end_through(utc("2026-03-31").date(), "UTC")
    assert nearest([7, 3, 1], end=end, zone="UTC", at=utc("2026-03-29T08:00")) == 3
    assert nearest([7, 3, 1], end=end, zone="UTC", at=utc("2026-03-30T09:00")) == 1
    assert nearest([7, 3, 1], end=end, zone="UTC", at=utc("2026-03-20T00:00")) is None


def test_a_short_stretch_concerns_only_the_zones_where_the_morning_begins():
    morning = zones_at_morning([Window(utc("2026-03-02T08:00"), utc("2026-03-02T08:00:05"))])
    assert "Europe/Amsterdam" in morning
    assert "Europe/London" not in morning
    assert zones_at_morning([Window(utc("2026-03-02T08:07"), utc("2026-03-02T08:07:05"))]) == frozenset()
    assert zones_at_morning([Window(utc("2026-03-02"), utc("2026-03-04"))]) is None


def test_a_stretch_without_an_end_is_no_sweep():
    with pytest.raises(ValueError, match="instant to an instant"):
        ends_announced_in(Window(None, utc("2026-03-02")), days=1)


@given(ends, st.integers(1, 30), st.sampled_from(ZONES))
def test_the_zone_of_every_announcement_is_among_them(end, days, zone):
    told = announced_at(end, days=days, zone=zone)
    assert zone in zones_at_morning([Window(told, told + timedelta(seconds=5))])
