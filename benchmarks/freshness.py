"""How soon a committed change is known in another process: `python -m benchmarks.freshness`.

A second process holds an account in memory and checks it without pause; this one changes the account and tells when
that was committed. Both read one clock of the machine. Measured a change at a time on the database at hand; on
PostgreSQL also with the listening connection terminated just before each change. Each time the answer must turn.
"""

import os
import statistics
import subprocess
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "CRITICAL")

import django

django.setup()

from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from benchmarks.publishing import a_plan
from entitlements.domain.facts import Standing
from entitlements.models import Account
from entitlements.queries.check import memory
from entitlements.queries.check.watch import watch
from tests.catalog.factories import StorageFactory
from tests.entitlements.factories import AccountStandingFactory

LISTENED, CUT = int(os.environ.get("DESK_BENCH_CHANGES", "200")), 12
AIM, AIM_CUT = 0.100, 2.0
KEY = "held-1"
HOW = {"postgresql": "by LISTEN", "sqlite": "by looking each 10 ms"}


def watching() -> None:
    """The other process: holds the answer, says so with the number of its connection, and then when the answer turned."""
    connection.settings_dict["NAME"] = os.environ["DESK_BENCH_DATABASE"]
    watch.begin(wait=10)
    expected = True
    for _line in sys.stdin:
        while memory.check(KEY, "storage").source != "cache":
            time.sleep(0.001)
        expected = not expected
        print(watch.backend, flush=True)
        while memory.check(KEY, "storage").allowed is not expected:
            time.sleep(0.0002)
        print(time.clock_gettime(time.CLOCK_MONOTONIC), flush=True)
    watch.end()


class Other:
    """The process that watches."""

    def __init__(self) -> None:
        environment = os.environ | {"DESK_BENCH_DATABASE": str(connection.settings_dict["NAME"])}
        command = [sys.executable, "-m", "benchmarks.freshness", "--watching"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def hold(self) -> int:
        """Let it hold the answer; the number of the connection on which it listens."""
        assert self.process.stdin
        self.process.stdin.write("next\n")
        self.process.stdin.flush()
        return int(self.line())

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=20)


def change(standing: Standing, *, cut: int = 0) -> float:
    """When it was committed; by plain SQL, as somebody writes who knows nothing of memories. First a connection is cut."""
    with connection.cursor() as cursor:
        if cut:
            cursor.execute("SELECT pg_terminate_backend(%s)", [cut])
        cursor.execute("UPDATE entitlements_accountstanding SET standing = %s WHERE account_id = 1", [standing.value])
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def delays(count: int, *, cut: bool = False) -> list[float]:
    """Seconds from each commit until the answer turned in the other process."""
    other, found = Other(), []
    for number in range(count):
        backend = other.hold()
        committed = change((Standing.SUSPENDED, Standing.OPEN)[number % 2], cut=backend if cut else 0)
        found.append(float(other.line()) - committed)
        time.sleep(0.01)
    change(Standing.OPEN)
    other.end()
    return found


def say(name: str, found: list[float], aim: float) -> bool:
    ordered = sorted(found)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    told = f"p50 {statistics.median(ordered) * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms, longest {ordered[-1] * 1e3:.1f} ms"
    print(f"| {name} | {len(found)} | {told} | ≤ {aim * 1e3:g} ms | {'met' if p99 <= aim else 'MISSED'} |")
    return p99 <= aim


def main() -> int:
    setup_test_environment()
    databases: Any = setup_databases(verbosity=0, interactive=False)
    met = []
    try:
        StorageFactory(key="storage", name="Storage")
        a_plan("held", holders=1, first=1)
        AccountStandingFactory(account=Account.objects.get(pk=1), standing=Standing.OPEN)
        print("| commit → known in another process | changes | measured | aim (p99) | |\n|---|---|---|---|---|")
        met.append(say(f"{connection.vendor}, {HOW[connection.vendor]}", delays(LISTENED), AIM))
        if connection.vendor == "postgresql":
            met.append(say("postgresql, its connection cut just before", delays(CUT, cut=True), AIM_CUT))
    finally:
        teardown_databases(databases, verbosity=0)
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(watching() if "--watching" in sys.argv else main())
