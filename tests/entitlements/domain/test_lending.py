"""Who takes part in a loan, why the others don't, and in which subscription something lent stands."""

from datetime import UTC, datetime
from typing import Any

import pytest

from entitlements.domain.lending import OBSTACLE_WORDS, Candidate, Hosting, Obstacle, Running, host_among, obstacle_of

START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def obstacle(**facts: Any) -> Obstacle | None:
    return obstacle_of(Candidate(**({"starts_at": START, "ends_at": END} | facts)))


def test_a_feature_is_lent_to_whoever_is_open() -> None:
    assert obstacle() is None


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"merged": True}, Obstacle.MERGED),
        ({"closed": True}, Obstacle.CLOSED),
        ({"ends_at": START}, Obstacle.OVER),
        ({"hosting": Hosting.NONE}, Obstacle.NO_SUBSCRIPTION),
        ({"hosting": Hosting.PAUSED}, Obstacle.PAUSED),
        ({"hosting": Hosting.UNPAID}, Obstacle.UNPAID),
        ({"hosting": Hosting.GIVING, "sold": False}, Obstacle.NOT_SOLD),
        ({"hosting": Hosting.GIVING, "sold": True, "has_part": True}, Obstacle.HAS_IT),
        ({"hosting": Hosting.GIVING, "sold": True}, None),
        ({"merged": True, "closed": True, "hosting": Hosting.NONE}, Obstacle.MERGED),
    ],
)
def test_each_obstacle_and_which_of_several_is_said(facts: dict[str, Any], told: Obstacle | None) -> None:
    assert obstacle(**facts) is told


def test_every_obstacle_has_words() -> None:
    assert set(OBSTACLE_WORDS) == set(Obstacle)


PAUSED, UNPAID = {"unpaid": False, "paused": True}, {"unpaid": True, "paused": False}
FREE = {"unpaid": False, "paused": False}


@pytest.mark.parametrize(
    ("running", "found"),
    [
        ([], (Hosting.NONE, None)),
        ([Running(1, gives=False, **FREE)], (Hosting.NONE, None)),
        ([Running(1, gives=True, **FREE), Running(2, gives=True, **FREE)], (Hosting.GIVING, 1)),
        ([Running(1, gives=True, **PAUSED), Running(2, gives=True, **FREE)], (Hosting.GIVING, 2)),
        ([Running(1, gives=True, **PAUSED), Running(2, gives=True, **UNPAID)], (Hosting.PAUSED, 1)),
        ([Running(1, gives=True, **UNPAID)], (Hosting.UNPAID, 1)),
    ],
)
def test_the_first_that_gives_carries_it(running: list[Running], found: tuple[Hosting, int | None]) -> None:
    assert host_among(running) == found
