"""Starting, changing, pausing and ending what an account buys."""

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.domain.rollouts import Audience
from catalog.domain.values import AddOnEffect
from entitlements.actions.plan_changes import change_plan
from entitlements.actions.sales import NotOnSale
from entitlements.actions.subscriptions import (
    SubscriptionOver,
    add_item,
    end,
    start,
)
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
    item = change_plan(subscription=held, plan=world.team, by=sales, at=AT + DAY).item
    assert item is not None
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
