"""Durable usage reports over HTTP: `python -m benchmarks.usage`, on the database at hand (PostgreSQL: DATABASE_URL).

Single reports and batches, of one hot account and spread over a thousand, against what one would write first
(get_or_create, select_for_update, save: benchmarks/naive.py) behind the same server. One process on one core; the
client, `wrk`, on the other, which it shares with the database. After each run the counters must say what was answered.
"""

import json
import os
import sys
import time
from contextlib import ExitStack
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from benchmarks.held import hold
from benchmarks.serving import CORES, Load, ask, interleaved, load, median, posting_events, ratio, server

ACCOUNTS = 1_000
ROUNDS, SECONDS = int(os.environ.get("DESK_BENCH_ROUNDS", "5")), 2.0
CONNECTIONS = 16
RUN = str(int(time.time()))


class Runs:
    """Each run tells events that nobody told before."""

    def __init__(self, token: str) -> None:
        self.token, self.number = token, 0

    def events(self, url: str, *, accounts: int, together: int = 1, connections: int = CONNECTIONS) -> Load:
        """In events a second."""
        self.number += 1
        script = posting_events(
            self.token, run=f"{RUN}-{self.number}", accounts=accounts, together=together, feature="mails"
        )
        found = load(url, script, connections=connections, seconds=SECONDS)
        counted()
        return Load(found.rate * together, found.p50, found.p99)


COUNTED = """
SELECT (SELECT sum(used) FROM entitlements_usagecounter), (SELECT sum(events) FROM entitlements_usagecounter),
    (SELECT count(*) FROM entitlements_usageevent)
"""


def counted() -> None:
    """The counters say what the events say, in one look, for the last requests may still be under way."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED)
        used, events, rows = cursor.fetchone()
    assert used == events == rows, (used, events, rows)


def right(desk: str, naive: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    body = json.dumps({"account": "held-1", "feature": "mails", "id": "once"}).encode()
    for _ in range(3):
        told = json.loads(ask(f"{desk}/api/v1/report", body=body, headers=headers)[1])
    assert (told["used"], told["replayed"]) == (1, True), told
    body = json.dumps({"account": "held-2", "feature": "mails", "id": "twice"}).encode()
    for _ in range(2):
        assert json.loads(ask(f"{naive}/report", body=body, headers=headers)[1]) == {"used": 1}
    counted()


def measure(token: str) -> None:
    runs = Runs(token)
    with ExitStack() as stack:
        desk = stack.enter_context(server("config.asgi:application")) + "/api/v1/report"
        base = stack.enter_context(server("config.asgi:application", settings="benchmarks.naive_settings"))
        right(desk.removesuffix("/api/v1/report"), base, token)
        naive = f"{base}/report"
        for accounts, where in ((1, "one hot account"), (ACCOUNTS, f"{ACCOUNTS:,} accounts")):
            runs.events(desk, accounts=accounts, together=100, connections=1)  # all of them are known then
            found = interleaved(
                {
                    "naive": lambda: runs.events(naive, accounts=accounts),  # noqa: B023 — used up at once
                    "one report a request": lambda: runs.events(desk, accounts=accounts),  # noqa: B023
                    "the same, 64 connections": lambda: runs.events(desk, accounts=accounts, connections=64),  # noqa: B023
                    "20 in a request": lambda: runs.events(desk, accounts=accounts, together=20, connections=4),  # noqa: B023
                    "100 in a request": lambda: runs.events(desk, accounts=accounts, together=100, connections=2),  # noqa: B023
                },
                rounds=ROUNDS,
            )
            say(where, found)


def say(where: str, found: dict[str, list[Load]]) -> None:
    print(f"\n{connection.vendor}, {where}, {len(CORES)} cores, {ROUNDS} rounds of {SECONDS:g} s\n")
    print("| what | events/s | of naive | request p50 ms | p99 ms |\n|---|---|---|---|---|")
    for name, loads in found.items():
        middle = median(loads)
        times = ratio(loads, found["naive"])
        print(f"| {name} | {middle.rate:,.0f} | {times:.1f} × | {middle.p50:.1f} | {middle.p99:.1f} |", flush=True)


def main() -> int:
    setup_test_environment()
    databases: Any = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            token = hold(ACCOUNTS)
        measure(token)
    finally:
        teardown_databases(databases, verbosity=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
