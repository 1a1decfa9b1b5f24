from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.actor import SYSTEM
from journal.domain.deed import Deed
from journal.domain.delivery import FIRST_DELAY, LONGEST_DELAY, MOST_ATTEMPTS, delay_after, is_dead


def test_the_delay_doubles_until_it_is_longest():
    delays = [delay_after(attempt, jitter=0) for attempt in (1, 2, 3, 20, 10_000)]
    assert delays == [FIRST_DELAY, FIRST_DELAY * 2, FIRST_DELAY * 4, LONGEST_DELAY, LONGEST_DELAY]


@given(attempt=st.integers(1, 1000), jitter=st.floats(0, 1))
def test_jitter_takes_away_at_most_half(attempt, jitter):
    whole = delay_after(attempt, jitter=0)
    assert whole / 2 <= delay_after(attempt, jitter=jitter) <= whole


@pytest.mark.parametrize(("attempt", "jitter"), [(0, 0.5), (1, -0.1), (1, 1.1)])
def test_impossible_attempts_are_refused(attempt, jitter):
    with pytest.raises(ValueError, match="Attempts count from 1"):
        delay_after(attempt, jitter=jitter)


def test_a_message_is_given_up_after_some_hours_of_tries():
    waited = sum((delay_after(n, jitter=0) for n in range(1, MOST_ATTEMPTS)), timedelta())
    assert timedelta(hours=4) < waited < timedelta(hours=5)
    assert [is_dead(MOST_ATTEMPTS - 1), is_dead(MOST_ATTEMPTS)] == [False, True]


def test_a_deed_needs_a_moment_with_a_zone():
    with pytest.raises(ValueError, match="needs a zone"):
        Deed(id=uuid4(), by=SYSTEM, at=datetime(2026, 1, 1))  # noqa: DTZ001
    assert Deed(id=uuid4(), by=SYSTEM, at=datetime(2026, 1, 1, tzinfo=UTC)).by is SYSTEM
