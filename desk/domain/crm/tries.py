"""When a record that couldn't be taken in is tried again by itself, and when it waits for a person."""

from collections.abc import Sequence
from datetime import timedelta

WAITS: Sequence[timedelta] = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
MOST_TRIES = len(WAITS) + 1


def wait_after(tries: int) -> timedelta | None:
    """How long after so many failed tries, counted from 1; None: nobody tries again before a person asks for it, or
    something new is heard of the record."""
    if tries < 1:
        raise ValueError("Tries count from 1.")
    return WAITS[tries - 1] if tries < MOST_TRIES else None
