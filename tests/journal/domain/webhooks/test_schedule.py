from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.webhooks.schedule import (
    DELAYS,
    LONGEST_REST,
    LONGEST_SILENCE,
    MOST_TRIES,
    PATIENCE,
    WHOLE,
    delay_after,
    is_given_up,
    rest_asked,
    silence_after,
)

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_ten_tries_over_three_days():
    assert MOST_TRIES == 10
    assert timedelta(hours=75, minutes=35, seconds=5) == WHOLE
    told = [delay_after(tries, jitter=0) for tries in range(1, 10)]
    assert told == list(DELAYS[1:])
    assert told[:3] == [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)]


def test_after_the_tenth_it_is_given_up():
    assert delay_after(10, jitter=0.5) is None
    assert delay_after(11, jitter=0) is None


@given(st.integers(1, 30), st.floats(0, 1))
def test_jitter_only_adds_and_never_more_than_a_tenth(tries, jitter):
    exact, spread = delay_after(tries, jitter=0), delay_after(tries, jitter=jitter)
    assert (exact is None) == (spread is None) == (tries >= MOST_TRIES)
    if exact is not None:
        assert exact <= spread <= exact * 1.1


@pytest.mark.parametrize(("tries", "jitter"), [(0, 0), (-1, 0), (1, -0.1), (1, 1.1)])
def test_impossible_counts_are_mistakes_of_ours(tries, jitter):
    with pytest.raises(ValueError, match="jitter"):
        delay_after(tries, jitter=jitter)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 1 ", 1),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("soon", None),
        ("٣", None),  # a digit, but not one of HTTP's
        ("9" * 400, 86_400),
        ("86401", 86_400),
        (format_datetime(AT + timedelta(minutes=2), usegmt=True), 120),
        (format_datetime((AT + timedelta(hours=1)).astimezone(timezone(timedelta(hours=5)))), 3600),
        ("Mon, 02 Mar 2026 09:00:30", 30),  # without a zone it is UTC
        (format_datetime(AT - timedelta(days=1), usegmt=True), None),
        ("Fri, 31 Dec 2999 23:59:59 GMT", 86_400),
        ("Mon, 32 Foo 2026 99:00:30 GMT", None),
    ],
)
def test_how_long_a_receiver_asks_to_be_left_alone(header, seconds):
    assert rest_asked(header, at=AT) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(max_size=60))
def test_any_header_can_be_read(header):
    rest = rest_asked(header, at=AT)
    assert rest is None or timedelta(0) < rest <= LONGEST_REST


def test_who_gives_no_answer_is_asked_ever_more_rarely():
    told = [silence_after(failures).total_seconds() for failures in range(12)]
    assert told[:PATIENCE] == [0] * PATIENCE
    assert told[PATIENCE:] == [4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert silence_after(10**9) == LONGEST_SILENCE


def test_five_days_of_nothing_but_failures_are_enough():
    assert not is_given_up(None, at=AT)
    assert not is_given_up(AT - timedelta(days=5) + timedelta(seconds=1), at=AT)
    assert is_given_up(AT - timedelta(days=5), at=AT)
