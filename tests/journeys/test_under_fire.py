"""What customers may use is exact under fire: with repeats, killed processes, a restarted database, no broker."""

from collections.abc import Iterator

import pytest

from tests.journeys.fire import (
    SMALL,
    Desks,
    database_restarts,
    desks_under_fire,
    hard_limit,
    kill_9,
    random_amounts,
    redis_away,
    replay,
)

pytestmark = pytest.mark.kill


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    with desks_under_fire(SMALL.limit) as running:
        yield running


def test_a_hard_limit_is_reached_to_the_last_one_and_never_passed(desks: Desks) -> None:
    assert hard_limit(desks, SMALL) == {"attempts": 384, "allowed": SMALL.limit, "counter": SMALL.limit}


def test_an_event_told_by_sixteen_at_once_counts_once(desks: Desks) -> None:
    assert replay(desks, SMALL) == {"events": SMALL.replayed, "first": SMALL.replayed, "counter": SMALL.replayed}


def test_random_amounts_never_pass_the_limit_nor_are_refused_where_they_fit(desks: Desks) -> None:
    found = random_amounts(desks, SMALL)
    assert found["used"] == found["counter"] <= found["limit"]
    assert found["wrongly_refused"] == 0


def test_killed_processes_lose_nothing_and_count_nothing_twice(desks: Desks) -> None:
    found = kill_9(desks, SMALL)
    assert found["kills"] == SMALL.kills
    assert (found["lost"], found["double"], found["amount"]) == (0, 0, 0)


def test_what_was_answered_is_there_after_the_database_crashed(desks: Desks) -> None:
    found = database_restarts(desks, SMALL)
    assert found["answered"] == found["events"] == found["counter"]


def test_without_the_broker_answers_go_on_and_limits_hold(desks: Desks) -> None:
    found = redis_away(desks, SMALL)
    assert found["answered"] == SMALL.away
    assert found["counter"] <= found["limit"]
    assert not found["check_allowed"]
