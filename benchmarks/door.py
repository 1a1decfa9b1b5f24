"""What the door costs every request: `python -m benchmarks.door`.

Processor time, so that a busy machine tells the same; the floor is what no door could do without: one SHA-256 of the
key and one comparison in constant time.
"""

import hashlib
import hmac
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from timeit import repeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.test.utils import setup_databases, teardown_databases

from journal.actions.api_keys import issue
from journal.api.rate import take
from journal.domain.actor import SYSTEM
from journal.domain.rate import MOST
from journal.queries.live_keys import authenticate_cached

TIMES, ROUNDS = 100_000, 7


def cost(act: Callable[[], object]) -> float:
    """Microseconds of processor time, in the best of the rounds."""
    return min(repeat(act, number=TIMES, repeat=ROUNDS, timer=time.process_time)) / TIMES * 1e6


def main() -> None:
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        at = datetime.now(UTC)
        _row, plain = issue(name="Bench", scopes=["things:read"], expires_at=None, by=SYSTEM, at=at)
        now = at.timestamp()
        assert authenticate_cached(plain, now=now) is not None
        assert authenticate_cached(plain + "x", now=now) is None
        digest = hashlib.sha256(plain.encode()).digest()
        acts: dict[str, Callable[[], object]] = {
            "floor: digest and comparison": lambda: hmac.compare_digest(
                hashlib.sha256(plain.encode()).digest(), digest
            ),
            "authenticate_cached": lambda: authenticate_cached(plain, now=now),
            "take, with its headers": lambda: take("bench", MOST, time.monotonic()),
        }
        for name, act in acts.items():
            print(f"{name:32}{cost(act):6.2f} µs")
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
