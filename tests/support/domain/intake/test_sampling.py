"""Which decisions are shown to staff: about so many of a hundred, the same each time, whatever the ticket says."""

import hashlib
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.intake.sampling import is_sampled
from support.domain.intake.tickets import Ticket

MANY = 20_000


def drawn(percent: int, *, digest: str = "", start: int = 1, many: int = MANY) -> list[int]:
    return [n for n in range(start, start + many) if is_sampled(digest, number=n, percent=percent)]


@pytest.mark.parametrize("percent", [1, 5, 20, 50])
@pytest.mark.parametrize("digest", ["", Ticket("SSO", "It fails.").digest])
def test_about_so_many_of_a_hundred_of_numbers_in_a_row(percent: int, digest: str) -> None:
    """Within five standard deviations; for these words and numbers it is always the same."""
    share = percent / 100
    assert abs(len(drawn(percent, digest=digest)) - MANY * share) < 5 * sqrt(MANY * share * (1 - share))


def test_about_so_many_of_one_number_s_possible_words() -> None:
    found = sum(is_sampled(hashlib.sha256(str(n).encode()).hexdigest(), number=7, percent=5) for n in range(MANY))
    assert abs(found - MANY * 0.05) < 5 * sqrt(MANY * 0.05 * 0.95)


def test_neighbours_tell_nothing_of_each_other() -> None:
    """Of those after a drawn one as many are drawn as of any."""
    found = set(drawn(5))
    after = sum(n + 1 in found for n in found)
    assert abs(after - len(found) * 0.05) < 5 * sqrt(len(found) * 0.05 * 0.95)


def test_none_or_all() -> None:
    assert drawn(0, many=500) == []
    assert len(drawn(100, many=500)) == 500


@given(st.text(max_size=70), st.integers(0, 10**12), st.integers(0, 100), st.integers(0, 100))
def test_whoever_wants_more_is_shown_what_was_shown_before_too(digest: str, number: int, one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert is_sampled(digest, number=number, percent=many) or not is_sampled(digest, number=number, percent=few)


def test_it_stays_as_it_is_from_version_to_version() -> None:
    """A ticket that was drawn is drawn again where its decision is made again."""
    assert drawn(5, digest="a" * 64, many=100) == [65, 67, 87, 90]
