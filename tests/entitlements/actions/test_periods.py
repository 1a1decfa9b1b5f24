"""Recorded billing periods, and what they do to publications at renewal."""

from datetime import datetime

import pytest

from catalog.domain.rollouts import Audience
from entitlements.actions.items import change_quantity
from entitlements.actions.periods import record_period
from entitlements.models import BillingPeriod, EntitlementChange, Subscription
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.entitlements.world import AT, DAY, GB, account, answer, catalog, publish_plan, subscribed, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(db: None) -> Subscription:
    """Monthly since 20 February; from AT (2 March) on, 200 GB at renewal: on the 20th."""
    world = catalog()
    subscription = subscribed(account(zone="UTC"), world.team, at=AT - 10 * DAY)
    publish_plan(world.team, {world.storage: 200 * GB, world.seats: 10}, at=AT, audience=Audience.AT_RENEWAL)
    return subscription


def recorded(
    held: Subscription, start: datetime, *, days: int = 30, by: Actor = SYSTEM, at: datetime = AT
) -> BillingPeriod:
    return record_period(subscription=held, starts_at=start, ends_at=start + days * DAY, by=by, at=at)


def course(held: Subscription, *days: int) -> list[object]:
    return [value(held.account, "storage", AT + day * DAY) / GB for day in days]


def test_without_a_recorded_period_the_projected_one_moves(held: Subscription) -> None:
    assert course(held, 0, 17, 18) == [100, 100, 200]
    assert answer(held.account, "storage", AT).valid_until == AT + 18 * DAY


def test_the_recorded_start_moves_and_is_never_moved_itself(held: Subscription) -> None:
    recorded(held, AT + 10 * DAY)
    assert course(held, 9, 10, 18) == [100, 200, 200]
    recorded(held, AT + 40 * DAY)
    assert course(held, 9, 10) == [100, 200]


def test_a_period_before_the_publication_only_says_what_is_counted_from(held: Subscription) -> None:
    recorded(held, AT - 25 * DAY, days=28)
    assert course(held, 2, 3) == [100, 200]


def test_a_renewal_recorded_early_is_told_at_once(held: Subscription) -> None:
    recorded(held, AT + 2 * DAY, at=AT + 3 * DAY)
    change = EntitlementChange.objects.get(effective_at=AT + 3 * DAY, feature_key="storage")
    assert (change.before, change.after, change.cause) == ("100 GB", "200 GB", "The subscription renewed")
    assert value(held.account, "storage", AT + 2 * DAY) == 200 * GB  # was true, as known now
    assert value(held.account, "storage", AT + 2 * DAY, known_at=AT + 2 * DAY) == 100 * GB  # was answered then


def test_told_twice_it_is_recorded_once(held: Subscription) -> None:
    first = recorded(held, AT)
    assert recorded(held, AT) == first
    assert AuditEvent.objects.filter(verb="period:record").count() == 1


@pytest.mark.parametrize(("shift", "days"), [(0, 31), (5, 30), (-5, 30), (5, 10)])
def test_what_overlaps_a_recorded_period_is_refused(held: Subscription, shift: int, days: int) -> None:
    recorded(held, AT)
    with pytest.raises(Refusal, match="never moved"):
        recorded(held, AT + shift * DAY, days=days)


def test_periods_follow_each_other(held: Subscription) -> None:
    recorded(held, AT)
    assert recorded(held, AT + 30 * DAY)
    assert recorded(held, AT - 30 * DAY)


def test_a_period_lasts(held: Subscription) -> None:
    with pytest.raises(Invalid) as refused:
        recorded(held, AT, days=0)
    assert refused.value.field == "ends_at"


def test_support_may_not_record_periods(held: Subscription, support_agent: Actor) -> None:
    with pytest.raises(NotAllowed):
        recorded(held, AT, by=support_agent)


def test_another_quantity_after_the_renewal_leaves_the_version_as_it_is(held: Subscription) -> None:
    """The item that follows is no new sale: it has renewed with the one before."""
    change_quantity(item=held.items.get(), quantity=2, by=SYSTEM, at=AT + 20 * DAY)
    assert course(held, 17, 18, 20, 48) == [100, 200, 200, 200]


def test_what_begins_with_the_renewal_has_what_is_published_for_it(held: Subscription) -> None:
    item = held.items.get()
    item.starts_at = AT + 18 * DAY
    keep(item, deed=begin(by=SYSTEM, at=AT))
    assert course(held, 18) == [200]


def test_a_subscription_still_to_begin_renews_a_month_after_it_began() -> None:
    world = catalog()
    coming = subscribed(account(zone="UTC"), world.team, at=AT - DAY, starts_at=AT + 10 * DAY)
    publish_plan(world.team, {world.storage: 200 * GB, world.seats: 10}, at=AT, audience=Audience.AT_RENEWAL)
    assert course(coming, 10, 40, 41) == [100, 100, 200]
