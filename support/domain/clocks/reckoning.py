"""When a need is due: counted segment by segment, each with one target by one calendar, and moved by pauses.

- The target counts from where the segment measures; a pause that began before the due time moves it by the open time
  it took; one that has no end leaves no due time at all.
- A clock is late from the due time on, if nothing happened before it. Lateness stays, whatever is promised later: the
  due time of every segment is looked at with what was known in it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from support.domain.business_time import due_after, elapsed
from support.domain.calendar import NOTHING, Calendar
from support.domain.case_events import CaseState, Channel, ClockState
from support.domain.clocks.runs import Need
from support.domain.clocks.story import SETTLED, Stretch
from support.domain.clocks.terms import Definitions, Spell, hours_in, promised_in
from support.domain.clocks.values import Change, Pause, RunClock
from support.domain.milestones import Measured, MilestoneKind, MilestoneTerms, Promised
from support.domain.targets import due_at

STARTS = attrgetter("start")


class Owed(NamedTuple):
    """What a clock counts by in one segment."""

    milestone: MilestoneTerms
    promised: Promised
    hours: Calendar


class Segment(NamedTuple):
    """A part of a need in which what is owed doesn't change; `owed` None: nothing. `end` None: up to now and on.

    `spell` is the one that began it, `last` the last one it went through.
    """

    start: datetime
    end: datetime | None
    owed: Owed | None
    spell: Spell
    last: Spell


class Count(NamedTuple):
    """What one segment comes to; `due_at` None: paused."""

    segment: Segment
    owed: Owed
    measured_from: datetime
    first_due: datetime
    due_at: datetime | None
    pauses: tuple[Pause, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """What every clock of one case is reckoned from."""

    stretches: tuple[Stretch, ...]
    spells: tuple[Spell, ...]
    channel: Channel
    now: datetime


def clock_of(need: Need, ledger: Ledger, definitions: Definitions) -> RunClock | None:
    """The clock of a need, without its alerts; None if no target ever held."""
    segments = segments_of(need, ledger, definitions)
    if segments[-1].owed is None:
        need = replace(need, met_at=None, cancelled_at=segments[-1].start)
    counts = [
        count_of(segment, segment.owed, ledger.stretches, starts_at=need.starts_at)
        for segment in segments
        if segment.owed is not None
    ]
    return _clock(need, counts, segments, now=ledger.now) if counts else None


def segments_of(need: Need, ledger: Ledger, definitions: Definitions) -> tuple[Segment, ...]:
    """The need, cut where what is owed changes. A change at its very start or end cuts nothing."""
    segments: list[Segment] = []
    for spell in _spells_within(need, ledger.spells):
        start = max(spell.start, need.starts_at)
        owed = _owed(spell, definitions.at(spell.start), ledger.channel)
        if segments and _same(segments[-1].owed, owed):
            segments[-1] = segments[-1]._replace(last=spell, owed=owed)
            continue
        if segments:
            segments[-1] = segments[-1]._replace(end=start)
        segments.append(Segment(start, need.ends_at, owed, spell, spell))
    return tuple(segments)


def count_of(segment: Segment, owed: Owed, stretches: Sequence[Stretch], *, starts_at: datetime) -> Count:
    """The due time by one segment. A pause beyond the segment's end counts as ended there: nobody knew better in it."""
    measured_from = segment.start if owed.milestone.measured is Measured.FROM_CHANGE else starts_at
    first_due = due = due_at(owed.promised.target, calendar=owed.hours, start=measured_from)
    pauses: list[Pause] = []
    for start, end, state in pauses_between(stretches, owed.milestone, start=measured_from, until=segment.end):
        # A day target may be due at an opening, with no open time left when the first of two pauses that touch begins.
        if start >= due and not (pauses and pauses[-1].end == start):
            break
        if end is None:
            pauses.append(Pause(start, None, NOTHING, state))
            return Count(segment, owed, measured_from, first_due, None, tuple(pauses))
        pause = Pause(start, end, elapsed(owed.hours, start=start, end=end), state)
        pauses.append(pause)
        due = due_moved(due, pause, hours=owed.hours)
    return Count(segment, owed, measured_from, first_due, due, tuple(pauses))


def due_moved(due: datetime, pause: Pause, *, hours: Calendar) -> datetime:
    """What was left when the clock paused is counted from the end of the pause: later by the open time that it took.

    So nothing falls due within a pause; where nothing was left, it is due when the desk opens next.
    """
    if pause.end is None or not pause.open_time:
        return due
    return due_after(hours, start=pause.end, open_time=elapsed(hours, start=pause.start, end=due))


def pauses_between(
    stretches: Sequence[Stretch], milestone: MilestoneTerms, *, start: datetime, until: datetime | None
) -> Iterator[Stretch]:
    """The stretches in which a milestone stands still, cut to `[start, until)`, in order; those without length not."""
    states = pausing_states(milestone)
    # A long story has many stretches and many short needs; each need looks at its own only.
    first = max(bisect_right(stretches, start, key=STARTS) - 1, 0)
    for index in range(first, len(stretches)):
        since, end, state = stretches[index]
        if until is not None and since >= until:
            return
        if state not in states:
            continue
        begun = max(since, start)
        ended = until if end is None or (until is not None and until < end) else end
        if ended is None or begun < ended:
            yield Stretch(begun, ended, state)


def pausing_states(milestone: MilestoneTerms) -> frozenset[CaseState]:
    """A resolution that goes on after the case was settled has stood still meanwhile."""
    return milestone.pauses_while | SETTLED if milestone.kind is MilestoneKind.RESOLUTION else milestone.pauses_while


def _spells_within(need: Need, spells: Sequence[Spell]) -> Sequence[Spell]:
    """The spell in which a need starts, and those that begin before it ends."""
    if len(spells) == 1:
        return spells
    first = max(sum(spell.start <= need.starts_at for spell in spells) - 1, 0)
    end = need.ends_at
    return [spells[first], *(spell for spell in spells[first + 1 :] if end is None or spell.start < end)]


def _owed(spell: Spell, milestone: MilestoneTerms, channel: Channel) -> Owed | None:
    promised = promised_in(spell, milestone.key, channel=channel)
    return None if promised is None else Owed(milestone, promised, hours_in(spell, promised))


def _same(before: Owed | None, after: Owed | None) -> bool:
    """Nothing a due time depends on differs. Hours are mostly the very same value, which is quick to tell."""
    if before is None or after is None:
        return before is after
    same_hours = before.hours is after.hours or before.hours == after.hours
    one, other = before.milestone, after.milestone
    same_reading = one.measured is other.measured and pausing_states(one) == pausing_states(other)
    return before.promised == after.promised and same_hours and same_reading


def _breached_at(counts: Iterable[Count], *, now: datetime) -> datetime | None:
    for count in counts:
        limit = now if count.segment.end is None else min(count.segment.end, now)
        if count.due_at is not None and count.due_at < limit:
            return max(count.due_at, count.segment.start)
    return None


def _clock(need: Need, counts: Sequence[Count], segments: Sequence[Segment], *, now: datetime) -> RunClock:
    last = counts[-1]
    return RunClock(
        milestone=last.owed.milestone,
        run=need.run,
        state=_state(need, last),
        started_at=need.starts_at,
        measured_from=last.measured_from,
        promised=last.owed.promised,
        terms=last.segment.last.terms.id,
        hours=last.owed.hours,
        first_due=last.first_due,
        due_at=last.due_at,
        pauses=last.pauses,
        met_at=need.met_at,
        cancelled_at=need.cancelled_at,
        breached_at=_breached_at(counts, now=now),
        changes=tuple(_change(segment) for segment in segments[1:]),
    )


def _change(segment: Segment) -> Change:
    promised = None if segment.owed is None else segment.owed.promised
    return Change(segment.start, segment.spell.severity, segment.spell.terms.id, promised)


def _state(need: Need, last: Count) -> ClockState:
    if need.met_at is not None:
        return ClockState.MET
    if need.cancelled_at is not None:
        return ClockState.CANCELLED
    return ClockState.PAUSED if last.due_at is None else ClockState.RUNNING
