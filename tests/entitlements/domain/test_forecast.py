"""The day a limit will be hit: by the rhythm of the weeks, and honest about how little is known."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.domain.forecast import Basis, Forecast, forecast, simulate

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def days(*amounts: int, before: datetime = MONDAY) -> dict[date, Decimal]:
    """The use of the days before, the latest last; one more before them, for the first is never counted as whole."""
    first = before.date() - len(amounts) * DAY
    return {first - DAY: Decimal(0)} | {first + n * DAY: Decimal(amount) for n, amount in enumerate(amounts)}


def told(known: dict[date, Decimal], *, used: int = 0, limit: int, through: int = 28, **how: object) -> Forecast:
    return forecast(known, used=Decimal(used), limit=Decimal(limit), at=MONDAY, resets_at=MONDAY + through * DAY, **how)


def test_even_use_hits_the_limit_on_the_day_it_adds_up_to_it():
    found = told(days(*[100] * 56), used=500, limit=1_450)
    assert (found.hits_on, found.probability, found.basis) == (date(2026, 3, 11), 1.0, Basis.WEEKDAYS)
    assert found.low <= found.hits_on <= found.high


def test_what_is_far_from_the_limit_is_not_said_to_hit_it():
    found = told(days(*[100] * 56), limit=10_000)
    assert (found.hits_on, found.low, found.high, found.probability) == (None, None, None, 0.0)
    assert found.expected_at_reset == pytest.approx(Decimal(2_800), rel=Decimal("0.02"))


def test_a_weekend_without_use_puts_the_day_off():
    working = days(*[100, 100, 100, 100, 100, 0, 0] * 8)  # Monday first
    assert told(working, limit=420).hits_on == date(2026, 3, 6)
    assert told(working, limit=550).hits_on == date(2026, 3, 9)


def test_a_limit_that_is_reached_is_hit_today():
    found = told(days(*[100] * 20), used=1_000, limit=1_000)
    assert (found.hits_on, found.low, found.probability) == (MONDAY.date(), MONDAY.date(), 1.0)


def test_of_today_only_what_is_left_counts():
    known, evening = days(*[100] * 28), MONDAY + timedelta(hours=18)
    found = forecast(known, used=Decimal(75), limit=Decimal(150), at=evening, resets_at=MONDAY + 7 * DAY)
    assert found.hits_on == date(2026, 3, 3)


def test_the_day_of_the_reset_counts_up_to_its_hour():
    known = days(*[100] * 28)
    till_noon = forecast(known, used=Decimal(0), limit=Decimal(999), at=MONDAY, resets_at=MONDAY + 1.5 * DAY)
    assert till_noon.expected_at_reset == pytest.approx(Decimal(150), rel=Decimal("0.05"))


def test_recent_weeks_count_more():
    growing = days(*[100] * 28, *[200] * 28)
    assert told(growing, limit=9_999).expected_at_reset > 28 * 150


def test_what_swings_is_less_certain_than_what_is_even():
    even, swinging = days(*[100] * 56), days(*[0, 0, 300, 0, 200, 0, 200] * 8)
    wide, narrow = told(days(*[30, 210, 60] * 18), limit=1_200), told(even, limit=1_200)
    assert wide.high - wide.low >= narrow.high - narrow.low
    assert told(swinging, limit=1_200).hits_on is not None


def test_a_few_days_are_taken_as_all_alike_and_it_says_so():
    found = told(days(*[100] * 5), limit=1_000)
    assert found.basis is Basis.DAYS
    assert found.hits_on == date(2026, 3, 11)


def test_with_hardly_any_days_the_period_so_far_speaks():
    found = told({}, used=200, limit=1_000, starts_at=MONDAY - 2 * DAY)
    assert (found.basis, found.hits_on) == (Basis.PERIOD, date(2026, 3, 8))
    assert found.low < found.hits_on < found.high


def test_what_was_never_used_is_never_hit():
    assert told({}, limit=1).probability == 0
    assert told(days(*[0] * 30), limit=1).hits_on is None


def test_what_never_starts_again_is_looked_at_three_months_ahead():
    found = forecast(days(*[10] * 56), used=Decimal(0), limit=Decimal(10**6), at=MONDAY)
    assert found.expected_at_reset == pytest.approx(Decimal(920), rel=Decimal("0.02"))


def test_a_reset_that_is_over_is_a_mistake():
    with pytest.raises(ValueError, match="behind"):
        told({}, limit=1, through=0)


def test_the_days_ahead_never_fall_and_begin_with_what_was_used():
    paths = simulate(days(*[30, 210, 60] * 18), used=Decimal(40), at=MONDAY, resets_at=MONDAY + 7 * DAY)
    drawn = list(paths.ahead(used=Decimal(40)))
    assert [one.day for one in drawn] == [(MONDAY + n * DAY).date() for n in range(7)]
    assert all(40 <= one.low <= one.middle <= one.high for one in drawn)
    assert all(a.middle <= b.middle for a, b in pairwise(drawn))


amounts = st.lists(st.integers(0, 10**9), max_size=70)
far = st.none() | st.integers(1, 40)
NEVER = date.max


@given(amounts, st.integers(0, 10**9), st.integers(0, 10**10), st.integers(0, 10**9), far, st.integers(0, 9))
def test_a_higher_limit_is_never_hit_earlier(past, used, limit, more, through, seed):
    lower, higher = (_of(past, used, limit + extra, through, seed) for extra in (0, more))
    assert (lower.hits_on or NEVER) <= (higher.hits_on or NEVER)
    assert (lower.low or NEVER) <= (higher.low or NEVER)
    assert higher.probability <= lower.probability


@given(amounts, st.integers(0, 10**9), st.integers(0, 10**10), st.integers(0, 10**9), far, st.integers(0, 9))
def test_more_use_never_hits_later(past, used, limit, more, through, seed):
    less, further = (_of(past, used + extra, limit, through, seed) for extra in (0, more))
    assert (further.hits_on or NEVER) <= (less.hits_on or NEVER)
    assert less.probability <= further.probability


@given(amounts, st.integers(0, 10**9), st.integers(0, 10**10), far, st.integers(0, 9))
def test_the_same_seed_gives_the_same_answer_and_days_lie_in_order(past, used, limit, through, seed):
    found = _of(past, used, limit, through, seed)
    assert found == _of(past, used, limit, through, seed)
    assert 0 <= found.probability <= 1
    assert (found.low or NEVER) <= (found.hits_on or NEVER) <= (found.high or NEVER)
    assert found.expected_at_reset >= used


def _of(past: list[int], used: int, limit: int, through: int | None, seed: int) -> Forecast:
    resets_at = None if through is None else MONDAY + through * DAY
    how = {"at": MONDAY, "starts_at": MONDAY - 3 * DAY, "resets_at": resets_at, "seed": seed}
    return forecast(days(*past), used=Decimal(used), limit=Decimal(limit), **how)
