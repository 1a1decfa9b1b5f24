"""A subscription that is billed elsewhere, as we hold it."""

from datetime import datetime

import pytest

from catalog.domain.window import Window
from entitlements.actions.lifecycle import cancel, fail_payment, pause
from entitlements.actions.subscriptions import add_item
from entitlements.actions.trials import extend
from entitlements.domain.billed.steps import Held, HeldChange, HeldItem
from entitlements.domain.timing import Timing
from entitlements.models import SubscriptionChange
from entitlements.queries.billed.held import held_of, matched, subscription_of
from entitlements.queries.billed.links import sold_of
from journal.domain.actor import SYSTEM
from journal.models import Connection
from tests.conftest import actor
from tests.entitlements.billing import NOW, bought, look, says, shop
from tests.entitlements.domain.billed.told import TRIAL, comes, day, item
from tests.entitlements.world import account, policy, subscribed

pytestmark = pytest.mark.django_db


def held(at: datetime = NOW) -> Held:
    return held_of(bought(), at=at)


def test_its_items_bear_their_names_there() -> None:
    look(shop(), says(item(quantity=2)), at=day(-1))
    row = bought().items.get()
    assert held().items == (HeldItem(row.pk, "si_1", "team", "month", 2, False, Window(day(-1), None)),)


def test_what_was_lent_is_not_among_them_nor_what_staff_gave() -> None:
    world = shop()
    look(world, says(), at=day(-1))
    add_item(subscription=bought(), plan=world.pro, lent=True, ends_at=day(9), by=SYSTEM, at=NOW)
    add_item(subscription=bought(), plan=world.extra, by=SYSTEM, at=NOW)
    ours = matched(bought(), says(), sold=sold_of(says()), at=NOW)
    assert [one.id for one in ours.held.items] == ["si_1"]


def test_what_was_sold_here_before_it_had_a_name_is_the_same_plan_there() -> None:
    world = shop()
    sub = subscribed(account(), world.catalog.team, interval="month", billed_by="console", billing_id="sub_1")
    said = says(item("extra", id="si_9"), item(id="si_1"))
    ours = matched(subscription_of("console", "sub_1"), said, sold=sold_of(said), at=NOW)
    assert ours.named == {sub.items.get().pk: "si_1"}
    assert [one.id for one in ours.held.items] == ["si_1"]


def test_what_is_to_come_by_its_schedule() -> None:
    look(shop(), says(comes=(comes(20, item("pro", 2)), comes(30, item("extra", id="si_2")))))
    found = {(row.at, row.id): row for row in held().comes}
    keys = set(SubscriptionChange.objects.values_list("pk", flat=True))
    assert {row.key for row in found.values()} == keys
    change = found[day(20), "si_1"]
    assert change == HeldChange(change.key, day(20), "si_1", "pro", "month", 2)
    ends = found[day(30), "si_1"]
    assert (ends.plan, ends.interval, ends.quantity) == ("", "", 0)
    assert found[day(30), "si_2"].plan == "extra"


def test_a_trial_that_runs_and_one_that_became_no_sale() -> None:
    world = shop()
    look(world, says(state=TRIAL, trial_ends_at=day(5)))
    assert (held().trial_ends_at, held(day(6)).trial_ends_at) == (day(5), day(5))
    look(world, says(), at=day(7))
    assert held(day(7)).trial_ends_at is None


def test_a_trial_with_a_card_is_a_sale_by_itself() -> None:
    look(shop(), says(state=TRIAL, trial_ends_at=day(5), with_card=True))
    assert (held().with_card, held(day(6)).trial_ends_at) == (True, None)


def test_the_end_of_a_trial_that_is_still_to_be_told() -> None:
    policy()
    look(shop(), says(state=TRIAL, trial_ends_at=day(5)))
    extend(subscription=bought(), days=3, reason="Slow", by=actor("sales"), at=NOW)
    assert held().telling_trial_end == day(8)


def test_payments_pauses_and_leaving() -> None:
    look(shop(), says(item("pro")))
    Connection.objects.update(state="off")  # else they are changed there alone
    pause(subscription=bought(), until=day(3), by=SYSTEM, at=NOW)
    assert (held().paused, held().paused_until, held(day(3)).paused) == (True, day(3), False)
    fail_payment(subscription=bought(), by=SYSTEM, at=day(4))
    cancel(subscription=bought(), timing=Timing.ON_DATE, on=day(9), reason="Enough", by=SYSTEM, at=day(5))
    later = held(day(10))
    assert (later.grace_ends_at, later.leaves_at, later.ends_at) == (day(14), day(9), day(14))
    assert held(day(14)).leaves_at is None
