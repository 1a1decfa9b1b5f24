"""What holds of every clock, whatever happened to its case."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from support.domain.business_time import elapsed
from support.domain.case_events import CaseEvent, CaseState, ClockState, EventKind
from support.domain.clocks.explaining import explain
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import CaseFacts, RunClock
from support.domain.milestones import Measured, Recurrence
from support.domain.targets import TargetUnit
from tests.support.domain.clocks.made_up import MINUTE, MadeUp, cases, gaps, happenings, without_pauses_in

IN_MINUTES = {TargetUnit.MINUTES, TargetUnit.BUSINESS_MINUTES}


def clocks_of(facts: CaseFacts, now: datetime) -> dict[tuple[str, int], RunClock]:
    return {(clock.milestone.key, clock.run): clock for clock in standing_of(facts, now=now).clocks}


@given(cases())
def test_nothing_is_due_before_it_starts(case: MadeUp) -> None:
    for clock in clocks_of(case.facts, case.now).values():
        assert clock.started_at <= clock.measured_from <= clock.first_due
        assert clock.due_at is None or clock.first_due <= clock.due_at
        assert all(clock.started_at <= end for end in (clock.met_at, clock.cancelled_at) if end)
        assert (clock.due_at is None) == (clock.paused_since is not None) or clock.state is not ClockState.PAUSED


@given(cases())
def test_runs_of_a_milestone_follow_each_other(case: MadeUp) -> None:
    clocks = clocks_of(case.facts, case.now)
    for (key, run), (next_key, next_run) in pairwise(sorted(clocks)):
        if key == next_key:
            end = clocks[key, run].met_at or clocks[key, run].cancelled_at
            assert run < next_run
            assert end is not None
            assert end <= clocks[next_key, next_run].started_at


@given(cases(), gaps())
def test_what_is_late_stays_late_as_time_goes_on(case: MadeUp, later: int) -> None:
    after = clocks_of(case.facts, case.now + later * MINUTE)
    for key, clock in clocks_of(case.facts, case.now).items():
        assert clock.breached_at is None or clock.breached_at == after[key].breached_at


@given(cases(), st.data())
def test_what_is_late_stays_late_whatever_happens_then(case: MadeUp, data: st.DataObject) -> None:
    kind, to = data.draw(happenings(["m0"]))
    at = max(case.now, case.facts.events[-1].at) + data.draw(gaps()) * MINUTE
    more = replace(case.facts, events=(*case.facts.events, CaseEvent(at, 99, kind, to)))
    after = clocks_of(more, at)
    for key, clock in clocks_of(case.facts, case.now).items():
        assert clock.breached_at is None or clock.breached_at == after[key].breached_at


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_heard_of_is_nothing(case: MadeUp, random: Random) -> None:
    apart = [replace(each, at=each.at + place * MINUTE) for place, each in enumerate(case.facts.events)]
    seqs = list(range(1, len(apart)))
    random.shuffle(seqs)
    heard = [apart[0], *(replace(each, seq=seq) for each, seq in zip(apart[1:], seqs, strict=True))]
    told = sorted(heard, key=lambda each: each.seq)
    now = case.now + len(apart) * MINUTE
    expected = standing_of(replace(case.facts, events=tuple(apart)), now=now)
    assert standing_of(replace(case.facts, events=tuple(told)), now=now) == expected


@given(cases(), st.sampled_from([CaseState.WAITING, CaseState.ON_HOLD, CaseState.OPEN]))
def test_a_pause_never_makes_anything_due_earlier(case: MadeUp, state: CaseState) -> None:
    """Of clocks that count from their own start; a chain starts elsewhere if one of its links was due elsewhere."""
    straight = clocks_of(without_pauses_in(case.facts, state), case.now)
    for key, clock in clocks_of(case.facts, case.now).items():
        plain = clock.milestone.recurrence is not Recurrence.SEQUENTIAL
        if plain and clock.milestone.measured is Measured.FROM_START and clock.due_at is not None:
            assert clock.due_at >= (straight[key].due_at or clock.due_at)


@given(cases())
def test_a_state_in_which_nothing_pauses_changes_nothing(case: MadeUp) -> None:
    facts = without_pauses_in(without_pauses_in(case.facts, CaseState.OPEN), CaseState.ON_HOLD)
    assert clocks_of(facts, case.now) == clocks_of(_never_on_hold(facts), case.now)


@given(cases())
def test_the_reasons_of_a_due_time_add_up(case: MadeUp) -> None:
    for clock in clocks_of(case.facts, case.now).values():
        reasons = explain(clock)
        if clock.promised.target.unit in IN_MINUTES:
            assert reasons.counted_time == timedelta(minutes=clock.promised.target.amount)
        else:
            assert len(reasons.days) == max(1, clock.promised.target.amount)
        assert reasons.due_at == clock.due_at
        if clock.due_at is not None:
            assert elapsed(clock.hours, start=clock.first_due, end=clock.due_at) == reasons.added
            assert (reasons.pauses[-1].due_at if reasons.pauses else clock.first_due) == clock.due_at


def _never_on_hold(facts: CaseFacts) -> CaseFacts:
    on_hold = (EventKind.STATE, CaseState.ON_HOLD)
    events = (replace(each, to="open") if (each.kind, each.to) == on_hold else each for each in facts.events)
    return replace(facts, events=tuple(events))
