"""What the clocks of a case come to, by walking through its life one minute at a time.

Written from the rules alone, to disagree with support/domain/clocks/ wherever that is wrong: no intervals, no calendar
arithmetic, no shared code. Everything happens on whole minutes. Where a rule could be read in two ways, the way taken
here stands in a comment.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from support.domain.calendar import Calendar
from support.domain.case_events import OPEN_STATES, CaseState, ClockState, EventKind, Opener
from support.domain.clocks.values import CaseFacts
from support.domain.milestones import Measured, MilestoneKind, MilestoneTerms, Promised, Recurrence, Trigger
from support.domain.targets import TargetUnit
from tests.support.domain.clocks import naive_hours
from tests.support.domain.clocks.naive_hours import instant_of
from tests.support.domain.clocks.naive_life import AT_REST, Life, Moment


@dataclass(frozen=True)
class Told:
    """What the oracle says of one run of one milestone."""

    state: ClockState
    started_at: datetime
    due_at: datetime | None
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    breached_at: datetime | None = None


@dataclass
class Need:
    """A stretch in which a milestone is owed; `end` None: it still is."""

    start: int
    end: int | None = None
    met: bool = False

    @property
    def runs(self) -> bool:
        return self.end is None

    def stop(self, minute: int, *, met: bool) -> None:
        self.end, self.met = minute, met


@dataclass(frozen=True)
class Segment:
    """A part of a need in which nothing changes that its due time hangs on."""

    start: int
    promised: Promised | None
    hours: Calendar
    measured: Measured
    pauses: frozenset[CaseState]


def tell(facts: CaseFacts, *, now: datetime) -> dict[tuple[str, int], Told]:
    """Each clock by its milestone's key and its run."""
    life = Life(facts, now)
    answers = {}
    for key in life.milestones():
        for run, need in enumerate(needs(key, life), start=1):
            if told := _clock(key, need, life):
                answers[key, run] = told
    return answers


def needs(key: str, life: Life) -> list[Need]:
    """Versions of a policy may move a milestone's triggers and pauses; its kind and recurrence are what it is."""
    milestone = life.defined_at(key, life.now)
    if milestone.kind is MilestoneKind.FIRST_RESPONSE:
        return _first_response(life)
    if milestone.kind is MilestoneKind.NEXT_RESPONSE:
        return _next_response(life)
    if milestone.kind is MilestoneKind.RESOLUTION:
        return _resolution(key, life)
    if milestone.recurrence is Recurrence.SEQUENTIAL:
        return _in_sequence(key, life)
    return _own(key, life)


def _first_response(life: Life) -> list[Need]:
    if life.facts.opener is not Opener.CUSTOMER:
        return []
    need = Need(life.opened)
    for moment in life.moments:
        if need.runs and (moment.is_a(EventKind.PUBLIC_REPLY) or moment.comes_to_rest or moment.cancels):
            need.stop(moment.minute, met=not moment.cancels)
    return [need]


def _next_response(life: Life) -> list[Need]:
    found: list[Need] = []
    contact = life.facts.opener is Opener.AGENT
    for moment in life.moments:
        running = bool(found) and found[-1].runs
        if running and (moment.is_a(EventKind.PUBLIC_REPLY) or moment.comes_to_rest or moment.cancels):
            found[-1].stop(moment.minute, met=not moment.cancels)
        elif not running and contact and moment.is_a(EventKind.CUSTOMER_MESSAGE):
            found.append(Need(moment.minute))
        contact = contact or moment.is_a(EventKind.PUBLIC_REPLY)
    return found


def _resolution(key: str, life: Life) -> list[Need]:
    found: list[Need] = []
    for moment in life.moments:
        milestone = life.defined_at(key, moment.minute)
        if found and found[-1].runs:
            if moment.comes_to_rest or moment.cancels:
                found[-1].stop(moment.minute, met=not moment.cancels)
        elif found and moment.reopens:
            if milestone.recurrence is Recurrence.INDEPENDENT:
                found.append(Need(moment.minute))
            else:
                found[-1].end, found[-1].met = None, False
        elif not found and _starts(milestone, moment):
            found.append(Need(moment.minute))
    return found


def _own(key: str, life: Life) -> list[Need]:
    found: list[Need] = []
    for moment in life.moments:
        milestone = life.defined_at(key, moment.minute)
        if found and found[-1].runs:
            met = _meets(milestone, moment)
            if met or moment.comes_to_rest or moment.cancels:
                found[-1].stop(moment.minute, met=met)
        elif (not found or milestone.recurrence is Recurrence.INDEPENDENT) and _starts(milestone, moment):
            found.append(Need(moment.minute))
    return found


def _in_sequence(key: str, life: Life) -> list[Need]:
    found: list[Need] = []
    for moment in life.moments:
        milestone = life.defined_at(key, moment.minute)
        if found and found[-1].runs:
            if found[-1].start <= moment.minute and _meets(milestone, moment):
                found[-1].stop(moment.minute, met=True)
                if moment.after in OPEN_STATES:
                    found.append(Need(max(moment.minute, _due_when_met(key, found[-1], life))))
            elif moment.comes_to_rest or moment.cancels:
                found[-1].stop(moment.minute, met=False)
                if found[-1].start > moment.minute:
                    found.pop()  # it was still to begin, so it never came to be
        elif moment.reopens if found else _starts(milestone, moment):
            found.append(Need(moment.minute))
    return found


def _due_when_met(key: str, need: Need, life: Life) -> int:
    """0 for one that had no target in the end."""
    last = _segments(key, need, life)[-1]
    return _due(need, last, life, until=need.end) or 0


def _starts(milestone: MilestoneTerms, moment: Moment) -> bool:
    """Nothing begins in a case that is resolved or closed, unless by being resolved or because somebody says so."""
    idle = moment.after in AT_REST and milestone.starts not in (Trigger.RESOLVED, Trigger.BY_HAND)
    return not idle and moment.fires(milestone.starts, EventKind.STARTED, milestone.key)


def _meets(milestone: MilestoneTerms, moment: Moment) -> bool:
    if milestone.stops is Trigger.RESOLVED:
        return moment.comes_to_rest
    return moment.fires(milestone.stops, EventKind.MET, milestone.key)


def _clock(key: str, need: Need, life: Life) -> Told | None:
    segments = _segments(key, need, life)
    if not any(segment.promised for segment in segments):
        return None
    last, start = segments[-1], instant_of(need.start)
    breached = _breached(need, segments, life)
    if last.promised is None:
        return _unpromised(need, segments, life, breached)
    due = _due(need, last, life, until=need.end)
    due_at = None if due is None else instant_of(due)
    if need.end is None:
        state = ClockState.PAUSED if due is None else ClockState.RUNNING
        return Told(state, start, due_at, breached_at=breached)
    if need.met:
        return Told(ClockState.MET, start, due_at, met_at=instant_of(need.end), breached_at=breached)
    return Told(ClockState.CANCELLED, start, due_at, cancelled_at=instant_of(need.end), breached_at=breached)


def _unpromised(need: Need, segments: list[Segment], life: Life, breached: datetime | None) -> Told:
    """Cancelled when the last target fell away; it was due when that target said."""
    place = max(place for place, segment in enumerate(segments) if segment.promised)
    ended = segments[place + 1].start
    due = _due(need, segments[place], life, until=ended)
    due_at = None if due is None else instant_of(due)
    return Told(ClockState.CANCELLED, instant_of(need.start), due_at, None, instant_of(ended), breached)


def _segments(key: str, need: Need, life: Life) -> list[Segment]:
    """A change in the very minute in which a need ends is no longer a change of it."""
    last = life.now if need.end is None else need.end - 1
    found = [_segment(key, need.start, life)]
    for minute in range(need.start + 1, last + 1):
        segment = _segment(key, minute, life)
        if replace(segment, start=found[-1].start) != found[-1]:
            found.append(segment)
    return found


def _segment(key: str, minute: int, life: Life) -> Segment:
    promised, hours = life.promised_at(key, minute)
    milestone = life.defined_at(key, minute)
    pauses = milestone.pauses_while
    if milestone.kind is MilestoneKind.RESOLUTION:
        pauses |= set(AT_REST)  # where it goes on after a reopening; one that has ended asks nothing of later minutes
    if promised is None:
        return Segment(minute, None, hours, Measured.FROM_START, frozenset())
    return Segment(minute, promised, hours, milestone.measured, pauses)


def _breached(need: Need, segments: list[Segment], life: Life) -> datetime | None:
    for place, segment in enumerate(segments):
        following = [later.start for later in segments[place + 1 : place + 2]]
        until = min([*following, *([] if need.end is None else [need.end])], default=None)
        due = segment.promised and _due(need, segment, life, until=until)
        if due and due < (life.now if until is None else until):
            return instant_of(max(due, segment.start))
    return None


def _due(need: Need, segment: Segment, life: Life, *, until: int | None) -> int | None:
    """The due time by what is known until then; None without a target, and while it is paused for nobody knows how long."""
    if segment.promised is None:
        return None
    target, hours = segment.promised.target, segment.hours
    start = segment.start if segment.measured is Measured.FROM_CHANGE else need.start
    still = _standing_still(segment.pauses, life, start, until)
    if target.unit is TargetUnit.BUSINESS_DAYS:
        return _pushed(naive_hours.after_days(hours, start, target.amount), start, hours, life, still)
    if target.unit is TargetUnit.END_OF_DAY:
        return _pushed(naive_hours.end_of_day(hours, start, target.amount), start, hours, life, still)
    left = target.amount
    for minute, paused in still:
        if left == 0:
            return minute
        if paused and minute >= life.now:
            return None
        left -= not paused and naive_hours.business_day(hours, minute) > 0
    raise AssertionError("time has no end")


def _standing_still(
    states: frozenset[CaseState], life: Life, start: int, until: int | None
) -> Iterator[tuple[int, bool]]:
    """Each minute, and whether the clock stands still in it. Beyond the end of what is looked at it never does."""
    for minute in count(start):
        yield minute, (until is None or minute < until) and life.state_at(minute) in states


def _pushed(due: int, start: int, hours: Calendar, life: Life, still: Iterator[tuple[int, bool]]) -> int | None:
    """A day's due time, moved on by the open time of each pause that began before it.

    Where that would be within the pause, since a day may be due at an opening, it is where the hours go on after it.
    """
    taken, pausing = 0, False
    for minute, paused in still:
        if pausing and not paused:
            moved = naive_hours.after_minutes(hours, due, taken)
            due = moved if moved > minute else naive_hours.first_open(hours, minute)
            taken, pausing = 0, False
        if not pausing and minute >= due:
            return due
        pausing = paused
        if paused and minute >= life.now:
            return None
        taken += paused and naive_hours.business_day(hours, minute) > 0
    raise AssertionError("time has no end")
