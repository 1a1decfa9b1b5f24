"""Recomputing 10,000 open cases, and telling 1,000 alerts of one instant: `python -m benchmarks.recompute`.

The baseline promises a sample of the same cases anew one at a time, each in a transaction of its own, in the same run
(and takes it back). The job must move precisely what the preview counted, and each case of the sample to where the
baseline moved it. Alerts are measured beside reading the clocks of as many cases anew, one at a time.
"""

import os
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from benchmarks.pages import seconds
from entitlements.models import Account
from journal.actions.deeds import begin, keep_many
from journal.actions.working import claim, step
from journal.domain.actor import SYSTEM
from journal.models import Job, Notice
from support.actions.cases.alerting import tell_alerts
from support.actions.cases.promising import promise_anew
from support.actions.cases.reckoning import reckon, reckon_many
from support.actions.cases.recomputing import start_preview, start_recompute
from support.domain.case_events import EventKind
from support.domain.impact import Impact
from support.models import CalendarVersion, Case, CaseAlert, CaseEvent, CasePromise, Clock, Severity
from support.queries.cases.anew import anew
from tests.support.casework import policy, severities
from tests.support.factories import CalendarVersionFactory, TeamFactory

OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = OPENED + timedelta(hours=6)
CASES, SAMPLE, AT_ONCE = int(os.environ.get("DESK_BENCH_CASES", "10000")), 200, 1_000
GATE, LAG = 0.6, 60.0


def crowd(count: int) -> None:
    """So many open cases of 500 customers under one policy, opened within four hours; one in three was answered."""
    severities()
    version, team = policy(), TeamFactory(key="frontline")
    hours, high = CalendarVersion.objects.get(), Severity.objects.get(key="high")
    deed = begin(by=SYSTEM, at=OPENED - timedelta(days=1))
    with transaction.atomic():
        accounts = keep_many(
            [Account(key=f"crowd-{n}", name=f"Crowd {n}", zone="UTC", created_at=deed.at) for n in range(500)],
            deed=deed,
        )
        cases = keep_many([_case(n, accounts, high, team) for n in range(count)], deed=deed)
        keep_many([event for case in cases for event in _events(case)], deed=deed)
        promises = [
            CasePromise(
                case=case, starts_at=case.opened_at, recorded_at=case.opened_at, policy_version=version,
                calendars={hours.calendar.key: hours.pk}, holidays_known_at=case.opened_at, zone="UTC",
            )
            for case in cases
        ]  # fmt: skip
        keep_many(promises, deed=deed)
    for first in range(0, count, 1_000):
        with transaction.atomic():
            reckon_many(cases[first : first + 1_000], at=NOW)


def _case(number: int, accounts: Sequence[Account], severity: Severity, team: object) -> Case:
    opened = OPENED + timedelta(seconds=number % 14_400)
    return Case(
        account=accounts[number % len(accounts)], subject=f"Case {number}", channel="email", severity=severity,
        tier="standard", team=team, assignee="ana@desk.example", source="crowd", opened_at=opened, recorded_at=opened,
    )  # fmt: skip


def _events(case: Case) -> list[CaseEvent]:
    said = [(EventKind.OPENED, 0, "high"), (EventKind.ASSIGNED, 0, "frontline/ana@desk.example")]
    if case.pk % 3 == 0:
        said += [(EventKind.PUBLIC_REPLY, 20, ""), (EventKind.STATE, 25, "waiting"), (EventKind.STATE, 65, "open")]
    said.append((EventKind.CUSTOMER_MESSAGE, 90, ""))
    times = [(kind, case.opened_at + timedelta(minutes=minutes), to) for kind, minutes, to in said]
    return [CaseEvent(case=case, kind=kind, at=at, recorded_at=at, to=to) for kind, at, to in times]


def one_by_one(version: CalendarVersion) -> tuple[float, dict[int, list[object]]]:
    """Seconds for each of the sample, and when their clocks are due then; nothing of it stays."""
    sample, found = list(Case.objects.order_by("pk")[:: max(1, CASES // SAMPLE)]), []
    sid = transaction.savepoint()
    for case in sample:
        promise = anew(case.promises.latest("starts_at", "pk"), at=NOW, calendar=version)
        found.append(seconds(lambda case=case, promise=promise: promise_anew(case, promise=promise, at=NOW)))
    due = {case.pk: due_of(case) for case in sample}
    transaction.savepoint_rollback(sid)
    return statistics.median(found), due


def due_of(case: Case) -> list[object]:
    return list(case.clocks.order_by("milestone", "run").values_list("milestone", "run", "due_at", "breached_at"))


def worked(job: Job) -> tuple[float, Impact]:
    """Seconds until the job was done, step by step as a worker does them."""
    start, held = time.perf_counter(), claim(at=NOW)
    assert held is not None
    while step(held, at=NOW):
        pass
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return time.perf_counter() - start, Impact.from_json(job.result["impact"])


def recompute() -> bool:
    hours = CalendarVersion.objects.get().calendar
    newer = CalendarVersionFactory(calendar=hours, week=[[[420, 1020]]] * 5 + [[], []], in_force_from=NOW)
    with transaction.atomic():
        alone, expected = one_by_one(newer)
    counting, foreseen = worked(start_preview(calendar=newer, by=SYSTEM, at=NOW))
    took, done = worked(start_recompute(calendar=newer, by=SYSTEM, at=NOW))
    assert done == foreseen, (done, foreseen)
    assert done.affected == CASES
    assert all(due_of(Case.objects.get(pk=pk)) == due for pk, due in expected.items())
    ratio = took / CASES / alone
    print(
        f"{connection.vendor}: {CASES:,} cases, {done.moved:,} clocks moved, {done.would_breach:,} late at once\n"
        f"  preview {counting:.1f} s ({counting / CASES * 1e3:.2f} ms a case); recompute {took:.1f} s "
        f"({took / CASES * 1e3:.2f} ms a case), {ratio:.2f} × one by one ({alone * 1e3:.1f} ms)   "
        f"(gate {GATE:g} ×)  {'ok' if ratio <= GATE else 'MISSED'}"
    )
    return ratio <= GATE


def alerts() -> bool:
    """Everything that is owed by now is recorded first; then so many next due times fall on one instant."""
    tell_alerts(at=NOW)
    instant, deed = NOW + timedelta(hours=1), begin(by=SYSTEM, at=NOW)
    asked_at = instant - timedelta(hours=2)
    cases = list(Case.objects.order_by("-pk")[:AT_ONCE])
    asked = [
        CaseEvent(case=case, kind=kind, at=at, recorded_at=at)
        for case in cases
        for kind, at in (
            (EventKind.PUBLIC_REPLY, asked_at - timedelta(minutes=5)),
            (EventKind.CUSTOMER_MESSAGE, asked_at),
        )
    ]
    with transaction.atomic():
        keep_many(asked, deed=deed)
        reckon_many(cases, at=NOW)
    waiting = set(Clock.objects.filter(next_at__lte=instant + timedelta(seconds=5)).values_list("case_id", flat=True))
    with transaction.atomic():
        reading = seconds(lambda: [reckon(case, at=NOW) for case in cases[:100]]) / 100
    before, mails = CaseAlert.objects.count(), Notice.objects.count()
    took = seconds(lambda: tell_alerts(at=instant + timedelta(seconds=5)))
    told = CaseAlert.objects.count() - before
    assert told >= len(waiting) > 0, (told, len(waiting))
    assert tell_alerts(at=instant + timedelta(seconds=5)) == 0
    lag = took / told * AT_ONCE + 5
    print(
        f"  {told:,} alerts, {Notice.objects.count() - mails:,} e-mails in {took:.1f} s: {told / took:.0f} alerts/s, "
        f"{took / told / reading:.1f} × reading the clocks anew ({reading * 1e3:.1f} ms); the last of {AT_ONCE:,} at one "
        f"instant after {lag:.0f} s with the beat   (aim ≤ {LAG:g} s)  {'ok' if lag <= LAG else 'MISSED'}"
    )
    return lag <= LAG


def main() -> int:
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        crowd(CASES)
        met = [recompute(), alerts()]
        return 0 if all(met) else 1
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
