"""How what is billed begins, is left, goes on after all, ends and begins anew. A line of a table is a case."""

import pytest

from catalog.domain.window import Window
from entitlements.domain.billed.deciding import decide
from entitlements.domain.billed.steps import (
    Become,
    CallOff,
    End,
    FailPayment,
    Give,
    KeepGoing,
    Leave,
    Pause,
    RecordPeriod,
    Restore,
    Resume,
    SetTrialEnd,
    Start,
    Step,
    Take,
)
from entitlements.domain.billed.told import Billed, BilledState
from tests.entitlements.domain.billed.told import (
    ACTIVE,
    ENDED,
    EXTRA,
    NOT_BEGUN,
    NOW,
    PAST_DUE,
    PAUSED,
    PRO,
    SOLD,
    TEAM,
    TRIAL,
    UNPAID,
    billed,
    comes,
    day,
    held,
    item,
    mine,
    planned,
)

RUNNING = (TRIAL, ACTIVE, PAST_DUE, UNPAID, PAUSED)
BEGINS = (Give("si_1", TEAM, 1),)


def steps(told: Billed, ours: object) -> list[Step]:
    return list(decide(told, ours, sold=SOLD, at=NOW).steps)  # type: ignore[arg-type]


def left(as_of: float, until: float | None = None, **more: object) -> object:
    return held(leaves_at=day(as_of), ends_at=day(as_of if until is None else until), **more)


# Beginning --------------------------------------------------------------------------------------------------------
def test_what_is_bought_begins() -> None:
    assert steps(billed(), None) == [Start(BEGINS, None, False)]


def test_nothing_is_owed_before_the_first_payment() -> None:
    told = billed(item(), item("unknown", id="si_2"), state=NOT_BEGUN)
    assert decide(told, None, sold=SOLD, at=NOW).steps == ()
    assert decide(told, None, sold=SOLD, at=NOW).unlinked == ()
    assert steps(told, held()) == [End()]
    assert steps(told, left(-1, 6)) == [End()]


@pytest.mark.parametrize("ended", [day(-3), day(0), None])
def test_what_ended_before_it_was_heard_of_never_begins(ended: object) -> None:
    assert steps(billed(state=ENDED, ended_at=ended), None) == []


@pytest.mark.parametrize("state", RUNNING)
def test_what_is_over_here_and_goes_on_there_begins_anew(state: BilledState) -> None:
    told = billed(state=state, trial_ends_at=day(14) if state is TRIAL else None)
    for over in (day(0), day(-20)):
        ended = held(ends_at=over, grace_ends_at=day(-25), paused=True, leaves_at=day(-30))
        assert steps(told, ended) == steps(told, None)
        assert isinstance(steps(told, ended)[0], Start)


@pytest.mark.parametrize("state", [ENDED, NOT_BEGUN])
def test_what_is_over_here_and_there_stays_so(state: BilledState) -> None:
    assert steps(billed(state=state, ended_at=day(-1)), held(ends_at=day(-5))) == []


def test_what_begins_can_be_left_already() -> None:
    assert steps(billed(ends_at=day(9)), None) == [Start(BEGINS, None, False), Leave(day(9))]


# Ending -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ended", [day(-30), day(-0.01), day(0), day(0.01), None])
def test_an_end_that_nobody_had_announced_ends_at_once(ended: object) -> None:
    assert steps(billed(state=ENDED, ended_at=ended), held()) == [End()]


@pytest.mark.parametrize(("as_of", "until"), [(-1, 6), (0, 7), (0.001, 7)])
def test_days_of_access_that_were_agreed_stand_when_it_comes_to_that_end(as_of: float, until: float) -> None:
    told = billed(state=ENDED, ended_at=day(as_of))
    assert steps(told, left(as_of, until)) == []
    assert steps(billed(state=ENDED, ended_at=day(as_of), ends_at=day(as_of)), left(as_of, until)) == []


def test_an_end_before_the_one_that_was_agreed_ends_at_once() -> None:
    assert steps(billed(state=ENDED, ended_at=day(-0.1)), left(5, 12)) == [End()]
    assert steps(billed(state=ENDED), left(5, 12)) == [End()]
    assert steps(billed(state=ENDED, ended_at=day(-0.1), ends_at=day(5)), left(5, 12)) == [End()]


MINUTE = 1 / 1440


@pytest.mark.parametrize("off", [-5, -1, -0.05, 0.05, 1, 59, 600])
def test_seconds_before_or_any_time_after_the_announced_end_it_is_that_end(off: float) -> None:
    told = billed(state=ENDED, ended_at=day(off * MINUTE - 1))
    assert steps(told, left(-1, 6)) == []


@pytest.mark.parametrize("early", [5.1, 60, 1440])
def test_ended_earlier_than_minutes_before_the_announced_end_it_was_ended_early(early: float) -> None:
    told = billed(state=ENDED, ended_at=day(-early * MINUTE))
    assert steps(told, left(0, 7)) == [End()]


@pytest.mark.parametrize(("ahead", "done"), [(0.05, []), (5, []), (5.1, [End()]), (100_000, [End()])])
def test_an_end_that_is_to_come_by_our_clock_is_there_by_now(ahead: float, done: list[Step]) -> None:
    told = billed(state=ENDED, ended_at=day(ahead * MINUTE))
    assert steps(told, left(ahead * MINUTE, 400)) == done


def test_nothing_comes_any_more_of_what_was_left() -> None:
    ours = left(-1, 6, comes=(planned(3, PRO), planned(4, TEAM, key=91)))
    assert steps(billed(state=ENDED, ended_at=day(-1)), ours) == [CallOff(91), CallOff(90)]


def test_ending_is_all_there_is_to_do() -> None:
    ours = held(mine(PRO), grace_ends_at=day(3), paused=True, comes=(planned(3, PRO),))
    assert steps(billed(item("unknown"), state=ENDED, ended_at=NOW), ours) == [End()]
    assert decide(billed(item("unknown"), state=ENDED), ours, sold=SOLD, at=NOW).unlinked == ()


@pytest.mark.parametrize("state", RUNNING)
def test_an_end_that_was_announced_and_has_passed_is_one(state: BilledState) -> None:
    told = billed(state=state, ends_at=day(-0.01), trial_ends_at=day(3) if state is TRIAL else None)
    assert steps(told, held()) == [End()]
    assert steps(told, left(-0.01, 7)) == []
    assert steps(told, None) == []
    assert steps(billed(state=state, ends_at=NOW), held()) == [End()]
    assert steps(billed(state=state, ends_at=day(-2)), left(-1, 6)) == [End()]


# Leaving ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", [ACTIVE, PAST_DUE, UNPAID, PAUSED])
def test_cancelled_as_of_an_instant_it_ends_then(state: BilledState) -> None:
    ours = held(paused=state is PAUSED, grace_ends_at=day(-1) if state in (PAST_DUE, UNPAID) else None)
    assert steps(billed(state=state, ends_at=day(9)), ours) == [Leave(day(9))]


def test_in_trial_too() -> None:
    told = billed(state=TRIAL, trial_ends_at=day(9), ends_at=day(9))
    assert steps(told, held(trial_ends_at=day(9))) == [Leave(day(9))]
    assert steps(told, left(9, trial_ends_at=day(9))) == []


@pytest.mark.parametrize("until", [9, 16])
def test_left_as_it_was_cancelled_there_is_nothing_to_do(until: float) -> None:
    assert steps(billed(ends_at=day(9)), left(9, until)) == []


@pytest.mark.parametrize(("ours", "theirs"), [(9, 12), (12, 9), (9, 9.001), (-1, 12)])
def test_cancelled_as_of_another_instant_it_ends_then(ours: float, theirs: float) -> None:
    assert steps(billed(ends_at=day(theirs)), left(ours, 16)) == [KeepGoing(), Leave(day(theirs))]


@pytest.mark.parametrize("as_of", [9, 0, -2])
def test_a_cancellation_that_was_taken_back_is_none(as_of: float) -> None:
    assert steps(billed(), left(as_of, 16)) == [KeepGoing()]


@pytest.mark.parametrize("ends", [0.01, 5, 400])
def test_what_was_to_end_here_goes_on_while_it_is_billed(ends: float) -> None:
    assert steps(billed(), held(ends_at=day(ends))) == [KeepGoing()]
    assert steps(billed(ends_at=day(9)), held(ends_at=day(ends))) == [KeepGoing(), Leave(day(9))]


def test_an_end_here_before_the_one_that_was_agreed_gives_way() -> None:
    assert steps(billed(ends_at=day(9)), left(9, 5)) == [KeepGoing(), Leave(day(9))]


def test_days_of_access_are_none_while_it_is_paid() -> None:
    assert steps(billed(item("pro")), left(-2, 5)) == [KeepGoing(), Become(7, "si_1", PRO, 1)]


# All together -----------------------------------------------------------------------------------------------------
def test_what_stands_in_the_way_of_a_change_is_over_before_it() -> None:
    ours = left(9, 16, grace_ends_at=day(-1), paused=True, items=(mine(until=5),), comes=(planned(5, PRO),))
    told = billed(item("pro", period=Window(day(0), day(31))), item("extra", id="si_2"))
    assert steps(told, ours) == [
        KeepGoing(),
        Resume(),
        Restore(),
        CallOff(90),
        Become(7, "si_1", PRO, 1),
        Give("si_2", EXTRA, 1),
        RecordPeriod(Window(day(0), day(31))),
    ]


def test_what_is_measured_by_the_plan_comes_after_it() -> None:
    told = billed(item("pro"), state=PAST_DUE, ends_at=day(40), comes=(comes(31, item()),))
    assert steps(told, held()) == [
        Become(7, "si_1", PRO, 1),
        Become(0, "si_1", TEAM, 1, day(31)),
        FailPayment(),
        Leave(day(40)),
    ]


def test_a_purchase_that_was_heard_of_late_is_there_as_a_whole() -> None:
    told = billed(
        item("pro"), item("extra", 3, id="si_2"), state=TRIAL, trial_ends_at=day(5), with_card=True, ends_at=day(40),
        comes=(comes(31, item("pro")),),
    )  # fmt: skip
    assert steps(told, None) == [
        Start((Give("si_1", PRO, 1), Give("si_2", EXTRA, 3)), day(5), True), Take(0, day(31), "si_2"), Leave(day(40)),
    ]  # fmt: skip


def test_a_trial_that_is_paused_and_left_is_all_three() -> None:
    ours = held(trial_ends_at=day(3))
    assert steps(billed(state=PAUSED, ends_at=day(20)), ours) == [Pause(), Leave(day(20))]
    again = billed(state=TRIAL, trial_ends_at=day(6))
    paused = left(20, trial_ends_at=day(3), paused=True)
    assert steps(again, paused) == [KeepGoing(), Resume(), SetTrialEnd(day(6), False)]
