"""The check in the process, against what others answer in theirs: `python -m benchmarks.check [--peers]`.

A thousand holders of a plan of sixty features are held in memory, and the thread that watches the database runs as it
does in a web process. It is first held that a sample of answers is what the resolver and `decide` say. Then everything
is timed in turn, round by round, each time another account; medians are compared. With `--peers` the peers of
benchmarks/peers.txt are installed into a folder of their own under DESK_VAR, and asked too. `.allowed` is read of each
answer, and of the explained one its reasons.
"""

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WITH_PEERS = "--peers" in sys.argv
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.peer_settings" if WITH_PEERS else "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")
PEERS = Path(os.environ.get("DESK_VAR", HERE.parent / "var")) / "bench-peers"
if WITH_PEERS:
    if not PEERS.exists():
        install = ["-m", "pip", "install", "--quiet", "--target", str(PEERS), "-r", str(HERE / "peers.txt")]
        subprocess.run([sys.executable, *install], check=True)
    sys.path.append(str(PEERS))  # last, so that the desk keeps its own Django

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from benchmarks.publishing import a_plan
from catalog.models import Feature, Plan
from entitlements.domain.decision import decide
from entitlements.models import Account, UsageCounter
from entitlements.queries.check import memory
from entitlements.queries.check.watch import watch
from entitlements.queries.entitlements import entitlements_of
from tests.catalog.factories import FeatureFactory, StorageFactory

HOLDERS, FEATURES, ROUNDS = 1_000, 60, 41
GB = 10**9
AIM_CHECK, AIM_EXPLAINED, GATE = 1.0, 2.0, 10.0
Question = Callable[[], object]


def build() -> list[str]:
    """The keys of the holders; storage counts what is in use of 100 GB, 40 of them for each tenth account."""
    storage = StorageFactory(key="storage", name="Storage")
    FeatureFactory(key="sso", name="Single sign-on")
    for _ in range(FEATURES - 2):
        FeatureFactory()
    with transaction.atomic():
        plan: Plan = a_plan("team", holders=HOLDERS, first=1)
    now = datetime.now(UTC)
    beginning = datetime(1970, 1, 1, tzinfo=UTC)
    UsageCounter.objects.bulk_create(
        UsageCounter(account_id=pk, feature=storage, starts_at=beginning, since=beginning, used=40 * GB, updated_at=now)
        for pk in range(10, HOLDERS, 10)
    )
    return [f"{plan.key}-{pk}" for pk in range(1, HOLDERS + 1)]


def hold_right(keys: list[str]) -> None:
    """A sample of answers is what the rows, the resolver and the naive rule say."""
    features = list(Feature.objects.values_list("key", flat=True))
    for _ in range(150):
        key, feature, quantity = (
            random.choice(keys),
            random.choice(features),
            random.choice((None, 1, 70 * GB, 101 * GB)),
        )
        account = Account.objects.get(key=key)
        counter = UsageCounter.objects.filter(account=account, feature__key=feature).first()
        answer = entitlements_of(account=account, at=datetime.now(UTC))[feature]
        asked = None if quantity is None else Decimal(quantity)
        expected = decide(answer, quantity=asked, used=Decimal(counter.used if counter else 0))
        told = memory.check(key, feature, quantity=quantity)
        assert (told.allowed, told.source) == (expected.allowed, "cache"), (key, feature, quantity, told)
    print(f"150 answers held against the resolver and decide: right, from memory (version {told.version})")


def questions(keys: list[str]) -> dict[str, Question]:
    state = {"n": 0}

    def key() -> str:
        state["n"] = (state["n"] + 1) % HOLDERS
        return keys[state["n"]]

    known: dict[str, dict[str, bool]] = {one: {"sso": True} for one in keys}
    check = memory.check
    return {
        "a dict in a dict": lambda: known[key()]["sso"],
        "check a gate": lambda: check(key(), "sso").allowed,
        "check a gate, explained": lambda: check(key(), "sso").because,
        "check an amount against use": lambda: check(key(), "storage", quantity=1).allowed,
        "check an amount, explained": lambda: check(key(), "storage", quantity=1).because,
    }


def timed(ask: Question, *, times: int) -> float:
    """Microseconds of this thread's own processor time: nothing waits, and other programs don't count."""
    begun = time.thread_time()
    for _ in range(times):
        ask()
    return (time.thread_time() - begun) / times * 1e6


def measure(asked: dict[str, Question]) -> dict[str, list[float]]:
    """Microseconds, in turn; a slow one is asked less often."""
    times = {name: max(20, min(4000, int(8000 / timed(ask, times=50)))) for name, ask in asked.items()}
    took: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, ask in asked.items():
            took[name].append(timed(ask, times=times[name]))
    return took


def say(took: dict[str, list[float]], peers: set[str]) -> int:
    """The table for RESULTS.md. A ratio is the median of the ratios of each round."""
    ours = took["check a gate"]
    times = {name: statistics.median(a / b for a, b in zip(rounds, ours, strict=True)) for name, rounds in took.items()}
    medians = {name: statistics.median(rounds) for name, rounds in took.items()}
    print(f"\n{connection.vendor}, {HOLDERS:,} accounts, {FEATURES} features; {ROUNDS} rounds in turn\n")
    print("| | µs, median | µs, best round | × the check of a gate, median of the rounds |\n|---|---|---|---|")
    for name, median in medians.items():
        print(f"| {name} | {median:.2f} | {min(took[name]):.2f} | {times[name]:.1f} |")
    slow = medians["check a gate"] > AIM_CHECK or medians["check a gate, explained"] > AIM_EXPLAINED
    print(f"\naims: a check ≤ {AIM_CHECK:g} µs, explained ≤ {AIM_EXPLAINED:g} µs: {'MISSED' if slow else 'met'}")
    if not peers:
        return 0
    fastest = min(peers, key=lambda name: times[name])
    print(f"gate: {times[fastest]:.1f} × faster than the fastest peer, {fastest} (gate {GATE:g} ×)")
    return 0 if times[fastest] >= GATE else 1


def main() -> int:
    setup_test_environment()
    databases: Any = setup_databases(verbosity=0, interactive=False)
    try:
        keys = build()
        watch.begin(wait=5)
        memory.warm(range(1, HOLDERS + 1))
        for key in keys:
            memory.check(key, "storage")
        hold_right(keys)
        peers: dict[str, Question] = {}
        if WITH_PEERS:
            from benchmarks.peers import all_peers

            peers = dict(all_peers())
            assert all(ask() is True for ask in peers.values()), "each peer must say yes"
        took = measure({**questions(keys), **peers})
    finally:
        watch.end()
        teardown_databases(databases, verbosity=0)
    return say(took, set(peers))


if __name__ == "__main__":
    sys.exit(main())
