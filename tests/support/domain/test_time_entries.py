"""Time on prepaid hours by table: rounding, what fits, what goes beyond, and what can't be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.time_entries import (
    Offer,
    Share,
    choose_allowance,
    fault_of,
    read_minutes,
    rounded,
    say_minutes,
    say_share,
    share,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(days=3), NOW + timedelta(days=30)
MINUTES = st.integers(min_value=1, max_value=24 * 60)
UNITS = st.integers(min_value=0, max_value=120)

# Facts of Probesys/bileto, tests/Service/ContractTimeAccountingTest.php (AGPL; the figures alone):
# hours of the contract, its unit in minutes, what was spent, and what was accounted of it.
BILETO = (
    ("to the minute", 1, 0, (20,), (20,)),
    ("beyond the hours is accounted all the same", 1, 0, (70,), (70,)),
    ("rounded up to the unit", 1, 30, (20,), (30,)),
    ("one after the other", 1, 0, (60, 30), (60, 30)),
)


@pytest.mark.parametrize(("why", "hours", "unit", "spent", "accounted"), BILETO)
def test_time_is_counted_as_elsewhere_where_it_may_be_overdrawn(
    why: str, hours: int, unit: int, spent: tuple[int, ...], accounted: tuple[int, ...]
) -> None:
    found = [share(minutes, unit=unit, room=None) for minutes in spent]
    assert [one.counted for one in found] == list(accounted), why
    assert [one.minutes for one in found] == list(spent)
    assert not any(one.beyond for one in found)


def test_what_must_not_be_counted_leaves_the_balance_alone() -> None:
    assert share(20, unit=30, room=60, exempt=True) == Share(20, 0, 0)  # bileto pp-05


@pytest.mark.parametrize(
    ("minutes", "unit", "room", "counted", "beyond"),
    [
        (20, 0, 60, 20, 0),
        (20, 30, 60, 30, 0),
        (30, 30, 60, 30, 0),
        (31, 30, 60, 60, 0),
        (70, 0, 60, 60, 10),
        (20, 30, 10, 10, 20),
        (20, 30, 0, 0, 30),
        (20, 30, -15, 0, 30),
        (1, 1, 1, 1, 0),
        (1, 1440, 60, 60, 1380),
    ],
)
def test_what_fits_is_counted_and_the_rest_is_beyond(
    minutes: int, unit: int, room: int, counted: int, beyond: int
) -> None:
    assert share(minutes, unit=unit, room=room) == Share(minutes, counted, beyond)


@given(minutes=MINUTES, unit=UNITS, room=st.none() | st.integers(min_value=-300, max_value=3000))
def test_nothing_gets_lost_and_never_more_is_counted_than_was_left(minutes: int, unit: int, room: int | None) -> None:
    found = share(minutes, unit=unit, room=room)
    assert found.rounded == rounded(minutes, unit=unit) >= minutes
    assert found.rounded - minutes < max(unit, 1)
    assert found.counted <= (found.rounded if room is None else max(room, 0))
    assert (found.beyond > 0) <= (room is not None and found.counted == max(room, 0))


@given(spent=st.lists(MINUTES, max_size=8), unit=UNITS, left=st.integers(min_value=0, max_value=1000))
def test_entries_one_after_the_other_take_what_the_balance_loses(spent: list[int], unit: int, left: int) -> None:
    balance = left
    for minutes in spent:
        found = share(minutes, unit=unit, room=balance)
        balance -= found.counted
    assert 0 <= balance <= left
    rest = sum(rounded(minutes, unit=unit) for minutes in spent)
    assert left - balance == min(left, rest)


@pytest.mark.parametrize(
    ("minutes", "ago", "code", "words"),
    [
        (0, 60, "no_time_worked", "at least 1"),
        (-5, 60, "no_time_worked", "withdraw it"),
        (1441, 2000, "absurd_time", "1,441 minutes is more than a day"),
        (30, 10, "from_the_future", "isn’t over yet"),
        (5, -3, "from_the_future", "isn’t over yet"),
    ],
)
def test_what_can_not_be_is_refused_in_words(minutes: int, ago: int, code: str, words: str) -> None:
    fault = fault_of(minutes, worked_at=NOW - timedelta(minutes=ago), now=NOW)
    assert fault is not None
    assert fault.code == code
    assert words in fault.words


@pytest.mark.parametrize(("minutes", "ago"), [(1, 1), (1440, 1440), (30, 30), (30, 26)])
def test_what_has_just_ended_is_taken(minutes: int, ago: int) -> None:
    assert fault_of(minutes, worked_at=NOW - timedelta(minutes=ago), now=NOW) is None


@pytest.mark.parametrize(
    ("offers", "chosen"),
    [
        ([], None),
        ([Offer(1, 100, LATER), Offer(2, 100, SOON)], 2),
        ([Offer(1, 100, None), Offer(2, 100, LATER)], 2),
        ([Offer(1, 100, SOON), Offer(2, 100, SOON)], 1),
        ([Offer(1, 10, SOON), Offer(2, 100, LATER)], 2),  # the first doesn’t hold it all
        ([Offer(1, 10, SOON), Offer(2, 20, LATER)], 1),
        ([Offer(1, 10, SOON), Offer(2, 0, None, overdraws=True)], 2),
        ([Offer(1, 0), Offer(2, None)], 2),
        ([Offer(1, 0), Offer(2, -5)], 1),
    ],
)
def test_of_several_the_balance_that_goes_first_is_used(offers: list[Offer], chosen: int | None) -> None:
    assert choose_allowance(offers, 30) == chosen
    assert choose_allowance(offers[::-1], 30) == chosen


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (45, "45 min"), (60, "1 h"), (250, "4 h 10 min"), (6000, "100 h"), (-90, "−1 h 30 min")],
)
def test_minutes_are_said_in_hours(minutes: int, words: str) -> None:
    assert say_minutes(minutes) == words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Share(20, 20, 0), "20 min"),
        (Share(20, 30, 0), "20 min count as 30 min"),
        (Share(20, 0, 0), "20 min, not counted"),
        (Share(20, 10, 20), "20 min count as 30 min: 10 min are left for it, 20 min are beyond"),
        (Share(20, 10, 10), "20 min: 10 min are left for it, 10 min are beyond"),
        (Share(20, 0, 30), "20 min count as 30 min, all of it beyond what is left"),
    ],
)
def test_a_share_is_said_as_it_came_about(found: Share, words: str) -> None:
    assert say_share(found) == words


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("20", 20), ("20 min", 20), ("20m", 20), ("1:20", 80), ("1 h", 60), ("1h20", 80), ("1 h 20 min", 80),
        ("1.5 h", 90), ("1,25h", 75), ("0.01 h", 1), ("-20", -20), (" 45 ", 45), ("2 hours", 120),
        ("", None), ("soon", None), ("1:60", None), ("20 30", None), ("1e9", None), ("9999999", None),
    ],
)  # fmt: skip
def test_time_is_read_as_people_write_it(typed: str, minutes: int | None) -> None:
    assert read_minutes(typed) == minutes
