"""Who is told at how many percent of an allowance, and when that is armed again."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.rules import USUAL_THRESHOLDS, Threshold, Told
from catalog.domain.values import UNLIMITED
from catalog.domain.window import ALWAYS
from entitlements.domain.usage.thresholds import Crossed, armed_again, highest_for, newly_reached, reached

LIMIT = Decimal(10_000)


def percents(before: int, after: int, limit=LIMIT) -> list[int]:
    found = newly_reached(USUAL_THRESHOLDS, before=Decimal(before), after=Decimal(after), limit=limit)
    return [threshold.percent for threshold in found]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (0, 7_999, []),
        (7_999, 8_000, [80]),
        (8_000, 8_001, []),
        (8_500, 9_000, [90]),
        (0, 10_000, [80, 90, 100]),
        (9_999, 12_000, [100]),
        (10_000, 12_000, []),
        (9_000, 100, []),
    ],
)
def test_a_threshold_is_reached_when_use_comes_to_it(before, after, told):
    assert percents(before, after) == told


def test_where_nothing_limits_nothing_is_near():
    assert percents(0, 10**12, UNLIMITED) == []
    assert percents(0, 10, Decimal(0)) == []


def test_of_an_odd_limit_the_share_is_exact():
    three = (Threshold(33, Told.CUSTOMER),)
    assert not reached(three, used=Decimal(3), limit=Decimal(10))
    assert reached(three, used=Decimal(33), limit=Decimal(100)) == three


def test_a_raised_limit_and_a_reset_arm_what_lies_above_again():
    told = (80, 90, 100)
    assert armed_again(told, used=LIMIT, limit=LIMIT) == ()
    assert armed_again(told, used=LIMIT, limit=LIMIT * 12 / 10) == (90, 100)
    assert armed_again(told, used=Decimal(0), limit=LIMIT) == told
    assert armed_again(told, used=LIMIT, limit=UNLIMITED) == told


def test_of_several_at_once_each_audience_hears_the_highest_of_its_own():
    def crossed(percent: int, told: Told) -> Crossed:
        return Crossed(1, 1, "", ALWAYS, percent, LIMIT, LIMIT, told)

    every = [crossed(80, Told.CUSTOMER), crossed(90, Told.SALES), crossed(95, Told.CUSTOMER)]
    assert highest_for(every, Told.CUSTOMER) == every[2]
    assert highest_for(every, Told.SALES) == every[1]
    assert highest_for(every[:1], Told.SALES) is None
    assert highest_for([crossed(100, Told.BOTH)], Told.SALES).percent == 100


@given(st.lists(st.integers(0, 5_000), max_size=20))
def test_in_whatever_steps_use_comes_each_threshold_is_reached_once(steps):
    used, told = 0, []
    for step in steps:
        told += percents(used, used + step)
        used += step
    assert told == percents(0, used) == [t.percent for t in reached(USUAL_THRESHOLDS, used=Decimal(used), limit=LIMIT)]
