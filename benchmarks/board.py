"""The board over 10,000 open cases: `python -m benchmarks.board`.

The server's time for the whole page, for the part that is fetched again when something changed, and for the answer that
nothing did; in turn with a bare list of the same back office. On PostgreSQL: `DATABASE_URL=… python -m benchmarks.board`.
What is timed is checked first, against counts that the database makes by itself.
"""

import gc
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment, teardown_databases
from django.urls import reverse
from django.utils import timezone

from benchmarks.pages import beside_a_bare_list, load, signed_in
from entitlements.models import Account
from journal.actions.deeds import begin, keep, keep_many
from journal.domain.actor import SYSTEM
from support.models import Case, CaseEvent, CasePromise, Clock, Severity, Team
from support.queries.cases.board import Place, board

NOW = datetime.now(UTC)
CASES, ACCOUNTS, TEAMS, ROUNDS = 10_000, 2_000, 8, 40
AIM, GATE = 0.5, 10
MILESTONES = (("first_response", "First response"), ("resolution", "Resolution"), ("update", "Update"))


def crowd() -> None:
    """Cases of many customers with three clocks each: some late, most due, some paused, some without any."""
    deed = begin(by=SYSTEM, at=NOW - timedelta(days=9))
    severities = [
        keep(Severity(key=key, name=key.title(), position=n), deed=deed) for n, key in enumerate(("high", "low"))
    ]
    teams = [keep(Team(key=f"team_{n}", name=f"Team {n}"), deed=deed) for n in range(TEAMS)]
    new = [Account(key=f"crowd-{n}", name=f"Crowd {n}", zone="UTC", created_at=deed.at) for n in range(ACCOUNTS)]
    accounts = keep_many(new, deed=deed)
    cases = keep_many(
        [
            Case(
                account=accounts[n % ACCOUNTS] if n % 50 else None, subject=f"The export stops at row {n}",
                channel="email", severity=severities[n % 2], team=teams[n % TEAMS] if n % 9 else None,
                state="waiting" if n % 10 == 3 else "open", assignee=f"agent{n % 40}@desk.example", source="bench",
                external_id=str(n), opened_at=deed.at + timedelta(minutes=n), recorded_at=deed.at, tier="gold",
            )
            for n in range(CASES)
        ],
        deed=deed,
    )  # fmt: skip
    opened = [CaseEvent(case=case, kind="opened", to="high", at=case.opened_at, recorded_at=deed.at) for case in cases]
    CaseEvent.objects.bulk_create(opened, batch_size=1_000)
    promised = [
        CasePromise(case=case, starts_at=case.opened_at, recorded_at=deed.at, holidays_known_at=deed.at, zone="UTC")
        for case in cases
    ]
    promises = CasePromise.objects.bulk_create(promised, batch_size=1_000)
    clocks = [
        row for n, (case, promise) in enumerate(zip(cases, promises, strict=True)) for row in _clocks(n, case, promise)
    ]
    Clock.objects.bulk_create(clocks, batch_size=1_000)


def _clocks(number: int, case: Case, promise: CasePromise) -> list[Clock]:
    if number % 50 == 0:
        return []
    late = number % 20 == 1
    rows = []
    for place, (key, name) in enumerate(MILESTONES):
        paused = number % 10 == 3
        ended = place == 0 and number % 4 == 2
        due = NOW + timedelta(minutes=(-number if late and place == 0 else 60 + number) + 600 * place)
        rows.append(
            Clock(
                case=case, milestone=key, name=name, kind=key, run=1, started_at=case.opened_at, amount=60, unit="minutes",
                state="met" if ended else "paused" if paused else "running", due_at=None if paused and not ended else due,
                paused_since=NOW - timedelta(minutes=number) if paused and not ended else None,
                met_at=NOW - timedelta(hours=1) if ended else None, promise=promise,
            )
        )  # fmt: skip
    return [row for row in rows if row.due_at is None or row.due_at >= row.started_at]


def check() -> None:
    """Against what the database counts by itself, clock by clock."""
    at = timezone.now()
    found = {section.place: section.number for section in board(at=at, most=20).sections}
    late = Clock.objects.filter(state="running", due_at__lt=at).values("case").distinct().count()
    running = Clock.objects.filter(state="running").values("case").distinct().count()
    assert found[Place.LATE] == late > 100, (found, late)
    assert found[Place.NEXT] == running - late, (found, running)
    assert sum(found.values()) == CASES


def measure(client: Client, name: str, act: Callable[[], int], *, aim: float | None = AIM) -> bool:
    expected = act()
    within = beside_a_bare_list(client, name, [act], rounds=ROUNDS, gate=GATE, aim=aim)
    assert act() == expected
    return within


def main() -> int:
    setup_test_environment(debug=False)  # or every statement would be kept
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            crowd()
        check()
        gc.collect()
        gc.freeze()  # what building the crowd left behind is no part of serving a page
        client, url = signed_in(), reverse("admin:support_board")
        print(
            f"database: {connection.vendor}; {CASES:,} open cases, {Clock.objects.count():,} clocks; {ROUNDS} rounds; {load()}"
        )
        within = [
            measure(client, "the board", lambda: client.get(url).status_code),
            measure(client, "the board of one team", lambda: client.get(f"{url}?team=team_3").status_code),
            measure(client, "page 40 of what is due", lambda: client.get(f"{url}?place=next&page=40").status_code),
            measure(client, "its part that moves", lambda: client.get(f"{url}?part=live").status_code),
            measure(client, "nothing changed", lambda: _again(client, f"{url}?part=live"), aim=None),
        ]
        return 0 if all(within) else 1
    finally:
        teardown_databases(databases, verbosity=0)


_TAGS: dict[str, str] = {}


def _again(client: Client, url: str) -> int:
    """Asked with the mark of the last answer; where its slot of time has passed, once more."""
    answer = client.get(url, headers={"If-None-Match": _TAGS.get(url, "")})
    if answer.status_code == 200:
        _TAGS[url] = answer.headers["ETag"]
        answer = client.get(url, headers={"If-None-Match": _TAGS[url]})
    return answer.status_code


if __name__ == "__main__":
    sys.exit(main())
