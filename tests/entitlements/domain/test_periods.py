"""When a subscription renews: what was recorded, and what is counted on from there."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.domain.periods import Periods, add_months
from tests.entitlements.domain.eager import renewals
from tests.entitlements.domain.strategies import instants, periods

AMSTERDAM = "Europe/Amsterdam"


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def monthly(start: str, *recorded: str, until: str = "", zone: str = "UTC", interval: str = "month") -> Periods:
    starts = tuple(at(day) for day in recorded)
    return Periods(at(start), at(start), interval, zone, starts, at(until) if until else None)


def course(subscribed: Periods, *, count: int) -> list[str]:
    """The renewals one after the other, as days."""
    found, since = [], subscribed.starts_at
    for _ in range(count):
        renewal = subscribed.renewal(since=since)
        found.append(f"{renewal:%Y-%m-%d}")
        since = renewal + timedelta(microseconds=1)
    return found


def test_the_day_of_the_month_is_kept_where_the_month_has_it():
    assert course(monthly("2026-01-31"), count=4) == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]


def test_a_year_goes_from_leap_day_to_the_last_of_february_and_back():
    leap = monthly("2024-02-29", interval="year")
    assert course(leap, count=4) == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_what_is_bought_is_not_renewed_at_once():
    subscribed = monthly("2026-03-01")
    assert subscribed.renewal(since=at("2026-01-01")) == at("2026-04-01")
    assert subscribed.renewal(since=at("2026-03-01")) == at("2026-04-01")


def test_an_item_added_later_renews_with_its_subscription():
    added = Periods(at("2026-01-10"), begun=at("2026-03-15"))
    assert added.renewal(since=at("2026-01-01")) == at("2026-04-10")


def test_a_renewal_at_the_very_instant_counts():
    assert monthly("2026-01-10").renewal(since=at("2026-04-10")) == at("2026-04-10")


def test_without_a_recorded_period_the_wall_clock_of_the_account_is_kept():
    march = Periods(at("2026-03-10"), at("2026-03-10"), zone=AMSTERDAM)
    assert march.renewal(since=at("2026-04-01")) == datetime(2026, 4, 9, 23, tzinfo=UTC)  # 01:00 there, in summer


def test_with_a_recorded_period_it_is_counted_in_utc():
    recorded = monthly("2026-01-10", "2026-02-10", until="2026-03-10", zone=AMSTERDAM)
    assert recorded.renewal(since=at("2026-04-01")) == at("2026-04-10")


def test_the_recorded_period_counts_even_where_it_began_late():
    late = monthly("2026-01-10", "2026-01-10", "2026-02-14", until="2026-03-14")
    assert course(late, count=3) == ["2026-02-14", "2026-03-14", "2026-04-14"]


def test_after_a_short_period_it_is_counted_from_its_end():
    trial_first = monthly("2026-01-01", "2026-01-01", until="2026-01-15")
    assert course(trial_first, count=3) == ["2026-01-15", "2026-02-15", "2026-03-15"]


@pytest.mark.parametrize(
    ("start", "until", "expected"),
    [
        ("2026-01-31", "2026-02-28", ["2026-02-28", "2026-03-31", "2026-04-30"]),  # the 31st is remembered
        ("2026-02-28", "2026-03-31", ["2026-03-31", "2026-04-30", "2026-05-31"]),  # and found again
        ("2026-02-28", "2026-03-28", ["2026-03-28", "2026-04-28", "2026-05-28"]),
    ],
)
def test_the_anchor_is_read_from_the_last_recorded_period(start, until, expected):
    assert course(monthly("2026-01-01", start, until=until), count=4)[-3:] == expected


def test_a_wall_clock_that_is_skipped_becomes_the_first_instant_after():
    half_past_two = datetime(2026, 2, 28, 1, 30, tzinfo=UTC)  # 02:30 in Amsterdam; on 29 March there is none
    assert add_months(half_past_two + timedelta(days=1), 0, AMSTERDAM) == half_past_two + timedelta(days=1)
    start = datetime(2026, 1, 29, 1, 30, tzinfo=UTC)
    assert add_months(start, 2, AMSTERDAM) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_recording_the_projected_period_moves_nothing():
    before = monthly("2026-01-31")
    projected = before.renewal(since=at("2026-02-01"))
    after = monthly("2026-01-31", "2026-01-31", f"{projected:%Y-%m-%d}", until="2026-03-31")
    for day in ("2026-02-01", "2026-03-01", "2026-04-01", "2027-01-01"):
        assert after.renewal(since=at(day)) == before.renewal(since=at(day))


@given(periods(), instants)
def test_it_is_the_first_of_all_renewals_counted_one_by_one(subscribed, since):
    assert subscribed.renewal(since=since) == next(r for r in renewals(subscribed) if r >= since)


@given(periods(), instants, st.integers(0, 500))
def test_a_later_publication_never_renews_anybody_earlier(subscribed, since, days):
    assert subscribed.renewal(since=since) <= subscribed.renewal(since=since + timedelta(days=days))
