"""Where two decisions about one subscription meet: its trial, its renewal, its end, a cancellation, a change to come."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from entitlements.actions.items import change_quantity, end_item
from entitlements.actions.lifecycle import cancel, keep_going, pause
from entitlements.actions.periods import record_period
from entitlements.actions.plan_changes import ChangeToCome, change_plan, reschedule
from entitlements.actions.redemptions import redeem
from entitlements.actions.subscriptions import add_item, end, start
from entitlements.actions.trials import convert, extend
from entitlements.domain.timing import Timing
from entitlements.models import Subscription, SubscriptionChange, SubscriptionItem
from entitlements.queries.life.subscriptions import subscriptions_of
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, Refusal
from journal.models import Approval
from tests.catalog.factories import PlanFactory
from tests.entitlements.shop import code, shop
from tests.entitlements.world import (
    AT,
    DAY,
    GB,
    Catalog,
    account,
    add_on,
    catalog,
    policy,
    publish_plan,
    subscribed,
    value,
)

pytestmark = pytest.mark.django_db
TRIAL_END = AT + 4 * DAY
RENEWAL = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)  # monthly since 20 February, 10:00 in Amsterdam
LATER = RENEWAL + 8 * DAY


@pytest.fixture
def world(db: None) -> Catalog:
    policy()
    return catalog()


@pytest.fixture
def held(world: Catalog) -> Subscription:
    return subscribed(account(), world.team)


@pytest.fixture
def tried(world: Catalog) -> Subscription:
    """Ten days into a trial of Team that lasts 14 days."""
    return subscribed(account(), world.team, trial_days=14)


def storage(held: Subscription, *instants: datetime) -> list[int | None]:
    found = (value(held.account, "storage", at) for at in instants)
    return [None if amount is None else int(amount / GB) for amount in found]  # type: ignore[operator]


def planned(held: Subscription, plan: Any, on: datetime, **more: Any) -> SubscriptionChange:
    return change_plan(subscription=held, plan=plan, timing=Timing.ON_DATE, on=on, **{"by": SYSTEM, "at": AT} | more)


def leaves(held: Subscription, timing: Timing = Timing.AT_RENEWAL, **more: Any) -> SubscriptionChange:
    return cancel(subscription=held, timing=timing, **{"reason": "Too dear", "by": SYSTEM, "at": AT} | more)


def renewed(held: Subscription, starts_at: datetime = LATER) -> None:
    record_period(subscription=held, starts_at=starts_at, ends_at=starts_at + 30 * DAY, by=SYSTEM, at=AT + DAY)


def more_of_it(held: Subscription, world: Catalog, **more: Any) -> SubscriptionItem:
    plan = add_on("more", {world.storage: 50 * GB})
    return add_item(subscription=held, plan=plan, quantity=5, by=SYSTEM, at=AT, **more)


def test_a_trial_with_a_card_is_left_at_its_end_too_and_never_becomes_a_sale(world: Catalog) -> None:
    held = subscribed(account(), world.team, trial_days=14, with_card=True)
    assert leaves(held).effective_at == TRIAL_END
    assert storage(held, TRIAL_END - AT.resolution, TRIAL_END) == [100, None]


def test_with_a_card_too_the_trial_goes_on_with_the_new_plan(world: Catalog) -> None:
    held = subscribed(account(), world.free, trial_days=14, with_card=True)
    change = change_plan(subscription=held, plan=world.team, by=SYSTEM, at=AT)
    assert change.words == "Free → Team, still in trial"


def test_a_trial_isnt_extended_over_what_is_sold_for_after_it(
    world: Catalog, tried: Subscription, sales: Actor
) -> None:
    planned(tried, world.team, AT + 6 * DAY, quantity=3)
    with pytest.raises(Refusal, match="Team is sold from 8 March 2026 10:00"):
        extend(subscription=tried, days=7, reason="Ill", by=sales, at=AT)
    extend(subscription=tried, days=2, reason="Ill", by=sales, at=AT)
    assert storage(tried, AT + 6 * DAY, AT + 300 * DAY) == [100, 100]


def test_nor_when_it_was_sold_while_the_extension_waited(
    world: Catalog, tried: Subscription, sales: Actor, finance: Actor
) -> None:
    asked = extend(subscription=tried, days=21, reason="Ill", by=sales, at=AT)
    assert isinstance(asked, Approval)
    planned(tried, world.team, AT + 6 * DAY, quantity=3)
    with pytest.raises(Refusal, match="Team is sold from 8 March 2026 10:00"):
        approvals.approve(approval=asked, by=finance, at=AT + DAY)
    assert storage(tried, AT + 300 * DAY) == [100]


def test_a_trial_whose_subscription_ends_sooner_doesnt_come_back_by_an_extension(
    tried: Subscription, sales: Actor
) -> None:
    end(subscription=tried, ends_at=AT + DAY, reason="Misused", by=SYSTEM, at=AT)
    with pytest.raises(Refusal, match=r"ends on 3 March 2026 10:00 .*, before its trial would"):
        extend(subscription=tried, days=3, reason="Ill", by=sales, at=AT)
    assert storage(tried, AT + DAY) == [None]


@pytest.mark.parametrize(("days", "to"), [(2, 6), (6, 2)])
def test_what_is_tried_doesnt_become_a_sale_by_being_moved_nor_the_other_way_round(
    world: Catalog, tried: Subscription, days: int, to: int
) -> None:
    change = planned(tried, world.free, AT + days * DAY)
    with pytest.raises(Invalid, match="The trial ends between the two days"):
        reschedule(change=change, effective_at=AT + to * DAY, by=SYSTEM, at=AT)


def test_what_is_sold_from_the_renewal_on_isnt_tried_because_the_renewal_comes_sooner(
    world: Catalog, tried: Subscription
) -> None:
    change_plan(subscription=tried, plan=world.team, quantity=2, timing=Timing.AT_RENEWAL, by=SYSTEM, at=AT)
    renewed(tried, AT + 2 * DAY)
    assert storage(tried, TRIAL_END, RENEWAL, AT + 300 * DAY) == [1, 100, 100]


@pytest.mark.parametrize(
    "plan_it",
    [
        lambda item: change_quantity(item=item, quantity=2, timing=Timing.AT_RENEWAL, by=SYSTEM, at=AT),
        lambda item: end_item(item=item, timing=Timing.AT_RENEWAL, reason="Too dear", by=SYSTEM, at=AT),
    ],
)
def test_a_renewal_that_comes_too_late_prolongs_no_item(
    world: Catalog, held: Subscription, plan_it: Callable[[SubscriptionItem], object]
) -> None:
    plan_it(more_of_it(held, world, ends_at=RENEWAL + 5 * DAY))
    renewed(held)
    assert SubscriptionChange.objects.latest("pk").effective_at == RENEWAL
    assert storage(held, RENEWAL - AT.resolution, RENEWAL + 5 * DAY) == [150, 100]


def test_nor_a_subscription_that_ends_by_itself(held: Subscription) -> None:
    end(subscription=held, ends_at=RENEWAL + 5 * DAY, reason="Fixed term", by=SYSTEM, at=AT)
    leaves(held)
    renewed(held)
    assert storage(held, RENEWAL + 5 * DAY) == [None]


def test_nor_one_that_was_ended_before_it_leaves(held: Subscription) -> None:
    change = leaves(held)
    end(subscription=held, ends_at=AT + 3 * DAY, reason="Misused", by=SYSTEM, at=AT)
    renewed(held)
    with pytest.raises(Invalid, match="ends before it is cancelled"):
        reschedule(change=change, effective_at=LATER, by=SYSTEM, at=AT + DAY)
    assert storage(held, AT + 3 * DAY) == [None]


def test_a_change_isnt_moved_before_what_it_changes_begins(world: Catalog, held: Subscription) -> None:
    item = more_of_it(held, world, starts_at=AT + 5 * DAY)
    change_quantity(item=item, quantity=2, timing=Timing.ON_DATE, on=AT + 9 * DAY, by=SYSTEM, at=AT)
    change = SubscriptionChange.objects.get(sort="quantity")
    with pytest.raises(Invalid, match="has not begun by then"):
        reschedule(change=change, effective_at=AT + 5 * DAY, by=SYSTEM, at=AT)


def test_who_is_paused_and_past_the_former_end_doesnt_stay_after_all(held: Subscription) -> None:
    end(subscription=held, ends_at=AT + 10 * DAY, reason="Fixed term", by=SYSTEM, at=AT)
    pause(subscription=held, by=SYSTEM, at=AT)
    leaves(held, Timing.ON_DATE, on=AT + 5 * DAY, keep_days=30)
    with pytest.raises(Refusal, match="would have ended by itself by now"):
        keep_going(subscription=held, by=SYSTEM, at=AT + 20 * DAY)


def test_nothing_that_was_agreed_begins_in_the_days_after_leaving(world: Catalog) -> None:
    held = subscribed(account(), world.free)
    planned(held, world.team, AT + 10 * DAY)
    with pytest.raises(ChangeToCome, match="Free → Team would begin while access only goes on"):
        leaves(held, Timing.ON_DATE, on=AT + 5 * DAY, keep_days=30)
    leaves(held, Timing.ON_DATE, on=AT + 5 * DAY, keep_days=5)
    assert storage(held, AT + 9 * DAY, AT + 10 * DAY) == [1, None]


def test_nor_once_the_leaving_is_moved(world: Catalog) -> None:
    held = subscribed(account(), world.free)
    planned(held, world.team, AT + 10 * DAY)
    leaving = leaves(held, Timing.ON_DATE, on=AT + 20 * DAY, keep_days=5)
    with pytest.raises(ChangeToCome, match="Free → Team would begin while access only goes on"):
        reschedule(change=leaving, effective_at=AT + 8 * DAY, by=SYSTEM, at=AT)
    assert storage(held, AT + 11 * DAY, AT + 24 * DAY, AT + 25 * DAY) == [100, 100, None]


def test_and_nothing_is_sold_for_them(world: Catalog) -> None:
    held = subscribed(account(), world.free)
    leaves(held, Timing.ON_DATE, on=AT + 5 * DAY, keep_days=30)
    with pytest.raises(Refusal, match="is cancelled by then"):
        planned(held, world.team, AT + 10 * DAY)
    planned(held, world.team, AT + 2 * DAY)
    assert storage(held, AT + 2 * DAY) == [100]


def test_a_trial_of_no_days_is_no_trial(world: Catalog) -> None:
    with pytest.raises(Refusal, match="at least a day") as refused:
        start(account=account(), plan=world.team, trial_days=0, by=SYSTEM, at=AT)
    assert refused.value.field == "trial_days"


def test_who_leaves_before_it_begins_gets_no_days_of_access(world: Catalog) -> None:
    plan = PlanFactory(key="pro", name="Pro")
    publish_plan(plan, {world.storage: 10 * GB}, wind_down_days=30)
    held = subscribed(account(), plan, at=AT, starts_at=AT + 5 * DAY)
    leaves(held, Timing.NOW)
    assert storage(held, AT + 6 * DAY) == [None]


def test_another_plan_takes_the_place_of_one_that_is_tried_with_a_code() -> None:
    sold, acme = shop(), account()
    code(plan=sold.catalog.team)
    redeem(account=acme, code="SPRING-26", by=SYSTEM, at=AT)
    held = acme.subscriptions.get()
    change = change_plan(subscription=held, plan=sold.catalog.free, by=SYSTEM, at=AT + DAY)
    assert change.words == "Team → Free, still in trial"
    convert(subscription=held, by=SYSTEM, at=AT + 2 * DAY)
    assert storage(held, AT + 300 * DAY) == [1]


def test_days_of_access_after_leaving_are_no_renewal(held: Subscription) -> None:
    leaves(held, Timing.ON_DATE, on=AT + 5 * DAY, keep_days=60)
    (seen,) = subscriptions_of(account=held.account, at=AT)
    assert seen.renews_at is None
