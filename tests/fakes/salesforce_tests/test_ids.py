"""Ids: three letters that check the case of fifteen."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.salesforce.ids import Ids, suffix, whole

LETTERS = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    ("short", "long"), [("001D000000IqhSL", "001D000000IqhSLIAZ"), ("0063000000abcde", "0063000000abcdeAAA")]
)
def test_known_ids(short: str, long: str) -> None:
    assert short + suffix(short) == long
    assert whole(short) == whole(long) == long


@given(st.text(LETTERS, min_size=15, max_size=15))
def test_a_lost_case_is_put_right(short: str) -> None:
    long = short + suffix(short)
    assert whole(long.lower()) == whole(long.upper()) == long


@pytest.mark.parametrize("key", ["", "001", "001D000000IqhSL!AZ", "001D000000IqhSLIA", "001D000000IqhSLIAZZ"])
def test_what_is_none(key: str) -> None:
    assert whole(key) is None


def test_the_same_seed_gives_the_same_and_later_ones_sort_later() -> None:
    first, second = Ids(7), Ids(7)
    made = [first("006") for _ in range(100)]
    assert made == [second("006") for _ in range(100)] == sorted(made)
    assert Ids(8)("006") != made[0]
