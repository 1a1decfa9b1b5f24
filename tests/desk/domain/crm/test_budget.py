"""Never the last fifth of what the organisation may call."""

from datetime import timedelta

import pytest

from desk.domain.crm.budget import Budget


@pytest.mark.parametrize(
    ("used", "limit", "left", "percent"),
    [(0, 5000, 4000, 0), (3999, 5000, 1, 80), (4500, 5000, 0, 90), (1, 3, 1, 34)],
)
def test_a_fifth_stays_for_the_others(used, limit, left, percent):
    budget = Budget(used, limit)
    assert (budget.spendable, budget.used_percent) == (left, percent)
    assert budget.allows(left)
    assert not budget.allows(left + 1)


def test_a_limit_of_nothing_is_none():
    """Else one who doesn't count would be asked no more, once an hour excepted."""
    assert Budget(7, 0).allows(10**9)
    assert Budget(7, 0).used_percent is None


def test_where_the_crm_says_nothing_nothing_is_held_back():
    assert Budget().allows(10**9)
    assert Budget().used_percent is None


@pytest.mark.parametrize(
    ("used", "seconds"), [(None, 20), (0, 20), (39, 20), (40, 60), (59, 60), (60, 300), (100, 300)]
)
def test_the_more_calls_are_used_the_less_often_is_looked(used, seconds):
    budget = Budget(used, None if used is None else 100)
    assert budget.pace(timedelta(seconds=20)) == timedelta(seconds=seconds)


def test_who_looks_seldom_anyhow_looks_no_more_often_when_calls_run_short():
    assert Budget(50, 100).pace(timedelta(minutes=10)) == timedelta(minutes=10)
