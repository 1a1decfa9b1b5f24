"""A model that failed a few times in a row is left alone for a while: whoever brings many tickets would wait for each.

Each process counts for itself. After the rest one try is enough to know.
"""

import threading
from collections.abc import Hashable
from time import monotonic

IN_A_ROW, SECONDS = 3, 30.0
_failures: dict[Hashable, tuple[int, float]] = {}  # how many in a row, and until when it rests
_lock = threading.Lock()


def is_resting(whom: Hashable) -> bool:
    return monotonic() < _failures.get(whom, (0, 0.0))[1]


def failed(whom: Hashable) -> None:
    with _lock:
        number = _failures.get(whom, (0, 0.0))[0] + 1
        _failures.clear()  # of one that was asked before nobody wants to know
        _failures[whom] = number, monotonic() + SECONDS if number >= IN_A_ROW else 0.0


def answered(whom: Hashable) -> None:
    with _lock:
        _failures.pop(whom, None)


def forget() -> None:
    """For tests."""
    with _lock:
        _failures.clear()
