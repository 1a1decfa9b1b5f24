"""What of a case is due to be told: alerts of its clocks, read off the facts as a watchful eye would have seen them.

Only the last of what a clock was promised calls for anything, and a paused clock for nothing. So whoever comes late goes
through the story again: just before each thing that happened the clocks are looked at as they stood then, and last as
they stand now. What was due in between is found with its own instant, as if somebody had looked all the time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.domain.window import MOMENT
from support.domain.case_events import AlertKind
from support.domain.clocks.alerts import once_key
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import Alert, CaseFacts, CaseStanding, RunClock
from support.domain.milestones import Step
from support.models import Case, CaseAlert

Run = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Due:
    """An alert under the key by which it is told once; `clock` as it stood when it was due, `now` as it stands."""

    clock: RunClock
    now: RunClock
    alert: Alert
    once: str

    @property
    def run(self) -> Run:
        return run_of(self.clock)

    @property
    def step(self) -> Step | None:
        return next((step for step in self.clock.milestone.steps if step.key == self.alert.step), None)

    @property
    def too_late(self) -> bool:
        """A warning of what has happened already."""
        over = self.now.met_at or self.now.cancelled_at or self.now.breached_at
        return self.alert.kind is AlertKind.WARNING and over is not None


def run_of(clock: RunClock) -> Run:
    return clock.milestone.key, clock.run


def due_of(case: Case, facts: CaseFacts, standing: CaseStanding, *, at: datetime) -> Iterator[Due]:
    """What was due by `at` and nobody was told of, in the order of the instants; `standing` is how it stands at `at`."""
    told = set(CaseAlert.objects.filter(case=case).values_list("once_key", flat=True))
    now = {run_of(clock): clock for clock in standing.clocks}
    for moment, then in (*_looks(facts, at=at), (at, standing)):
        due = [
            Due(clock, now[run_of(clock)], alert, once_key(case.pk, clock, alert))
            for clock in then.clocks
            for alert in (_dated(clock, each) for each in clock.alerts)
            if run_of(clock) in now and _has_come(clock, alert, moment)
        ]
        for each in sorted(due, key=lambda each: each.alert.at):
            if each.once not in told:
                told.add(each.once)
                yield each


def _looks(facts: CaseFacts, *, at: datetime) -> Iterator[tuple[datetime, CaseStanding]]:
    """The case as it stood just before each event and each new promise."""
    turns = {event.at for event in facts.events} | {terms.starts_at for terms in facts.terms}
    for turn in sorted(turns):
        if facts.opened_at < turn <= at:
            events = tuple(event for event in facts.events if event.at < turn)
            yield turn - MOMENT, standing_of(replace(facts, events=events), now=turn - MOMENT)


def _dated(clock: RunClock, alert: Alert) -> Alert:
    """A step is said of one target, so it doesn't come before that was promised."""
    since = max((change.at for change in clock.changes if change.promised is not None), default=alert.at)
    return alert if alert.kind is AlertKind.BREACH or alert.at >= since else replace(alert, at=since)


def _has_come(clock: RunClock, alert: Alert, moment: datetime) -> bool:
    """What is met at its due time is in time: a breach has come once the clock is late."""
    return clock.breached_at is not None if alert.kind is AlertKind.BREACH else alert.at <= moment
