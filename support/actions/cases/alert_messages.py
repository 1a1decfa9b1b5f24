"""Whom an alert is told to, in what words: people by e-mail, other systems by a webhook, and a row that keeps both."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from journal.actions.notices import tell as tell_person
from journal.actions.webhooks.telling import spell_instant
from journal.actions.webhooks.telling import tell as tell_systems
from support.actions.cases.alerts_due import Due
from support.actions.cases.handling import account_key_of
from support.actions.cases.telling import plain_case, plain_clock
from support.domain.case_events import AlertKind
from support.models import Case, CaseAlert, Clock, Severity
from support.queries.instants import say_instant
from support.webhook_events import BREACHED, ESCALATED, WARNED

KIND = "case_alert"
EVENTS = {AlertKind.WARNING: WARNED, AlertKind.BREACH: BREACHED, AlertKind.ESCALATION: ESCALATED}
TOLD_OF_A_BREACH = ("team", "assignee")
TOO_LATE = "Nobody was told: by then the clock had ended, or was late."
QUIET = "Nobody was told, as whoever had it recomputed wished."
ALREADY = "Nobody was told again: the same step raised the severity at that instant."


def record_alert(case: Case, due: Due, *, at: datetime, raised: Severity | None = None, silence: str = "") -> CaseAlert:
    """An alert was told to whom it concerns, or recorded as told to nobody; the case is held by the caller."""
    clock = Clock.objects.get(case=case, milestone=due.clock.milestone.key, run=due.clock.run)
    silence = silence or (TOO_LATE if due.too_late else "")
    people = [] if silence else list(dict.fromkeys(_addresses(case, _told(due))))
    alert = CaseAlert.objects.create(
        case=case,
        clock=clock,
        kind=due.alert.kind,
        step=due.alert.step,
        at=due.alert.at,
        told_at=at,
        told_to=people,
        words=" ".join(filter(None, (_headline(case, due, raised, now=at), silence))),
        once_key=due.once,
    )
    if not silence:
        _tell_people(case, alert, due, raised, at=at)
        _tell_systems(case, alert, clock, raised, at=at)
    return alert


def _told(due: Due) -> Iterable[str]:
    if due.alert.kind is AlertKind.BREACH:
        return TOLD_OF_A_BREACH
    return due.step.tells if due.step is not None else ()


def _addresses(case: Case, tells: Iterable[str]) -> Iterator[str]:
    """Of those who can be told: a team without an address, or nobody assigned, is passed over."""
    owner = case.account.owner if case.account is not None else None
    known = {
        "team": case.team.email if case.team is not None else "",
        "assignee": case.assignee,
        "owner": owner.email if owner is not None and owner.is_active else "",
    }
    yield from filter(None, (known.get(each, each) for each in tells))


def _headline(case: Case, due: Due, raised: Severity | None, *, now: datetime) -> str:
    """ "First response was due today 10:00 (Amsterdam) and is late." as things are known when it is told."""
    zone = case.account.zone if case.account is not None else "UTC"
    clock, name = due.now, _name(due)
    was_due = say_instant(clock.due_at or clock.first_due, now=now, zone=zone)
    severity = f" The severity was raised to {raised.name}." if raised is not None else ""
    if clock.met_at is not None:
        how = "late, " if clock.breached_at is not None else ""
        return f"{name} was due {was_due}; it was met {how}{say_instant(clock.met_at, now=now, zone=zone)}.{severity}"
    if clock.cancelled_at is not None:
        return f"{name} was due {was_due}; it is not owed any more.{severity}"
    if due.alert.kind is AlertKind.WARNING and clock.breached_at is None:
        return f"{name} is due {was_due}.{severity}"
    if due.alert.kind is AlertKind.ESCALATION and clock.breached_at is None:
        return f"{name} is due {was_due} and has come to a step of its escalation.{severity}"
    return f"{name} was due {was_due} and is late.{severity}"


def _name(due: Due) -> str:
    return due.clock.milestone.name if due.clock.run == 1 else f"{due.clock.milestone.name} ({due.clock.run})"


def _tell_people(case: Case, alert: CaseAlert, due: Due, raised: Severity | None, *, at: datetime) -> None:
    if not alert.told_to:
        return
    said: dict[str, Any] = {
        "case": case,
        "account": case.account,
        "words": alert.words,
        "came_at": say_instant(alert.at, now=at, zone=case.account.zone if case.account else "UTC"),
        "kind": AlertKind(alert.kind),
        "address": f"{settings.DESK_URL}{reverse('admin:support_case', args=[case.pk])}",
    }
    body = render_to_string("emails/case_alert.txt", said)
    for address in alert.told_to:
        tell_person(
            recipient=address,
            subject=f"{case.number} {_SUBJECTS[alert.kind]}: {_name(due)}, {case.subject}",
            body=body,
            account_key=account_key_of(case),
            once_key=f"case-alert:{alert.pk}:{address}"[:190],
            kind=KIND,
            at=at,
        )


_SUBJECTS = {AlertKind.WARNING: "due soon", AlertKind.BREACH: "late", AlertKind.ESCALATION: "escalated"}


def _tell_systems(case: Case, alert: CaseAlert, clock: Clock, raised: Severity | None, *, at: datetime) -> None:
    data = {
        **plain_case(case),
        **plain_clock(clock),
        "step": alert.step or None,
        "raised_to": raised.key if raised is not None else None,
        "at": spell_instant(alert.at),
    }
    once_key = f"case-alert:{alert.pk}"
    tell_systems(EVENTS[AlertKind(alert.kind)], data=data, account_key=account_key_of(case), once_key=once_key, at=at)
