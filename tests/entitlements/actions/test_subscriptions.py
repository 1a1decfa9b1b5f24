"""Starting, changing, pausing and ending what an account buys."""

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.domain.rollouts import Audience
from catalog.domain.values import AddOnEffect
from entitlements.actions.phases import begin_phase, restore, resume
from entitlements.actions.subscriptions import (
    NotOnSale,
    SubscriptionOver,
    add_item,
    change_plan,
    end,
    start,
)
from entitlements.domain.facts import Phase
from entitlements.models import SubscriptionItem
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, Refusal
from tests.catalog.factories import PlanFactory
from tests.entitlements.world import (
    AT,
    DAY,
    GB,
    account,
    add_on,
    answer,
    catalog,
    publish_plan,
    subscribed,
    value,
)

pytestmark = pytest.mark.django_db


def test_a_new_item_pins_the_version_on_sale_and_keeps_it(sales: Actor) -> None:
    world = catalog()
    old, new = account("old"), account("new")
    subscribed(old, world.team, at=AT - 5 * DAY)
    publish_plan(world.team, {world.storage: 200 * GB}, at=AT - DAY, audience=Audience.NEW_CUSTOMERS)
    start(account=new, plan=world.team, by=sales, at=AT)
    assert value(old, "storage", AT) == 100 * GB
    assert value(new, "storage", AT) == 200 * GB


def test_a_version_for_everybody_now_reaches_those_who_have_the_plan() -> None:
    world = catalog()
    acme = account()
    subscribed(acme, world.team)
    publish_plan(world.team, {world.storage: 200 * GB}, at=AT, audience=Audience.NOW)
    assert value(acme, "storage", AT - timedelta.resolution) == 100 * GB
    assert value(acme, "storage", AT) == 200 * GB


def test_an_add_on_adds_and_a_replacing_one_stands_for_the_plan(sales: Actor) -> None:
    world = catalog()
    acme = account()
    held = subscribed(acme, world.team)
    add_item(subscription=held, plan=add_on("more", {world.storage: 50 * GB}), quantity=2, by=sales, at=AT)
    assert value(acme, "storage", AT) == 150 * GB  # flat: the quantity doesn't scale this term
    bigger = add_on("bigger", {world.storage: 500 * GB}, effect=AddOnEffect.REPLACES)
    add_item(subscription=held, plan=bigger, by=sales, at=AT + DAY)
    assert value(acme, "storage", AT + DAY) == 550 * GB


def test_a_changed_plan_is_another_from_that_instant(sales: Actor) -> None:
    world = catalog()
    acme = account()
    held = subscribed(acme, world.free)
    change_plan(subscription=held, plan=world.team, by=sales, at=AT)
    assert value(acme, "seats", AT - timedelta.resolution) == Decimal(2)
    assert value(acme, "seats", AT) == Decimal(10)
    assert SubscriptionItem.objects.filter(ends_at=AT).count() == 1


def test_ended_it_gives_nothing_from_that_instant(sales: Actor) -> None:
    world = catalog()
    acme = account()
    held = subscribed(acme, world.team)
    end(subscription=held, ends_at=AT + DAY, reason="Moved away", by=sales, at=AT)
    assert value(acme, "storage", AT + DAY - timedelta.resolution) == 100 * GB
    assert not answer(acme, "storage", AT + DAY).granted


def test_what_has_ended_cant_be_changed(sales: Actor) -> None:
    world = catalog()
    held = subscribed(account(), world.team)
    end(subscription=held, ends_at=AT, reason="Moved away", by=sales, at=AT)
    with pytest.raises(SubscriptionOver):
        change_plan(subscription=held, plan=world.free, by=sales, at=AT + DAY)


def test_it_doesnt_end_in_the_past(sales: Actor) -> None:
    held = subscribed(account(), catalog().team)
    with pytest.raises(Refusal, match="past"):
        end(subscription=held, ends_at=AT - DAY, reason="Moved away", by=sales, at=AT)


def test_paused_it_gives_only_what_was_written_for_a_pause(sales: Actor) -> None:
    acme = account()
    held = subscribed(acme, catalog().team)
    begin_phase(subscription=held, phase=Phase.PAUSED, ends_at=AT + DAY, by=sales, at=AT)
    assert not answer(acme, "storage", AT).granted
    assert value(acme, "storage", AT + DAY) == 100 * GB


def test_in_grace_all_goes_on_and_unpaid_at_its_end_nothing_does(sales: Actor) -> None:
    acme = account()
    held = subscribed(acme, catalog().team)
    begin_phase(subscription=held, phase=Phase.GRACE, ends_at=AT + 5 * DAY, by=sales, at=AT)
    assert value(acme, "storage", AT + 5 * DAY - timedelta.resolution) == 100 * GB
    assert not answer(acme, "storage", AT + 5 * DAY).granted
    assert answer(acme, "storage", AT).valid_until == AT + 5 * DAY


def test_paid_within_grace_nothing_is_lost(sales: Actor) -> None:
    acme = account()
    held = subscribed(acme, catalog().team)
    begin_phase(subscription=held, phase=Phase.GRACE, ends_at=AT + 5 * DAY, by=sales, at=AT)
    restore(subscription=held, by=sales, at=AT + 2 * DAY)
    assert value(acme, "storage", AT + 50 * DAY) == 100 * GB


def test_paid_too_late_it_is_open_again_from_the_payment_on(sales: Actor) -> None:
    acme = account()
    held = subscribed(acme, catalog().team)
    begin_phase(subscription=held, phase=Phase.GRACE, ends_at=AT + 5 * DAY, by=sales, at=AT)
    restore(subscription=held, by=sales, at=AT + 9 * DAY)
    assert not answer(acme, "storage", AT + 9 * DAY - timedelta.resolution).granted
    assert value(acme, "storage", AT + 9 * DAY) == 100 * GB


def test_a_second_grace_is_another(sales: Actor) -> None:
    acme = account()
    held = subscribed(acme, catalog().team)
    begin_phase(subscription=held, phase=Phase.GRACE, ends_at=AT + 5 * DAY, by=sales, at=AT)
    restore(subscription=held, by=sales, at=AT + 9 * DAY)
    begin_phase(subscription=held, phase=Phase.GRACE, ends_at=AT + 25 * DAY, by=sales, at=AT + 20 * DAY)
    assert value(acme, "storage", AT + 24 * DAY) == 100 * GB
    assert not answer(acme, "storage", AT + 25 * DAY).granted
    assert not answer(acme, "storage", AT + 8 * DAY).granted


def test_a_second_grace_waits_for_the_payment_of_the_first(sales: Actor) -> None:
    held = subscribed(account(), catalog().team)
    begin_phase(subscription=held, phase=Phase.GRACE, ends_at=AT + 5 * DAY, by=sales, at=AT)
    with pytest.raises(Refusal, match="already"):
        begin_phase(subscription=held, phase=Phase.GRACE, ends_at=AT + 25 * DAY, by=sales, at=AT + 20 * DAY)


def test_at_the_end_of_winding_down_it_is_over(sales: Actor) -> None:
    acme = account()
    held = subscribed(acme, catalog().team)
    begin_phase(subscription=held, phase=Phase.WINDING_DOWN, ends_at=AT + 5 * DAY, by=sales, at=AT)
    assert value(acme, "storage", AT + 5 * DAY - timedelta.resolution) == 100 * GB
    assert not answer(acme, "storage", AT + 5 * DAY).granted


def test_a_pause_without_an_end_is_lifted_by_resuming(sales: Actor) -> None:
    acme = account()
    held = subscribed(acme, catalog().team)
    begin_phase(subscription=held, phase=Phase.PAUSED, ends_at=None, by=sales, at=AT)
    assert not answer(acme, "storage", AT + 50 * DAY).granted
    resume(subscription=held, by=sales, at=AT + DAY)
    assert value(acme, "storage", AT + DAY) == 100 * GB


def test_what_is_sold_after_a_lapsed_trial_is_given(sales: Actor) -> None:
    world = catalog()
    acme = account()
    held = subscribed(acme, world.team, trial_days=5)
    add_item(subscription=held, plan=add_on("more", {world.storage: 50 * GB}), by=sales, at=AT)
    assert value(acme, "storage", AT) == 51 * GB
    change_plan(subscription=held, plan=world.team, by=sales, at=AT + DAY)
    assert value(acme, "storage", AT + DAY) == 150 * GB
    assert value(acme, "seats", AT + DAY) == Decimal(10)


def test_a_changed_plan_keeps_quantity_and_interval(sales: Actor) -> None:
    world = catalog()
    held = start(account=account(), plan=world.free, quantity=10, interval="year", by=sales, at=AT)
    item = change_plan(subscription=held, plan=world.team, by=sales, at=AT + DAY)
    assert (item.quantity, item.interval) == (10, "year")


def test_changed_before_it_begins_only_the_new_plan_begins(sales: Actor) -> None:
    world = catalog()
    acme = account()
    held = start(account=acme, plan=world.team, starts_at=AT + 5 * DAY, by=sales, at=AT)
    change_plan(subscription=held, plan=world.free, by=sales, at=AT + DAY)
    assert value(acme, "storage", AT + 5 * DAY) == 1 * GB
    assert not answer(acme, "storage", AT + 2 * DAY).granted


def test_it_doesnt_start_in_the_past(sales: Actor) -> None:
    with pytest.raises(Refusal) as refused:
        start(account=account(), plan=catalog().team, starts_at=AT - DAY, by=sales, at=AT)
    assert refused.value.field == "starts_at"


def test_without_grace_there_is_nothing_to_restore(sales: Actor) -> None:
    with pytest.raises(Refusal, match="not in grace"):
        restore(subscription=subscribed(account(), catalog().team), by=sales, at=AT)


def test_grace_needs_an_end(sales: Actor) -> None:
    with pytest.raises(Refusal) as refused:
        begin_phase(
            subscription=subscribed(account(), catalog().team), phase=Phase.GRACE, ends_at=None, by=sales, at=AT
        )
    assert refused.value.field == "ends_at"


def test_a_trial_doesnt_begin_by_a_phase(sales: Actor) -> None:
    held = subscribed(account(), catalog().team)
    with pytest.raises(Refusal):
        begin_phase(subscription=held, phase=Phase.TRIAL, ends_at=AT + DAY, by=sales, at=AT)


def test_a_plan_without_a_published_version_isnt_on_sale(sales: Actor) -> None:
    with pytest.raises(NotOnSale):
        start(account=account(), plan=PlanFactory(), by=sales, at=AT)


def test_a_subscription_starts_with_a_plan(sales: Actor) -> None:
    world = catalog()
    with pytest.raises(Refusal) as refused:
        start(account=account(), plan=add_on("more", {world.storage: GB}), by=sales, at=AT)
    assert refused.value.field == "plan"


def test_support_may_not_sell(support_agent: Actor) -> None:
    with pytest.raises(NotAllowed):
        start(account=account(), plan=catalog().team, by=support_agent, at=AT)


def test_two_subscriptions_combine_by_the_most_generous() -> None:
    world = catalog()
    acme = account()
    subscribed(acme, world.free)
    subscribed(acme, world.team)
    assert value(acme, "seats", AT) == Decimal(10)
    assert [held.number for held in acme.subscriptions.all()] == [1, 2]
