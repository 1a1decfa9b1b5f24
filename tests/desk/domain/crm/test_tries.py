"""What couldn't be taken in is tried again by itself, each time later, and then waits for a person."""

import pytest

from desk.domain.crm.tries import MOST_TRIES, WAITS, wait_after


def test_waits_grow_until_nobody_tries_any_more():
    waits = [wait_after(tries) for tries in range(1, MOST_TRIES)]
    assert waits == sorted(WAITS)
    assert MOST_TRIES == 8
    assert wait_after(MOST_TRIES) is None


def test_tries_count_from_one():
    with pytest.raises(ValueError, match="count from 1"):
        wait_after(0)
