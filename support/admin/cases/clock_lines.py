"""The clocks of a case as its page shows them: due when, what is left, how far, and who is told of it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from support.admin.cases.words import say_in_both, say_length, say_open_time, say_remaining
from support.domain.business_time import elapsed, open_between, open_now
from support.domain.case_events import AlertKind, ClockState
from support.domain.clocks.values import Alert, RunClock
from support.domain.milestones import OffsetUnit, Step
from support.models import CaseAlert
from support.queries.cases.alerts import corrected
from support.queries.instants import say_instant

ENDED = (ClockState.MET, ClockState.CANCELLED)
NEARLY = 80  # percent of the target
LONGEST_AHEAD = timedelta(days=92)  # further ahead the browser counts plain time until the page is fetched again
TELLS = {"team": "the team", "assignee": "who it is assigned to", "owner": "the account’s owner"}
ALERT_WORDS = {AlertKind.WARNING: "Warning", AlertKind.BREACH: "Late", AlertKind.ESCALATION: "Escalation"}


@dataclass(frozen=True, slots=True)
class Reader:
    """At what moment somebody looks, and by which two clocks on the wall."""

    at: datetime
    zone: str
    customer: str

    def say(self, instant: datetime) -> str:
        return say_instant(instant, now=self.at, zone=self.zone)

    def say_both(self, instant: datetime) -> str:
        return say_in_both(instant, now=self.at, reader=self.zone, customer=self.customer)


@dataclass(frozen=True, slots=True)
class AlertLine:
    """`told` says when and to whom; empty: still to come, or about to be told."""

    what: str
    when: str
    whom: str
    told: str
    to_come: bool


@dataclass(frozen=True, slots=True)
class ClockLine:
    """`spans` are the open stretches until it is due, in milliseconds, for the browser to count by; empty: all time."""

    clock: RunClock
    key: str
    name: str
    badge: tuple[str, str]
    due: str
    due_ms: int | None
    remaining: str
    hours_left: str
    closed: str
    spans: str
    used: int
    ended: str
    alerts: tuple[AlertLine, ...]

    @property
    def level(self) -> str:
        if self.badge[1] == "red":
            return "late"
        return "near" if self.used >= NEARLY and self.clock.state not in ENDED else "well"


def clock_lines(clocks: Collection[RunClock], told: Sequence[CaseAlert], *, reader: Reader) -> list[ClockLine]:
    """What goes on first, by when it is due; then what has ended, the newest first. `told` bear their clocks."""
    by_run: dict[tuple[str, int], list[CaseAlert]] = {}
    for alert in told:
        by_run.setdefault((alert.clock.milestone, alert.clock.run), []).append(alert)
    going_on = [clock for clock in clocks if clock.state not in ENDED]
    ended = [clock for clock in clocks if clock.state in ENDED]
    order = [
        *sorted(going_on, key=lambda clock: (clock.due_at is None, clock.due_at or clock.started_at)),
        *sorted(ended, key=lambda clock: clock.met_at or clock.cancelled_at or clock.started_at, reverse=True),
    ]
    return [_line(clock, by_run.get((clock.milestone.key, clock.run), []), reader) for clock in order]


def _line(clock: RunClock, told: Sequence[CaseAlert], reader: Reader) -> ClockLine:
    running = clock.state is ClockState.RUNNING and clock.due_at is not None
    left = _left(clock, reader.at) if running else None
    again = f", {clock.run}" if clock.run > 1 else ""
    return ClockLine(
        clock=clock,
        key=f"{clock.milestone.key}-{clock.run}",
        name=f"{clock.milestone.name}{again}",
        badge=badge_of(clock, at=reader.at),
        due=reader.say_both(clock.due_at) if clock.due_at is not None else "",
        due_ms=_ms(clock.due_at) if running and clock.due_at is not None else None,
        remaining=say_remaining(clock.due_at, at=reader.at) if running and clock.due_at is not None else "",
        hours_left=f"{say_open_time(left)} of its hours left" if left else "",
        closed=_closed(clock, reader) if running else "",
        spans=_spans(clock, reader.at) if running else "",
        used=used_percent(clock, at=reader.at),
        ended=_ended(clock, reader),
        alerts=tuple(_alerts(clock, told, reader)),
    )


def badge_of(clock: RunClock, *, at: datetime) -> tuple[str, str]:
    """Where a clock stands in a word, and its colour; that it was late once stays said."""
    late = clock.breached_at is not None
    match clock.state:
        case ClockState.MET:
            return ("Met late", "red") if late else ("Met in time", "green")
        case ClockState.CANCELLED:
            return ("Not owed any more, was late", "red") if late else ("Not owed any more", "grey")
        case ClockState.PAUSED:
            return ("Paused, was late", "red") if late else ("Paused", "amber")
        case _ if clock.due_at is not None and clock.due_at < at:
            return "Late", "red"
        case _:
            return ("Running, was late", "red") if late else ("Running", "blue")


def used_percent(clock: RunClock, *, at: datetime) -> int:
    """How much of the target's open time has passed, without its pauses; 100 at most."""
    end = clock.met_at or clock.cancelled_at or clock.paused_since or at
    if clock.due_at is not None and clock.due_at <= end:
        return 100
    whole = elapsed(clock.hours, start=clock.measured_from, end=clock.first_due)
    used = elapsed(clock.hours, start=clock.measured_from, end=end)
    for pause in clock.pauses:
        if pause.end is not None and pause.end <= end:
            used -= pause.open_time
    return 100 if not whole else max(0, min(100, round(100 * used / whole)))


def _left(clock: RunClock, at: datetime) -> timedelta | None:
    """Open time until it is due; None around the clock, where it is the time anybody counts."""
    if clock.due_at is None or clock.due_at < at or clock.hours.never_closes:
        return None
    return elapsed(clock.hours, start=at, end=clock.due_at)


def _closed(clock: RunClock, reader: Reader) -> str:
    if clock.due_at is None or clock.due_at < reader.at or clock.hours.never_closes:
        return ""
    now = open_now(clock.hours, at=reader.at)
    return "" if now.opens_at is None else f"its hours are closed now and go on {reader.say(now.opens_at)}"


def _spans(clock: RunClock, at: datetime) -> str:
    due = clock.due_at
    if due is None or due <= at or clock.hours.never_closes or due - at > LONGEST_AHEAD:
        return ""
    return ";".join(f"{_ms(s.opens_at)},{_ms(s.closes_at)}" for s in open_between(clock.hours, start=at, end=due))


def _ended(clock: RunClock, reader: Reader) -> str:
    """ "met today 14:05 (Amsterdam), 48 min before it was due"."""
    if clock.cancelled_at is not None and clock.state is ClockState.CANCELLED:
        return f"no longer owed since {reader.say(clock.cancelled_at)}"
    if clock.met_at is None or clock.state is not ClockState.MET:
        return ""
    due = clock.due_at
    if due is None:
        return f"met {reader.say(clock.met_at)}"
    side = "after" if clock.met_at > due else "before"
    gap = "just when" if clock.met_at == due else f"{say_length(clock.met_at - due)} {side}"
    return f"met {reader.say(clock.met_at)}, {gap} it was due"


def _alerts(clock: RunClock, told: Sequence[CaseAlert], reader: Reader) -> Iterator[AlertLine]:
    steps = {step.key: step for step in clock.milestone.steps}
    known = {(alert.kind, alert.step): alert for alert in told}
    for alert in clock.alerts:
        row = known.pop((alert.kind.value, alert.step), None)
        if row is None and clock.state in ENDED:
            continue  # it ended before anybody had to be told
        yield _alert_line(alert, steps.get(alert.step), row, reader)
    for row in known.values():  # told by a target that is another by now
        told_alert = Alert(AlertKind(row.kind), row.at, row.step)
        yield _alert_line(told_alert, steps.get(row.step), row, reader)


def _alert_line(alert: Alert, step: Step | None, row: CaseAlert | None, reader: Reader) -> AlertLine:
    told = (
        "" if row is None else " ".join([f"told {reader.say(row.told_at)}{_to(row.told_to)}.", corrected(row)]).strip()
    )
    what = ALERT_WORDS[alert.kind] + (f", {say_offset(step)}" if step is not None else "")
    whom = "" if step is None or row is not None else say_tells(step)
    return AlertLine(what, reader.say(alert.at), whom, told, to_come=row is None and alert.at > reader.at)


def _to(addresses: Sequence[str]) -> str:
    return f" to {', '.join(addresses)}" if addresses else ""


def say_offset(step: Step) -> str:
    """ "at 80 % of the target", "30 min before it is due"."""
    amount, unit = step.offset.amount, step.offset.unit
    if unit is OffsetUnit.PERCENT:
        return f"at {amount} % of the target"
    side = "before it is due" if amount < 0 else "after it was due"
    if unit is OffsetUnit.MINUTES:
        return f"{say_length(timedelta(minutes=amount))} {side}" if amount else "when it is due"
    return f"{abs(amount)} business day{'' if abs(amount) == 1 else 's'} {side}"


def say_tells(step: Step) -> str:
    whom = ", ".join(TELLS.get(each, each) for each in step.tells)
    raised = f"raises the severity to {step.raise_to}" if step.raise_to else ""
    return "; ".join(part for part in (f"tells {whom}" if whom else "", raised) if part)


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
