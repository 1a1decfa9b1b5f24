"""Its trial, payments that fail and come, pauses and periods: what befalls what is billed. A line of a table is a case."""

import pytest

from catalog.domain.window import Window
from entitlements.domain.billed.deciding import decide
from entitlements.domain.billed.steps import (
    Become,
    Convert,
    FailPayment,
    Give,
    Pause,
    RecordPeriod,
    Restore,
    Resume,
    SetTrialEnd,
    Start,
    Step,
)
from entitlements.domain.billed.told import Billed, BilledState
from tests.entitlements.domain.billed.told import (
    ACTIVE,
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
)

RUNNING = (ACTIVE, PAST_DUE, UNPAID)
BEGINS = (Give("si_1", TEAM, 1),)


def steps(told: Billed, ours: object) -> list[Step]:
    return list(decide(told, ours, sold=SOLD, at=NOW).steps)  # type: ignore[arg-type]


def in_trial(until: float = 14, **more: object) -> Billed:
    return billed(state=TRIAL, trial_ends_at=day(until), **more)


# Trials -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("card", [False, True])
def test_a_purchase_with_a_trial_begins_in_trial(card: bool) -> None:
    assert steps(in_trial(with_card=card), None) == [Start(BEGINS, day(14), card)]


def test_a_card_means_nothing_where_nothing_is_tried() -> None:
    assert steps(billed(with_card=True), None) == [Start(BEGINS, None, False)]
    assert steps(billed(trial_ends_at=day(9)), None) == [Start(BEGINS, None, False)]


@pytest.mark.parametrize("card", [False, True])
@pytest.mark.parametrize("until", [0.01, 7, 13, 15, 90])
def test_its_end_there_is_its_end_here(until: float, card: bool) -> None:
    assert steps(in_trial(until, with_card=card), held(trial_ends_at=day(14))) == [SetTrialEnd(day(until), card)]


def test_a_card_that_was_left_or_taken_away_is_known() -> None:
    assert steps(in_trial(with_card=True), held(trial_ends_at=day(14))) == [SetTrialEnd(day(14), True)]
    assert steps(in_trial(), held(trial_ends_at=day(14), with_card=True)) == [SetTrialEnd(day(14), False)]
    assert steps(in_trial(with_card=True), held(trial_ends_at=day(14), with_card=True)) == []


@pytest.mark.parametrize("ours", [None, day(-1), day(0)])
def test_in_trial_there_it_is_in_trial_here_also_after_it_was_over(ours: object) -> None:
    assert steps(in_trial(), held(trial_ends_at=ours)) == [SetTrialEnd(day(14), False)]


@pytest.mark.parametrize("until", [0, -0.01, -3])
def test_an_end_that_has_passed_ends_what_runs_and_begins_nothing(until: float) -> None:
    assert steps(in_trial(until), held(trial_ends_at=day(3))) == [SetTrialEnd(NOW, False)]
    assert steps(in_trial(until), held(trial_ends_at=day(-1))) == []
    assert steps(in_trial(until), held()) == []


def test_a_trial_that_nobody_pays_for_after_its_end_begins_nothing() -> None:
    assert steps(in_trial(-0.01), None) == []
    assert steps(in_trial(0), None) == []
    assert steps(in_trial(-0.01, with_card=True), None) == [Start(BEGINS, None, False)]


def test_a_trial_without_an_end_changes_nothing() -> None:
    assert steps(billed(state=TRIAL), held(trial_ends_at=day(3))) == []


@pytest.mark.parametrize("state", RUNNING)
@pytest.mark.parametrize("ours", [day(14), day(0), day(-9)])
def test_out_of_trial_there_it_is_a_sale_here(state: BilledState, ours: object) -> None:
    done = steps(billed(state=state), held(trial_ends_at=ours))
    assert Convert() in done
    assert len(done) == (1 if state is ACTIVE else 2)


@pytest.mark.parametrize("ours", [day(14), day(-9)])
def test_a_rest_with_no_end_in_sight_is_no_sale(ours: object) -> None:
    assert steps(billed(state=PAUSED), held(trial_ends_at=ours)) == [Pause()]


# The desk's own extension, while the billing has not heard of it --------------------------------------------------
def extended(until: float = 20, told: float | None = 20, **more: object) -> object:
    return held(trial_ends_at=day(until), telling_trial_end=None if told is None else day(told), **more)


@pytest.mark.parametrize(("theirs", "stands"), [(14, None), (20, None), (25, 25), (19.99, None), (-1, None)])
def test_the_later_end_stands_while_ours_waits_to_be_told(theirs: float, stands: float | None) -> None:
    wanted = [] if stands is None else [SetTrialEnd(day(stands), False)]
    assert steps(in_trial(theirs), extended()) == wanted


def test_once_it_was_told_or_refused_theirs_counts() -> None:
    assert steps(in_trial(14), extended(told=None)) == [SetTrialEnd(day(14), False)]
    assert steps(in_trial(20), extended(told=None)) == []


@pytest.mark.parametrize(("state", "is_sold"), [(ACTIVE, True), (PAST_DUE, True), (UNPAID, True), (PAUSED, False)])
def test_what_the_billing_made_of_its_own_end_meanwhile_waits(state: BilledState, is_sold: bool) -> None:
    assert steps(billed(state=state), extended()) == []
    assert (Convert() in steps(billed(state=state), extended(told=None))) is is_sold


def test_an_extension_that_is_over_before_it_was_told_holds_nothing_back() -> None:
    assert steps(billed(), extended(until=-1, told=-1)) == [Convert()]
    assert steps(billed(), extended(until=5, told=-1)) == [Convert()]
    assert steps(billed(), extended(until=-1, told=5)) == [Convert()]


def test_a_trial_that_the_desk_made_a_sale_stays_one() -> None:
    assert steps(in_trial(), held(telling_trial_end=day(-0.1))) == []
    assert steps(in_trial(), held(telling_trial_end=day(0))) == []


# Payments ---------------------------------------------------------------------------------------------------------
def test_a_failed_payment_begins_the_grace_once() -> None:
    assert steps(billed(state=PAST_DUE), held()) == [FailPayment()]
    assert steps(billed(state=PAST_DUE), held(grace_ends_at=day(14))) == []
    assert steps(billed(state=PAST_DUE), held(grace_ends_at=day(-1))) == []


@pytest.mark.parametrize(("ours", "done"), [(None, True), (day(14), True), (day(0.01), True), (day(0), False)])
def test_unpaid_there_is_no_grace_left(ours: object, done: bool) -> None:
    assert steps(billed(state=UNPAID), held(grace_ends_at=ours)) == ([FailPayment(ended=True)] if done else [])


@pytest.mark.parametrize("state", [PAST_DUE, UNPAID])
def test_what_begins_unpaid_begins_so(state: BilledState) -> None:
    failed = FailPayment(ended=state is UNPAID)
    assert steps(billed(state=state), None) == [Start(BEGINS, None, False), failed]


@pytest.mark.parametrize("waits", [day(9), day(0), day(-40)])
def test_being_paid_restores(waits: object) -> None:
    assert steps(billed(), held(grace_ends_at=waits)) == [Restore()]


def test_tried_again_or_paused_no_payment_is_waited_for() -> None:
    assert steps(in_trial(), held(grace_ends_at=day(9), trial_ends_at=day(14))) == [Restore()]
    assert steps(billed(state=PAUSED), held(grace_ends_at=day(9))) == [Restore(), Pause()]


def test_it_is_restored_before_it_changes() -> None:
    done = steps(billed(item("pro")), held(grace_ends_at=day(-9)))
    assert done == [Restore(), Become(7, "si_1", PRO, 1)]


def test_the_grace_is_that_of_the_plan_it_has_by_then() -> None:
    assert steps(billed(item("pro"), state=PAST_DUE), held()) == [Become(7, "si_1", PRO, 1), FailPayment()]


# Pauses -----------------------------------------------------------------------------------------------------------
def test_paused_there_it_is_paused_here() -> None:
    assert steps(billed(state=PAUSED), held()) == [Pause()]
    assert steps(billed(state=PAUSED), held(paused=True)) == []


def test_a_pause_that_was_to_end_here_lasts_until_it_is_lifted_there() -> None:
    assert steps(billed(state=PAUSED), held(paused=True, paused_until=day(30))) == [Pause()]


@pytest.mark.parametrize("state", RUNNING)
def test_it_is_lifted_where_it_is_lifted_there(state: BilledState) -> None:
    assert steps(billed(state=state), held(paused=True))[0] == Resume()


def test_what_begins_paused_begins_so() -> None:
    assert steps(billed(state=PAUSED), None) == [Start(BEGINS, None, False), Pause()]


def test_it_is_lifted_before_it_changes() -> None:
    assert steps(billed(item("pro")), held(paused=True)) == [Resume(), Become(7, "si_1", PRO, 1)]


# Periods ----------------------------------------------------------------------------------------------------------
MARCH, APRIL = Window(day(0), day(31)), Window(day(31), day(61))


@pytest.mark.parametrize("known", [(), (MARCH,), (Window(day(31), day(62)),), (Window(day(10), day(41)),)])
def test_a_period_is_recorded_where_it_is_not_known(known: tuple[Window, ...]) -> None:
    assert steps(billed(item(period=APRIL)), held(periods=known)) == [RecordPeriod(APRIL)]


@pytest.mark.parametrize("known", [(APRIL,), (MARCH, APRIL), (Window(day(40), day(71)),), (Window(day(31.01), None),)])
def test_one_that_is_known_or_older_than_a_known_one_is_not(known: tuple[Window, ...]) -> None:
    assert steps(billed(item(period=APRIL)), held(periods=known)) == []


def test_the_plan_counts_then_what_was_added_to_it() -> None:
    extra = item("extra", id="si_2", period=MARCH)
    ours = held(mine(), mine(SOLD["price_extra"], id="si_2", key=8))
    assert steps(billed(extra, item(period=APRIL)), ours) == [RecordPeriod(APRIL)]
    assert steps(billed(extra, item()), ours) == [RecordPeriod(MARCH)]


def test_what_is_not_linked_has_no_period_here() -> None:
    assert steps(billed(item("unknown", id="si_2", period=MARCH), item()), held()) == []


@pytest.mark.parametrize("open_ended", [Window(day(0), None), Window(None, day(9)), Window()])
def test_a_period_has_two_ends(open_ended: Window) -> None:
    assert steps(billed(item(period=open_ended)), held()) == []


def test_what_begins_begins_with_its_period() -> None:
    assert steps(billed(item(period=MARCH)), None) == [Start(BEGINS, None, False), RecordPeriod(MARCH)]


def test_the_period_of_what_should_be_there_by_now_counts() -> None:
    told = billed(item(period=MARCH), comes=(comes(-1, item("pro", period=APRIL)),))
    assert steps(told, held(mine(PRO))) == [RecordPeriod(APRIL)]
