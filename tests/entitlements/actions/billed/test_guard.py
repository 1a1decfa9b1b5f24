"""What a connected system bills is changed there: here it is refused in words, but for what the desk decides itself."""

from datetime import timedelta

import pytest

from entitlements.actions import lifecycle
from entitlements.actions.items import change_quantity, end_item
from entitlements.actions.periods import record_period
from entitlements.actions.plan_changes import cancel_change, change_plan, reschedule
from entitlements.actions.subscriptions import add_item, end
from entitlements.domain.timing import Timing
from entitlements.models import SubscriptionChange, SubscriptionItem
from entitlements.queries.billed.guard import BilledElsewhere
from journal.actions.connections import turn_off
from journal.domain.actor import SYSTEM
from journal.models import Connection
from tests.entitlements.billing import Shop, bought, holds, look, says, shop
from tests.entitlements.domain.billed.told import ENDED, NOW, day, item

pytestmark = pytest.mark.django_db
AT = NOW + timedelta(minutes=1)
BY = {"by": SYSTEM, "at": AT}


@pytest.fixture
def world() -> Shop:
    made = shop()
    look(made, says())
    return made


def billed_item() -> SubscriptionItem:
    return SubscriptionItem.objects.get(billing_id="si_1", ends_at=None)


def planned(world: Shop) -> SubscriptionChange:
    return change_plan(subscription=bought(), plan=world.pro, timing=Timing.ON_DATE, on=day(9), **BY)


STAFF_ACTS = {
    "plan": lambda world: change_plan(subscription=bought(), plan=world.pro, **BY),
    "quantity": lambda _: change_quantity(item=billed_item(), quantity=4, **BY),
    "item": lambda _: end_item(item=billed_item(), reason="No", **BY),
    "end": lambda _: end(subscription=bought(), ends_at=day(3), reason="No", **BY),
    "cancel": lambda _: lifecycle.cancel(subscription=bought(), timing=Timing.NOW, reason="No", **BY),
    "pause": lambda _: lifecycle.pause(subscription=bought(), **BY),
    "payment": lambda _: lifecycle.fail_payment(subscription=bought(), **BY),
    "period": lambda _: record_period(subscription=bought(), starts_at=AT, ends_at=day(30), **BY),
}


@pytest.mark.parametrize("act", STAFF_ACTS.values(), ids=STAFF_ACTS)
def test_what_is_followed_from_there_is_refused_here(world: Shop, act) -> None:
    with pytest.raises(BilledElsewhere, match=f"{world.connection.name} bills subscription 1"):
        act(world)


def test_once_nobody_follows_any_more_it_is_ours_again(world: Shop) -> None:
    Connection.objects.update(state="active")
    turn_off(connection=world.connection, reason="Moved", by=SYSTEM, at=AT)
    assert change_quantity(item=billed_item(), quantity=4, **BY).quantity == 4


def test_what_has_ended_there_is_ours_again(world: Shop) -> None:
    look(world, says(item("pro"), ends_at=day(5)))
    look(world, says(item("pro"), state=ENDED, ended_at=day(5)), at=day(5))
    ended = end(subscription=bought(), ends_at=day(7), reason="Asked for it", by=SYSTEM, at=day(6))
    assert ended.ends_at == day(7)


def test_what_is_given_beside_it_is_the_desks(world: Shop) -> None:
    extra = add_item(subscription=bought(), plan=world.extra, quantity=2, **BY)
    look(world, says(), at=day(1))
    assert holds(day(1)) == ["1 × team", "2 × extra"]
    end_item(item=extra, reason="Enough", by=SYSTEM, at=day(1))
    assert holds(day(1)) == ["1 × team"]


def test_a_plan_for_another_day_stands_until_then(world: Shop) -> None:
    planned(world)
    for number in (1, 5, 8):
        look(world, says(), at=day(number))
    assert holds(day(8)) == ["1 × team"]
    look(world, says(item("pro")), at=day(9))
    assert holds(day(9)) == ["1 × pro"]
    assert SubscriptionChange.objects.filter(billing_id="").get().cancelled_at is None


def test_what_is_not_billed_by_that_day_is_not_had(world: Shop) -> None:
    planned(world)
    look(world, says(), at=day(9))
    assert holds(day(9)) == ["1 × team"]


def test_what_is_billed_otherwise_before_that_day_calls_the_plan_off(world: Shop) -> None:
    planned(world)
    look(world, says(item(quantity=3)), at=day(2))
    assert holds(day(10)) == ["3 × team"]
    assert SubscriptionChange.objects.filter(billing_id="", cancelled_at=None).count() == 0


def test_it_is_moved_and_called_off_as_any_other(world: Shop) -> None:
    change = planned(world)
    reschedule(change=change, effective_at=day(12), **BY)
    look(world, says(), at=day(10))
    cancel_change(change=change, reason="No", by=SYSTEM, at=day(10))
    look(world, says(), at=day(13))
    assert holds(day(13)) == ["1 × team"]
