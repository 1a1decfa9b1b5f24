"""Telling of clocks what their time has come for: warnings, breaches, escalations, each once.

No row is trusted: a clock whose `next_at` has come only says which case to look at. The case is held, its clocks are
read from its facts as they are known now, and every alert that is due and untold is recorded (CaseAlert, unique by its
key) in one transaction with what it tells: some cases at once, and where that fails each alone. So a late run, two at once, one that was killed, or a clock of the machine
that goes back, tell the same things once, each with the instant it was due at.

- A step may raise the severity: that is an event of the case at the step's own instant, however late it is told, and
  the clocks are read again from there. It never makes a severity less bad, and a cancelled case stays as it is.
- A step that has raised the severity is not told again of the target it led to, at the same instant.
- A warning whose clock has ended, or is late, by the time it could be told helps nobody: it is recorded, told to nobody.
- What was told stays recorded. Where a breach turns out untrue, because something that came before it was heard of
  later, the clock isn't late any more, and `queries/cases/alerts.py` says so wherever the alert is shown.
- A case that fails is written to the log and holds up no other; each later run tries it again.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Min

from entitlements.snapshots.batch import batches
from journal.domain.actor import SYSTEM
from support.actions.cases.alert_messages import ALREADY, record_alert
from support.actions.cases.alerts_due import Due, Run, due_of
from support.actions.cases.handling import AHEAD
from support.actions.cases.noting import note
from support.actions.cases.reckoning import reckon, reckon_many
from support.domain.case_events import CaseState, EventKind
from support.domain.clocks.values import CaseFacts, CaseStanding
from support.models import Case, CaseEvent, Clock, Severity
from support.snapshots.cases import snapshot_cases

LOGGER = logging.getLogger("support.alerts")
TOGETHER = 50  # cases that are read and written at once


def tell_alerts(*, at: datetime, enough: Callable[[], bool] = lambda: False) -> int:
    """Told what was due by `at`, the longest overdue first, until done or `enough`; how many alerts."""
    told = 0
    for cases in batches(_cases_due(at), TOGETHER):
        told += _tell_together(cases, at=at)
        if enough():
            break
    return told


def _tell_together(cases: Sequence[int], *, at: datetime) -> int:
    """In one transaction; where that fails, each in one of its own, so that what fails is alone."""
    try:
        return tell_case_alerts(cases, at=at)
    except Exception:
        if len(cases) > 1:
            return sum(_tell_together([case], at=at) for case in cases)
        LOGGER.exception("What is due to be told of case C-%s couldn't be", cases[0])
        return 0


def _cases_due(at: datetime) -> Iterator[int]:
    """By their ids; last, those that are late only by a clock of the machine that has gone back since."""
    due = Clock.objects.filter(next_at__lte=at).order_by().values("case_id").annotate(first=Min("next_at"))
    yield from list(due.order_by("first", "case_id").values_list("case_id", flat=True))
    ahead = Clock.objects.filter(breached_at__gt=at + AHEAD).order_by("case_id")
    yield from list(ahead.values_list("case_id", flat=True).distinct())


@transaction.atomic
def tell_case_alerts(ids: Sequence[int], *, at: datetime) -> int:
    """What was due of these cases was told, all of it or nothing; how many alerts. Those another hand has are left."""
    held = Case.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk__in=ids)
    cases = list(held.select_related("account__owner", "severity", "team").order_by("pk"))
    standings, facts = reckon_many(cases, at=at), snapshot_cases(cases)
    told = {case: _tell_due(case, facts[case.pk], standings[case.pk], at=at) for case in cases}
    reckon_many([case for case, number in told.items() if number], at=at)
    return sum(told.values())


def _tell_due(case: Case, facts: CaseFacts, standing: CaseStanding, *, at: datetime) -> int:
    """Tell one after the other; where one raises the severity, what is due is read again from there."""
    told, raised_at = 0, dict[tuple[Run, str], datetime]()
    while True:
        for due in due_of(case, facts, standing, at=at):
            raised = _raise(case, due, at=at)
            again = raised_at.get((due.run, due.alert.step)) == due.alert.at
            record_alert(case, due, at=at, raised=raised, silence=ALREADY if again else "")
            told += 1
            if raised is not None:
                raised_at[due.run, due.alert.step] = due.alert.at
                standing, facts = reckon(case, at=at), snapshot_cases([case])[case.pk]
                break
        else:
            return told


def _raise(case: Case, due: Due, *, at: datetime) -> Severity | None:
    """Raised the severity at the step's instant, where it was less bad then."""
    if due.step is None or not due.step.raise_to or case.state == CaseState.CANCELLED:
        return None
    severities = {severity.key: severity for severity in Severity.objects.all()}
    goal, was = severities.get(due.step.raise_to), severities.get(_severity_then(case, due.alert.at))
    if goal is None or was is None or goal.position >= was.position:
        return None
    words = f"{due.clock.milestone.name} came to a step that raises the severity."
    note(
        case=case, kind=EventKind.SEVERITY, to=goal.key, by=SYSTEM, at=at, happened_at=due.alert.at,
        text=words, name=f"raise:{due.once}",
    )  # fmt: skip
    case.refresh_from_db()
    return goal


def _severity_then(case: Case, instant: datetime) -> str:
    named = CaseEvent.objects.filter(case=case, at__lte=instant, kind__in=[EventKind.OPENED, EventKind.SEVERITY])
    last = named.order_by("at", "pk").last()
    return last.to if last is not None else ""
