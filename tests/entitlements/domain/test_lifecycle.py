"""Where a subscription stands, from its dates alone; and the table of what may be done with it there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.window import Window
from entitlements.domain.facts import ItemFact, Phase
from entitlements.domain.lifecycle import PERMITTED, Life, Move, State, Stretch, permitted, state_at
from entitlements.domain.phases import phase_at
from entitlements.snapshots import paid_windows

DAY = timedelta(days=1)
MOMENT = datetime.resolution
BEGAN = datetime(2026, 3, 1, 9, tzinfo=UTC)


def day(number: int) -> datetime:
    return BEGAN + number * DAY


def life(*phases: Stretch, **dates: object) -> Life:
    return replace(Life(starts_at=BEGAN, phases=phases), **dates)


def stretch(phase: Phase, first: int, last: int | None, *, paid: int | None = None) -> Stretch:
    window = Window(day(first), None if last is None else day(last))
    return Stretch(phase, window, None if paid is None else day(paid))


TRIAL = stretch(Phase.TRIAL, 0, 14)
GRACE = stretch(Phase.GRACE, 10, 24)


def test_it_is_to_come_until_it_begins_and_ended_at_its_end() -> None:
    ending = life(ends_at=day(30))
    assert state_at(ending, at=BEGAN - MOMENT) is State.TO_COME
    assert state_at(ending, at=BEGAN) is State.ACTIVE
    assert state_at(ending, at=day(30) - MOMENT) is State.ACTIVE
    assert state_at(ending, at=day(30)) is State.ENDED


def test_a_trial_nobody_converts_is_over_at_its_end() -> None:
    assert state_at(life(TRIAL), at=day(14) - MOMENT) is State.TRIAL
    assert state_at(life(TRIAL), at=day(14)) is State.TRIAL_OVER


@pytest.mark.parametrize(
    ("dates", "then"),
    [
        ({"converted_at": day(9)}, State.ACTIVE),
        ({"with_card": True}, State.ACTIVE),
        ({"bought_at": day(20)}, State.TRIAL_OVER),
        ({"bought_at": day(15)}, State.ACTIVE),
    ],
)
def test_a_trial_may_become_a_sale(dates: dict[str, object], then: State) -> None:
    assert state_at(life(TRIAL, **dates), at=day(16)) is then


def test_converted_it_is_active_from_that_instant() -> None:
    converted = life(TRIAL, converted_at=day(9))
    assert state_at(converted, at=day(9) - MOMENT) is State.TRIAL
    assert state_at(converted, at=day(9)) is State.ACTIVE


def test_unpaid_at_the_end_of_grace_it_is_past_due_until_payment() -> None:
    paid_late = life(stretch(Phase.GRACE, 10, 24, paid=30))
    assert state_at(paid_late, at=day(24) - MOMENT) is State.GRACE
    assert state_at(paid_late, at=day(24)) is State.PAST_DUE
    assert state_at(paid_late, at=day(30)) is State.ACTIVE
    assert state_at(life(GRACE), at=day(400)) is State.PAST_DUE


def test_paid_within_grace_it_is_active_at_once() -> None:
    assert state_at(life(stretch(Phase.GRACE, 10, 24, paid=12)), at=day(12)) is State.ACTIVE


def test_a_grace_of_no_days_is_past_due_from_the_failure_on() -> None:
    assert state_at(life(stretch(Phase.GRACE, 10, 10)), at=day(10)) is State.PAST_DUE


def test_of_several_phases_the_one_that_decides_what_is_given_is_told() -> None:
    winding, paused = stretch(Phase.WINDING_DOWN, 12, 40), stretch(Phase.PAUSED, 13, 20)
    mixed = life(TRIAL, GRACE, winding, paused)
    assert [state_at(mixed, at=day(n)) for n in (9, 10, 12, 13, 20, 24)] == [
        State.TRIAL,
        State.GRACE,
        State.WINDING_DOWN,
        State.PAUSED,
        State.WINDING_DOWN,
        State.PAST_DUE,
    ]


def test_every_state_has_its_moves_and_its_words() -> None:
    assert set(PERMITTED) == set(State)
    assert all(state.words and state.said for state in State)
    assert all(move.words and move.refused for move in Move)
    assert set().union(*PERMITTED.values()) == set(Move)


def test_what_has_ended_allows_nothing_and_everything_else_may_end() -> None:
    for state in State:
        assert permitted(state, Move.END) is (state is not State.ENDED)


instants = st.integers(0, 12).map(day)


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    first, last = sorted((draw(instants), draw(instants)))
    phase = draw(st.sampled_from([phase for phase in Phase if phase is not Phase.ACTIVE]))
    paid = draw(st.none() | instants.filter(lambda at: at >= first)) if phase is Phase.GRACE else None
    return Stretch(phase, Window(first, last), paid)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    return life(
        *draw(st.lists(stretches(), max_size=4)),
        ends_at=draw(st.none() | instants),
        converted_at=draw(st.none() | instants),
        with_card=draw(st.booleans()),
        bought_at=draw(st.none() | instants),
    )


@given(lived=lives(), at=instants)
def test_the_phase_it_names_is_the_one_the_resolver_uses(lived: Life, at: datetime) -> None:
    state = state_at(lived, at=at)
    if state in {State.TO_COME, State.ENDED, State.PAST_DUE}:
        return
    phase = phase_at(_item(lived), at=at)
    assert phase.value == (Phase.ACTIVE.value if state is State.TRIAL_OVER else state.value)


@given(lived=lives(), at=instants)
def test_past_due_is_just_where_the_resolver_leaves_a_gap(lived: Life, at: datetime) -> None:
    state = state_at(lived, at=at)
    if state in {State.TO_COME, State.ENDED}:
        return
    rows = [
        SimpleNamespace(
            phase=one.phase, starts_at=one.window.start, ends_at=one.window.end, restored_at=one.restored_at
        )
        for one in lived.phases
    ]
    assert (state is State.PAST_DUE) is not any(window.contains(at) for window in paid_windows(rows))


def _item(lived: Life) -> ItemFact:
    """The item of that life as a snapshot would cut its phases."""
    phases = []
    for one in lived.phases:
        over = lived.converted_at if one.phase is Phase.TRIAL else one.restored_at
        window = one.window.intersection(Window(None, over))
        if window is not None:
            phases.append((one.phase, window))
    return ItemFact("1", "1", "team", "1", 1, Window(BEGAN, None), phases=tuple(phases))


@given(lived=lives(), first=instants, later=instants)
def test_between_its_dates_nothing_changes(lived: Life, first: datetime, later: datetime) -> None:
    dates = {lived.starts_at, lived.ends_at, lived.converted_at, lived.bought_at}
    for one in lived.phases:
        dates |= {*one.window.edges(), one.restored_at}
    first, later = sorted((first, later))
    if not any(date is not None and first < date <= later for date in dates):
        assert state_at(lived, at=first) is state_at(lived, at=later)
