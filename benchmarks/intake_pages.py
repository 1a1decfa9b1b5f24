"""Intake's figures and its queue over 100,000 decided tickets: `python -m benchmarks.intake_pages`.

The server's time for each page, in turn with a bare list of the same back office: the figures of twelve weeks and of a
year, the tickets behind one of them, and the queue with 2,000 held tickets at its beginning, far down, and its samples.
What is timed is checked first, against counts and marks made of the rows one by one. On PostgreSQL:
`python -m tests.postgres benchmarks.intake_pages`. DESK_BENCH_TICKETS makes them fewer, for a look at whether it runs.
"""

import gc
import hashlib
import itertools
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment, teardown_databases
from django.urls import reverse

from benchmarks.pages import beside_a_bare_list, load, signed_in
from benchmarks.ticket_desk import straight_from_models
from entitlements.models import Account
from support.domain.intake.outcomes import Outcome
from support.domain.intake.settings import Stage
from support.models import Case, IntakeDecision, Severity
from support.queries.intake.figures import Marks, figures
from support.queries.intake.queue import Tab, tickets
from support.queries.intake.spans import Span
from tests.support.casework import severities
from tests.support.intake_world import REASONS

NOW = datetime.now(UTC)
TICKETS, ACCOUNTS, HELD = int(os.environ.get("DESK_BENCH_TICKETS", "100000")), 5_000, 2_000
YEAR = timedelta(days=364)
ROUNDS, GATE_FIGURES, GATE_QUEUE, AIM_FIGURES, AIM_QUEUE = 9, 40, 10, 1.0, 0.5
# Of twenty tickets.
OUTCOMES = [Outcome.ACCEPT] * 10 + [Outcome.HOLD] * 4 + [Outcome.SUGGEST] * 3 + [Outcome.REDIRECT] * 2 + [Outcome.BLOCK]
WORDS = "The export to our warehouse has stopped since the upgrade of last week, and nobody in the team can start it again. "


def crowd() -> None:
    severities()
    severity = Severity.objects.order_by("position")[0]
    stamped = {"zone": "Europe/Amsterdam", "created_at": NOW - 2 * YEAR}
    Account.objects.bulk_create(Account(key=f"a-{n}", name=f"Customer {n}", **stamped) for n in range(ACCOUNTS))
    accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    for first in range(0, TICKETS, 5_000):
        numbers = range(first, min(first + 5_000, TICKETS))
        cases = Case.objects.bulk_create(_case(n, accounts, severity) for n in numbers if _has_case(n))
        by_number = {int(case.external_id): case for case in cases}
        IntakeDecision.objects.bulk_create((_ticket(n, accounts, by_number.get(n)) for n in numbers), batch_size=500)


def _came(number: int) -> datetime:
    return NOW - YEAR + YEAR * number / TICKETS


def _outcome(number: int) -> Outcome:
    return OUTCOMES[number * 7 % 20]


def _has_case(number: int) -> bool:
    return _outcome(number) in {Outcome.ACCEPT, Outcome.HOLD}


def _who(number: int) -> dict[str, Any]:
    return {"requester": f"person{number % 3}@a{number % ACCOUNTS}.example"}


def _case(number: int, accounts: list[int], severity: Severity) -> Case:
    came = _came(number)
    return Case(
        account_id=accounts[number % ACCOUNTS], subject="The export stops", channel="email", severity=severity,
        source="bench", external_id=str(number), opened_at=came, recorded_at=came, **_who(number),
    )  # fmt: skip


def _ticket(number: int, accounts: list[int], case: Case | None) -> IntakeDecision:
    """A held one is settled but for the last of them; one in ten of the others is a sample, most of them looked at."""
    came, outcome = _came(number), _outcome(number)
    sampled = outcome is not Outcome.HOLD and number % 10 == 3
    waits = outcome is Outcome.HOLD and number >= TICKETS - HELD * 5
    looked_at = (outcome is Outcome.HOLD and not waits) or (sampled and number % 50 != 3)
    reading = {
        "text": WORDS * 2, "where": "body", "given": "", "failed": "", "channel_asked": None, "severity_asked": "",
        "candidates": [[f"feature_{number % 60 + more}", 0.9 / (more + 1), WORDS[:60]] for more in range(5)],
    }  # fmt: skip
    part = {
        "outcome": outcome, "reason": REASONS[outcome], "words": WORDS, "feature": "exports", "confidence": 0.9,
        "proposed": "accept", "article": None, "offers": [],
    }  # fmt: skip
    feature = {
        "key": "exports", "name": "Exports", "granted": True, "why": "Team v3", "limit_reached": False, "offers": [],
        "article": None,
    }  # fmt: skip
    row = IntakeDecision(
        account_id=accounts[number % ACCOUNTS], case=case, at=came, asked_by="Help desk", channel="email",
        source="bench", external_id=str(number), subject="The export stops", text=WORDS * 5,
        text_digest=hashlib.sha256(str(number).encode()).hexdigest(), outcome=outcome, reason=REASONS[outcome],
        stage=Stage.HELD if waits else Stage.SETTLED if looked_at else Stage.DECIDED, words=WORDS,
        customer_words=WORDS, readings=[reading], parts=[part],
        engine={"features": {f"feature_{n}": feature for n in range(5)}, "help": {"covered": True, "why": WORDS}},
        wanted={"accept": 0.8, "redirect": 0.9, "suggest": 0.9, "acting": True}, read_by="minilm",
        took_us=20_000 + number * 7919 % 30_000, read_us=5_000 + number * 104_729 % 9_000, sampled=sampled, **_who(number),
    )  # fmt: skip
    if looked_at:
        row.settled_at, row.settled_by = came + timedelta(minutes=number * 31 % 3_000), "Bo"
        row.settled_outcome, row.labels = Outcome.ACCEPT if number % 9 else Outcome.REDIRECT, ["exports"]
    return row


def check() -> None:
    """Against what comes of the rows one by one."""
    span = Span.latest(12, now=NOW, zone="UTC")
    found = figures(span)
    rows = list(
        IntakeDecision.objects.filter(at__gte=span.starts[0])
        .exclude(stage=Stage.ASKED)
        .values_list("at", "took_us", "settled_at", "outcome")
    )
    assert found.total["tickets"] == len(rows) > TICKETS / 6, (found.total, len(rows))
    for number, week in itertools.islice(enumerate(found.weeks), 11):
        within = [row for row in rows if span.starts[number] <= row[0] < span.starts[number + 1]]
        assert week.took == marks([row[1] for row in within]), number
        assert week.waited == marks([row[2] - row[0] for row in within if row[3] == Outcome.HOLD and row[2]]), number
    assert tickets(Tab.HELD).count() >= min(HELD, TICKETS / 50) / 2


def marks(values: list[Any]) -> Marks | None:
    values.sort()
    if not values:
        return None
    return Marks(len(values), *(values[(len(values) * share + 99) // 100 - 1] for share in (50, 95)))


def measure(client: Client) -> Iterator[bool]:
    numbers, queue, rows = (
        reverse(f"admin:{name}") for name in ("intake_figures", "intake_review", "intake_figure_rows")
    )
    held = list(tickets(Tab.HELD).values_list("pk", flat=True))
    for name, url, gate, aim in (
        ("figures of twelve weeks", numbers, GATE_FIGURES, AIM_FIGURES),
        ("figures of a year", f"{numbers}?weeks=52", GATE_FIGURES * 4, None),
        ("the tickets behind a figure", f"{rows}?figure=disagreed", GATE_QUEUE, AIM_QUEUE),
        ("the queue", queue, GATE_QUEUE, AIM_QUEUE),
        ("the queue, far down", f"{queue}?tab=held&ticket=T-{held[-5]}", GATE_QUEUE, AIM_QUEUE),
        ("samples to look at", f"{queue}?tab=samples", GATE_QUEUE, AIM_QUEUE),
    ):
        assert client.get(url).status_code == 200, url
        yield beside_a_bare_list(client, name, [lambda u=url: client.get(u)], rounds=ROUNDS, gate=gate, aim=aim)


def main() -> int:
    setup_test_environment(debug=False)  # or every statement would be kept
    straight_from_models()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        begun = time.perf_counter()
        with transaction.atomic():
            crowd()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        check()
        gc.collect()
        gc.freeze()  # what building the crowd left behind is no part of serving a page
        print(
            f"database: {connection.vendor}; {IntakeDecision.objects.count():,} decisions, {Case.objects.count():,} cases, "
            f"{tickets(Tab.HELD).count():,} held; built in {time.perf_counter() - begun:.0f} s; {load()}"
        )
        within = list(measure(signed_in()))
        return 0 if all(within) else 1
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
