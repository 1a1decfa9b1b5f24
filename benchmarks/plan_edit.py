"""A plan edit costs the same for one holder as for a million held in memory: `python -m benchmarks.plan_edit`.

Two plans that say the same, one with one holder and one with many. `DESK_BENCH_ROWS` of the many are rows, read into
memory as a web process reads them; beside them memory is filled up to `DESK_BENCH_HOLDERS` with accounts that differ
in key, id and date only, through the same `keep`. Then a version is published for each plan in turn, and timed: the
publication up to its commit; and from there until the check of a random holder gives what was published. That check
must be right each time, out of memory, and no row of an account may be read for it.
"""

import os
import random
import statistics
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection
from django.test.utils import CaptureQueriesContext, setup_databases, setup_test_environment, teardown_databases

from benchmarks.publishing import GB, a_plan, publish_next
from catalog.models import Plan
from entitlements.models import Account
from entitlements.queries.check import Memory
from entitlements.queries.check.reading import read_account
from tests.catalog.factories import FeatureFactory, StorageFactory

ROWS = int(os.environ.get("DESK_BENCH_ROWS", "10000"))
MANY = int(os.environ.get("DESK_BENCH_HOLDERS", "1000000"))
FEATURES, ROUNDS, GATE, AIM_MS, AIM_BYTES = 60, 15, 1.5, 10.0, 256
FIRST = 1_000


def resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def fill(memory: Memory, plan: Plan) -> float:
    """Up to so many accounts of the plan, as if each had been read; the bytes that one takes."""
    like = read_account(FIRST, view=memory.store.view(), at=time.time())
    before = resident()
    with memory.store.reading() as reading:
        for number in range(FIRST + ROWS, FIRST + MANY):
            since = like.seen.since and like.seen.since + timedelta(microseconds=number)
            read = replace(like, seen=replace(like.seen, since=since), accounts=frozenset({number}))
            memory.remember_name(f"{plan.key}-{number}", memory.store.keep(number, read, reading))
    return (resident() - before) / max(MANY - ROWS, 1)


def edit(memory: Memory, plan: Plan, size: int, holder: str) -> tuple[float, float]:
    """Milliseconds to publish, and then until the holder's check has it."""
    publish_took = publish_next(plan, size)
    committed = time.perf_counter()
    memory.take_up_changes()
    told = memory.whole_set(holder)
    known = time.perf_counter()
    assert (told.rulings["storage"].limit, told.source) == (size * GB, "cache"), (holder, told)
    assert not memory.check(holder, "storage", quantity=size * GB + 1).allowed
    return publish_took * 1e3, (known - committed) * 1e3


def reads_no_account(memory: Memory, plan: Plan, holders: list[str]) -> int:
    """After an edit, the queries of the first checks of these holders; none of them reads an account's rows."""
    publish_next(plan, 101)
    memory.take_up_changes()
    with CaptureQueriesContext(connection) as asked:
        for holder in holders:
            memory.whole_set(holder)
    of_accounts = [query["sql"] for query in asked if 'FROM "entitlements_subscription' in query["sql"]]
    assert not of_accounts, of_accounts
    return len(asked)


def measure(memory: Memory, plans: dict[int, Plan]) -> dict[int, list[tuple[float, float]]]:
    """The two plans in turn, so that a machine that slows down slows both."""
    took: dict[int, list[tuple[float, float]]] = {count: [] for count in plans}
    for number in range(1, ROUNDS + 1):
        for count, plan in plans.items():
            holder = f"{plan.key}-1" if count == 1 else f"{plan.key}-{FIRST + random.randrange(MANY)}"
            took[count].append(edit(memory, plan, 101 + number, holder))
    return took


def main() -> int:
    setup_test_environment()
    databases: Any = setup_databases(verbosity=0, interactive=False)
    try:
        StorageFactory(key="storage", name="Storage")
        for _ in range(FEATURES - 1):
            FeatureFactory()
        plans = {1: a_plan("one", holders=1, first=1), MANY: a_plan("many", holders=ROWS, first=FIRST)}
        memory = Memory(most=2 * MANY + 2 * ROWS)
        memory.take_up_changes()
        for account in Account.objects.filter(pk__lt=FIRST + ROWS, pk__gte=1).values_list("pk", flat=True)[:1]:
            memory.warm([account])
        return told(memory, plans)
    finally:
        teardown_databases(databases, verbosity=0)


def told(memory: Memory, plans: dict[int, Plan]) -> int:
    begun = time.perf_counter()
    memory.warm(range(FIRST, FIRST + ROWS))
    read = (time.perf_counter() - begun) / ROWS * 1e3
    memory.take_up_changes()
    each = fill(memory, plans[MANY])
    memory.take_up_changes()
    sample = [f"many-{FIRST + random.randrange(MANY)}" for _ in range(300)]
    asked = reads_no_account(memory, plans[MANY], sample)
    took = measure(memory, plans)
    publishing, knowing = ({n: statistics.median(t[i] for t in took[n]) for n in took} for i in (0, 1))
    ratios = {what: by[MANY] / by[1] for what, by in (("publishing", publishing), ("knowing", knowing))}
    now = datetime.now(UTC)
    print(f"{connection.vendor}, {now:%Y-%m-%d}: {len(memory.store.ids):,} accounts in memory, {ROWS:,} of them rows")
    print(f"profiles: {len(memory.store.profiles)}; an account read in bulk: {read:.2f} ms; one in memory: {each:.0f} B "
          f"(aim ≤ {AIM_BYTES} B) {'met' if each <= AIM_BYTES else 'MISSED'}")  # fmt: skip
    print("| plan edit, median | 1 holder | a million holders | ratio | gate |\n|---|---|---|---|---|")
    for what, by in (("publishing", publishing), ("knowing", knowing)):
        words = {"publishing": "publication, to its commit", "knowing": "commit → the next check has it"}[what]
        print(f"| {words} | {by[1]:.1f} ms | {by[MANY]:.1f} ms | {ratios[what]:.2f} × | {GATE:g} × |")
    print(f"{asked} queries for the first checks of 300 holders after an edit, none of them for an account")
    return 0 if all(ratio <= GATE for ratio in ratios.values()) and each <= AIM_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
