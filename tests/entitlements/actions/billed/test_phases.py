"""What befalls it where it is billed: its trial, payments, pauses."""

from datetime import datetime

import pytest

from entitlements.actions.trials import extend
from entitlements.domain.lifecycle import State
from entitlements.models import Subscription
from entitlements.queries.life.state import state_of
from journal.models import Outbound
from tests.conftest import actor
from tests.entitlements.billing import NOW, bought, look, says, shop, verbs
from tests.entitlements.domain.billed.told import PAST_DUE, PAUSED, TRIAL, UNPAID, day, item
from tests.entitlements.world import policy

pytestmark = pytest.mark.django_db


def state(at: datetime) -> State:
    return state_of(Subscription.objects.get(pk=bought().pk), at=at)


def tried(until: float) -> dict[str, object]:
    return {"state": TRIAL, "trial_ends_at": day(until)}


def test_a_trial_becomes_a_sale() -> None:
    world = shop()
    look(world, says(**tried(9)))
    look(world, says(), at=day(5))
    assert (bought().converted_at, state(day(20)), verbs()[-1]) == (day(5), State.ACTIVE, "trial:convert")


def test_a_sale_that_is_heard_of_late_is_one_all_the_same() -> None:
    world = shop()
    look(world, says(**tried(9)))
    assert state(day(10)) is State.TRIAL_OVER
    look(world, says(), at=day(10))
    assert state(day(10)) is State.ACTIVE


def test_the_billing_moves_the_end_of_a_trial_and_is_not_told_of_it() -> None:
    world = shop()
    look(world, says(**tried(9)))
    look(world, says(**tried(20)), at=day(1))
    assert bought().phases.get().ends_at == day(20)
    assert not Outbound.objects.filter(kind="billing").exists()


def test_an_extension_stands_while_the_billing_is_still_to_be_told() -> None:
    world = shop()
    policy()
    look(world, says(**tried(9)))
    extend(subscription=bought(), days=10, reason="Holidays", by=actor("sales"), at=day(1))
    look(world, says(**tried(9)), at=day(2))
    assert bought().phases.get().ends_at == day(19)
    Outbound.objects.filter(kind="billing").update(state="sent", sent_at=day(2))
    look(world, says(**tried(9)), at=day(3))
    assert bought().phases.get().ends_at == day(9)


def test_a_failed_payment_begins_the_grace_of_the_plan_once() -> None:
    world = shop()
    look(world, says(item("pro")))
    for number in (1, 2):
        look(world, says(item("pro"), state=PAST_DUE), at=day(number))
    grace = bought().phases.get()
    assert (grace.phase, grace.starts_at, grace.ends_at) == ("grace", day(1), day(11))
    assert verbs().count("grace:begin") == 1
    assert (state(day(2)), state(day(11))) == (State.GRACE, State.PAST_DUE)


def test_being_paid_restores_also_after_the_grace() -> None:
    world = shop()
    look(world, says(item("pro")))
    look(world, says(item("pro"), state=PAST_DUE), at=day(1))
    look(world, says(item("pro")), at=day(15))
    assert (state(day(14)), state(day(15))) == (State.PAST_DUE, State.ACTIVE)
    look(world, says(item("pro"), state=PAST_DUE), at=day(30))
    assert state(day(31)) is State.GRACE


def test_unpaid_ends_a_grace_that_runs() -> None:
    world = shop()
    look(world, says(item("pro")))
    look(world, says(item("pro"), state=PAST_DUE), at=day(1))
    look(world, says(item("pro"), state=UNPAID), at=day(4))
    assert (state(day(3)), state(day(4)), verbs()[-1]) == (State.GRACE, State.PAST_DUE, "grace:end")


def test_unpaid_at_once_leaves_no_grace() -> None:
    world = shop()
    look(world, says())
    look(world, says(state=UNPAID), at=day(1))
    assert state(day(1)) is State.PAST_DUE


def test_a_pause_lasts_until_it_is_lifted() -> None:
    world = shop()
    look(world, says(), at=NOW)
    look(world, says(state=PAUSED), at=day(1))
    assert state(day(90)) is State.PAUSED
    look(world, says(), at=day(3))
    assert state(day(3)) is State.ACTIVE
