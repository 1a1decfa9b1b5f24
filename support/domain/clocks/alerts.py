"""Whom a clock calls, and when: warnings before its due time, the breach at it, escalations after it.

Offsets count in the clock's own hours. An alert is told once: by its `once_key`, another target arms the steps again,
for they are said of another promise. A breach is one by its instant, which no later change moves; only what is heard of
late may, and then it was another breach.
"""

from datetime import UTC, datetime, timedelta
from operator import attrgetter

from support.domain.business_time import add_business_days, due_after, elapsed
from support.domain.case_events import AlertKind
from support.domain.clocks.values import Alert, RunClock
from support.domain.milestones import Offset, OffsetUnit

IN_ORDER = attrgetter("at")


def alerts_of(clock: RunClock) -> tuple[Alert, ...]:
    """Everything the clock calls for by what is known, in order; of one that has ended, what lay before its end."""
    alerts = [*_steps(clock), *_breach(clock)]
    return tuple(sorted(alerts, key=IN_ORDER))


def once_key(case: int, clock: RunClock, alert: Alert) -> str:
    """Names an alert for good: told under this key, it is never told again."""
    run = f"{case}:{clock.milestone.key}:{clock.run}"
    if alert.kind is AlertKind.BREACH:
        return f"{run}:breach:{alert.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}"
    target = clock.promised.target
    return f"{run}:{alert.step}:{target.amount}{target.unit.value}"


def step_at(offset: Offset, clock: RunClock, *, due: datetime) -> datetime:
    """The instant of a step; an offset of nothing is the due time itself, though that may be a closing."""
    if offset.amount == (100 if offset.unit is OffsetUnit.PERCENT else 0):
        return due
    match offset.unit:
        case OffsetUnit.BUSINESS_DAYS:
            return add_business_days(clock.hours, start=due, days=offset.amount)
        case OffsetUnit.MINUTES:
            return due_after(clock.hours, start=due, open_time=timedelta(minutes=offset.amount))
        case OffsetUnit.PERCENT:
            return due_after(clock.hours, start=due, open_time=_target_time(clock) * (offset.amount - 100) / 100)


def _steps(clock: RunClock) -> list[Alert]:
    due, end = clock.due_at, clock.met_at or clock.cancelled_at
    if due is None:
        return []
    alerts = []
    for step in clock.milestone.steps:
        at = max(step_at(step.offset, clock, due=due), clock.started_at)
        if end is None or at < end:
            alerts.append(Alert(AlertKind.WARNING if step.offset.ahead else AlertKind.ESCALATION, at, step.key))
    return alerts


def _breach(clock: RunClock) -> list[Alert]:
    ended = clock.met_at is not None or clock.cancelled_at is not None
    at = clock.breached_at or (None if ended else clock.due_at)
    return [] if at is None else [Alert(AlertKind.BREACH, at)]


def _target_time(clock: RunClock) -> timedelta:
    """The whole target in open time; days come to as many hours as they had."""
    return elapsed(clock.hours, start=clock.measured_from, end=clock.first_due)
