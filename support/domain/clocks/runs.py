"""The stretches in which a milestone is owed, one after another: from its start until it is met or cancelled.

Each event does at most one thing to a milestone: it meets what runs, or else cancels it, or else begins it. Only the
next run in a sequence follows from meeting the one before, and may start later than everything known: it starts at the
due time of the run before, which `due_of` tells.

Which event means what is the milestone's own business, as it was defined when the event happened (`defined`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from support.domain.case_events import CaseState, EventKind, Opener
from support.domain.clocks.story import SETTLED, Moment
from support.domain.milestones import MilestoneKind, MilestoneTerms, Recurrence, Trigger

ANSWERS = frozenset({MilestoneKind.FIRST_RESPONSE, MilestoneKind.NEXT_RESPONSE})
TRIGGERED_BY = {
    Trigger.OPENED: EventKind.OPENED,
    Trigger.CUSTOMER_MESSAGE: EventKind.CUSTOMER_MESSAGE,
    Trigger.PUBLIC_REPLY: EventKind.PUBLIC_REPLY,
}


@dataclass(frozen=True, slots=True)
class Need:
    """`run` is its place among the needs of its milestone, from 1."""

    run: int
    starts_at: datetime
    met_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        return self.met_at or self.cancelled_at


def needs_of(
    moments: Iterable[Moment],
    *,
    opener: Opener,
    defined: Callable[[datetime], MilestoneTerms],
    due_of: Callable[[Need], datetime | None],
) -> tuple[Need, ...]:
    """The needs of one milestone in order. `due_of` is asked only for a met run of a sequence; None: it had no target."""
    runs = _Runs(opener=opener, due_of=due_of)
    for moment in moments:
        runs.hear(moment, defined(moment.event.at))
    return tuple(runs.needs)


def in_sequence(milestone: MilestoneTerms) -> bool:
    """True if the next run follows the one before without a new start."""
    follows = milestone.kind in (MilestoneKind.UPDATE, MilestoneKind.OWN)
    return follows and milestone.recurrence is Recurrence.SEQUENTIAL


@dataclass(slots=True)
class _Runs:
    opener: Opener
    due_of: Callable[[Need], datetime | None]
    needs: list[Need] = field(default_factory=list)
    # Also true when the only run was dropped before it started.
    begun: bool = False

    def hear(self, moment: Moment, milestone: MilestoneTerms) -> None:
        running = self._running()
        if running is None:
            if self._goes_on(moment, milestone):
                self.needs[-1] = replace(self.needs[-1], met_at=None)
            elif self._begins(moment, milestone):
                self._begin(moment.event.at)
        elif moment.changed and moment.after is CaseState.CANCELLED:
            self._cancel(running, moment.event.at)
        elif running.starts_at <= moment.event.at and _meets(moment, milestone):
            self._meet(running, moment, milestone)
        elif moment.settled:
            self._cancel(running, moment.event.at)

    def _running(self) -> Need | None:
        last = self.needs[-1] if self.needs else None
        return last if last is not None and last.ends_at is None else None

    def _begin(self, at: datetime) -> None:
        self.begun = True
        self.needs.append(Need(len(self.needs) + 1, at))

    def _meet(self, running: Need, moment: Moment, milestone: MilestoneTerms) -> None:
        at = moment.event.at
        self.needs[-1] = met = Need(running.run, running.starts_at, met_at=at)
        if in_sequence(milestone) and moment.after not in SETTLED:
            due = self.due_of(met)
            self._begin(at if due is None else max(due, at))

    def _cancel(self, running: Need, at: datetime) -> None:
        if running.starts_at > at:
            self.needs.pop()
        else:
            self.needs[-1] = replace(running, cancelled_at=at)

    def _goes_on(self, moment: Moment, milestone: MilestoneTerms) -> bool:
        """A resolution that wasn't one: the customer is still owed the first."""
        once = milestone.kind is MilestoneKind.RESOLUTION and milestone.recurrence is not Recurrence.INDEPENDENT
        return once and moment.reopened and bool(self.needs) and self.needs[-1].met_at is not None

    def _begins(self, moment: Moment, milestone: MilestoneTerms) -> bool:
        match milestone.kind:
            case MilestoneKind.FIRST_RESPONSE:
                return moment.event.kind is EventKind.OPENED and self.opener is Opener.CUSTOMER
            case MilestoneKind.NEXT_RESPONSE:
                return moment.contacted and moment.event.kind is EventKind.CUSTOMER_MESSAGE
        anew = milestone.kind is MilestoneKind.RESOLUTION or in_sequence(milestone)
        if self.begun and anew:
            return moment.reopened
        if self.begun and milestone.recurrence is not Recurrence.INDEPENDENT:
            return False
        return _starts(moment, milestone)


def _meets(moment: Moment, milestone: MilestoneTerms) -> bool:
    if milestone.kind in ANSWERS:
        return moment.settled or moment.event.kind is EventKind.PUBLIC_REPLY
    if milestone.kind is MilestoneKind.RESOLUTION or milestone.stops is Trigger.RESOLVED:
        return moment.settled
    return _triggers(moment, milestone.stops, key=milestone.key, by_hand=EventKind.MET)


def _starts(moment: Moment, milestone: MilestoneTerms) -> bool:
    """Nothing is owed on a case that is settled, unless settling it is the start, or somebody says so."""
    idle = moment.after in SETTLED and milestone.starts not in (Trigger.RESOLVED, Trigger.BY_HAND)
    return not idle and _triggers(moment, milestone.starts, key=milestone.key, by_hand=EventKind.STARTED)


def _triggers(moment: Moment, trigger: Trigger, *, key: str, by_hand: EventKind) -> bool:
    event = moment.event
    match trigger:
        case Trigger.RESOLVED:
            return moment.resolved
        case Trigger.ASSIGNED:
            return event.kind is EventKind.ASSIGNED and event.to.strip("/") != ""
        case Trigger.BY_HAND:
            return event.kind is by_hand and event.to == key
    return event.kind is TRIGGERED_BY[trigger]
