"""Where an arrival stands, and when one that failed is tried again.

The first tries come quickly, because most failures are a moment's; the later ones wait out what a person has to mend.
"""

from datetime import timedelta
from enum import StrEnum


class ArrivalState(StrEnum):
    """waiting -> working -> done; back to waiting after a failure, `given_up` after the last one.

    `set_aside`: nobody handles its type. `passed_over`: decided, by a person with a reason or because a later one of
    its subject covers it.
    """

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    SET_ASIDE = "set_aside"
    GIVEN_UP = "given_up"
    PASSED_OVER = "passed_over"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    ArrivalState.WAITING: "Waiting",
    ArrivalState.WORKING: "Being taken",
    ArrivalState.DONE: "Done",
    ArrivalState.SET_ASIDE: "Set aside",
    ArrivalState.GIVEN_UP: "Given up",
    ArrivalState.PASSED_OVER: "Passed over",
}
FINISHED = (ArrivalState.DONE, ArrivalState.SET_ASIDE, ArrivalState.PASSED_OVER)

# After each failed try, until the next.
DELAYS = (
    timedelta(seconds=2),
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
)
MOST_TRIES = len(DELAYS) + 1
SPREAD = 0.1  # of a delay, added at most, so that what failed together doesn't come back together


def delay_after(tries: int, *, jitter: float) -> timedelta | None:
    """How long to wait after so many failed tries; None after the last. `jitter` in [0, 1] is chosen by the caller."""
    if tries < 1 or not 0 <= jitter <= 1:
        raise ValueError("Tries count from 1 and jitter lies between 0 and 1.")
    return DELAYS[tries - 1] * (1 + SPREAD * jitter) if tries < MOST_TRIES else None
