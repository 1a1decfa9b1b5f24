"""What checking a ticket costs at 10,000 accounts: `python -m benchmarks.intake [--model FOLDER]`.

In turn with a bare `open_case`, in one run: the decision alone with what was read given, `check_ticket` (the decision
and its record), the same with the reading by the embedded classifier before it, and `take_ticket` (decision, case and
clocks). The demo's catalog, and customers of every plan; tickets of one, two and three requests. The log of changes is
watched, as in a web process; `--rows`: by nobody, as in a worker. The aim: decided within 50 ms at p95, the classifier
apart. The gates are of processor time, of which other programs on the machine take little. DESK_BENCH_ACCOUNTS makes the
crowd smaller, for a look at whether it runs.
"""

import argparse
import gc
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, setup_databases, setup_test_environment, teardown_databases

from benchmarks.pages import load
from benchmarks.ticket_desk import BEGAN, NOW, PLANS, classifiers, customer, straight_from_models, the_catalog, topics
from entitlements.models import Account
from entitlements.queries.check.watch import watch
from journal import triggers
from journal.domain.actor import SYSTEM
from support.actions.cases.opening import open_case
from support.actions.intake.recording import check_ticket, take_ticket
from support.domain.case_events import Channel
from support.domain.intake.splitting import split
from support.domain.intake.understood import Topic, Understood
from support.intake.embedded import EmbeddedClassifier
from support.models import Severity
from support.queries.intake.deciding import Read, Told, decided, ticket_of
from support.queries.intake.settings import intake_settings
from tests.support.ticket_world import checking

ACCOUNTS = int(os.environ.get("DESK_BENCH_ACCOUNTS", "10000"))
ROUNDS, EACH, AIM = 100, 3, 50.0
DECISION = "the decision alone"
GATES = {DECISION: 0.9, "check_ticket, read before": 1.0, "take_ticket, read before": 2.3}
WRITTEN = (
    ("Backups", "We need yesterday's backup back, a table was dropped this morning."),
    ("Two things", "Our log drain to Datadog stopped. Also, can we have single sign-on for all of our staff?"),
    ("Region", "1. Move us to Frankfurt\n2. Give the new colleague access\n3. Which IPv4 address will we have?"),
    ("Bill", "Why are there two lines on our last invoice?"),
)


def crowd() -> None:
    rows = (
        Account(key=f"acc-{number:06}", name=f"Account {number}", zone="UTC", country="NL", created_at=BEGAN)
        for number in range(ACCOUNTS)
    )
    while batch := list(itertools.islice(rows, 2_000)):
        Account.objects.bulk_create(batch, batch_size=500)


def read_by(classifier: EmbeddedClassifier, known: Sequence[Topic], told: Told) -> Read:
    requests = split(told.ticket).requests
    readings = classifier.read([one.said for one in requests], known)
    return Read(tuple(Understood(one, made) for one, made in zip(requests, readings, strict=True)), kind="minilm")


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds of each turn, by the clock and of this thread's own processor time; and statements of each ticket."""

    wall: list[float]
    busy: list[float]
    statements: list[int]

    @classmethod
    def nothing(cls) -> "Timed":
        return cls([], [], [])

    def take(self, act: Callable[[], object]) -> None:
        begun, own = time.perf_counter(), time.thread_time()
        act()
        self.busy.append((time.thread_time() - own) * 1_000)
        self.wall.append((time.perf_counter() - begun) * 1_000)


def p95(found: Sequence[float]) -> float:
    return statistics.quantiles(found, n=20)[-1]


def say(name: str, own: Timed, bare: Timed, *, aim: float | None = None, gate: float | None = None) -> bool:
    """Whether the gate is kept: the median of processor time over that of a bare `open_case` of the same turns."""
    ratio = statistics.median(one / other for one, other in zip(own.busy, bare.busy, strict=True))
    wall, busy = ((statistics.median(found), p95(found)) for found in (own.wall, own.busy))
    missed = "" if aim is None else f" (aim < {aim:.0f} ms{'' if wall[1] < aim else ', MISSED'})"
    kept = gate is None or ratio <= gate
    gated = "" if gate is None else f"   (gate {gate:g} ×)  {'ok' if kept else 'MISSED'}"
    print(
        f"{name:<26} p50 {wall[0]:6.1f} ms  p95 {wall[1]:6.1f} ms{missed}  processor p50 {busy[0]:5.1f} p95 {busy[1]:5.1f} ms  "
        f"{min(own.statements)} to {max(own.statements)} statements  {ratio:4.2f} × open_case{gated}"
    )
    told = {
        "name": name,
        "p50_ms": round(wall[0], 2),
        "p95_ms": round(wall[1], 2),
        "processor_p50_ms": round(busy[0], 2),
        "processor_p95_ms": round(busy[1], 2),
        "ratio": round(ratio, 2),
        "statements": max(own.statements),
    }
    print(json.dumps({"benchmark": "intake", **told}), flush=True)
    return kept


def measure(tickets: Sequence[Told], reader: EmbeddedClassifier, known: Sequence[Topic]) -> bool:
    severity = Severity.objects.order_by("position")[0].key
    opening = {"subject": "A ticket", "severity": severity}
    given = [read_by(reader, known, one) for one in tickets]

    def bare(told: Told, _: Read) -> object:
        return open_case(
            subject="A ticket", channel=told.channel, severity=severity, account=told.account, by=SYSTEM, at=NOW
        )

    acts: dict[str, Callable[[Told, Read], object]] = {
        "open_case": bare,
        DECISION: lambda told, read: decided(told, read, settings=intake_settings(), at=NOW),
        "check_ticket, read before": lambda told, read: check_ticket(told, read, by=SYSTEM, at=NOW),
        "check_ticket with reading": lambda told, _: check_ticket(
            told, read_by(reader, known, told), by=SYSTEM, at=NOW
        ),
        "take_ticket, read before": lambda told, read: take_ticket(
            told, read, opening=opening, keeps=True, by=SYSTEM, at=NOW
        ),
    }
    timed = {name: Timed.nothing() for name in acts}
    for told, read in zip(tickets, given, strict=True):
        for name, act in acts.items():
            with CaptureQueriesContext(connection) as reads:
                act(told, read)
            timed[name].statements.append(len(reads))
    for turn in range(ROUNDS):
        told, read = tickets[turn % len(tickets)], given[turn % len(given)]
        for name, act in acts.items():
            timed[name].take(lambda a=act, t=told, r=read: a(t, r))
    kept = [
        say(name, own, timed["open_case"], aim=AIM if name == DECISION else None, gate=GATES.get(name))
        for name, own in timed.items()
    ]
    return all(kept)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--model", default=settings.DESK_MODELS, type=Path, help="where the model's weights are")
    asked.add_argument("--rows", action="store_true", help="nobody watches the log of changes")
    said = asked.parse_args()
    setup_test_environment(debug=False)  # or every statement would be kept
    straight_from_models()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        begun = time.perf_counter()
        with transaction.atomic():
            the_catalog()
            checking()
            accounts = [customer(f"held-{plan}-{n}", plan) for plan in PLANS for n in range(EACH)]
        with triggers.suspended(connection), transaction.atomic():
            crowd()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        known = topics()
        found = classifiers(said.model, known)
        name, reader = next(iter(found.items()))
        gc.collect()
        gc.freeze()  # what building the crowd left behind is no part of deciding
        print(
            f"database: {connection.vendor}; {Account.objects.count():,} accounts; read by {name}; "
            f"built in {time.perf_counter() - begun:.0f} s; {load()}"
        )
        pairs = zip(itertools.cycle(WRITTEN), [one for one in accounts for _ in WRITTEN])
        tickets = [Told(ticket_of(*written), Channel.EMAIL, account) for written, account in pairs]
        if not said.rows:
            watch.begin(wait=5)
        return 0 if measure(tickets, reader, known) else 1
    finally:
        watch.end()
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
