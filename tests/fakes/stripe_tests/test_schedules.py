"""Schedules: phases that follow each other."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe.clock import DAY, after
from tests.fakes.stripe_tests.conftest import Shop


def _two_phases(shop: Shop, **more: Any) -> Any:
    month = {"interval": "month", "interval_count": 1}
    phases = [
        {"items": [{"price": shop.monthly}], "duration": month},
        {"items": [{"price": shop.dearer, "quantity": 2}], "duration": month},
    ]
    return shop.stripe.v1.subscription_schedules.create(
        {"customer": shop.customer, "start_date": "now", "phases": phases, **more}
    )


def test_a_schedule_begins_with_its_first_phase(shop: Shop) -> None:
    made = _two_phases(shop)
    subscription = shop.stripe.v1.subscriptions.retrieve(made.subscription)
    assert (made.status, subscription.status, subscription.schedule) == ("active", "active", made.id)
    assert made.current_phase.start_date == shop.fake.now
    assert made.phases[1].start_date == made.phases[0].end_date == after(shop.fake.now, "month", 1)


def test_the_next_phase_changes_price_and_quantity_with_the_renewal(shop: Shop) -> None:
    made = _two_phases(shop)
    shop.fake.advance(days=32)
    subscription = shop.stripe.v1.subscriptions.retrieve(made.subscription, {"expand": ["latest_invoice"]})
    (item,) = subscription["items"].data
    assert (item.price.id, item.quantity) == (shop.dearer, 2)
    assert [line.amount for line in subscription.latest_invoice.lines.data] == [6000]
    assert shop.stripe.v1.subscription_schedules.retrieve(made.id).current_phase.start_date == made.phases[1].start_date


@pytest.mark.parametrize(
    ("end", "status", "left"), [("release", "released", "active"), ("cancel", "completed", "canceled")]
)
def test_a_schedule_ends_as_it_says(shop: Shop, end: str, status: str, left: str) -> None:
    made = _two_phases(shop, end_behavior=end)
    shop.fake.advance(days=65)
    ended = shop.stripe.v1.subscription_schedules.retrieve(made.id)
    assert (ended.status, ended.current_phase) == (status, None)
    assert shop.stripe.v1.subscriptions.retrieve(made.subscription).status == left
    assert f"subscription_schedule.{status}" in shop.told()


def test_a_schedule_waits_for_its_day(shop: Shop) -> None:
    start = shop.fake.now + 10 * DAY
    made = _two_phases(shop, start_date=start)
    assert (made.status, made.subscription) == ("not_started", None)
    shop.fake.advance(days=10)
    begun = shop.stripe.v1.subscription_schedules.retrieve(made.id, {"expand": ["subscription"]})
    assert (begun.status, begun.subscription.start_date) == ("active", start)


def test_a_subscription_is_taken_over_and_changed_later(shop: Shop) -> None:
    made = shop.subscribed()
    schedule = shop.stripe.v1.subscription_schedules.create({"from_subscription": made.id})
    assert shop.now(made).schedule == schedule.id
    first = schedule.phases[0]
    kept = {
        "items": [{"price": shop.monthly, "quantity": 1}],
        "start_date": first.start_date,
        "end_date": first.end_date,
    }
    then = {"items": [{"price": shop.dearer, "quantity": 1}], "duration": {"interval": "month"}}
    shop.stripe.v1.subscription_schedules.update(schedule.id, {"phases": [kept, then], "end_behavior": "release"})
    assert shop.now(made)["items"].data[0].price.id == shop.monthly
    shop.fake.advance(days=32)
    assert shop.now(made)["items"].data[0].price.id == shop.dearer
    assert shop.now(made)["items"].data[0].id == made["items"].data[0].id


def test_a_released_subscription_goes_on_alone(shop: Shop) -> None:
    made = _two_phases(shop)
    released = shop.stripe.v1.subscription_schedules.release(made.id)
    assert (released.status, released.released_subscription, released.subscription) == (
        "released",
        made.subscription,
        None,
    )
    shop.fake.advance(days=32)
    subscription = shop.stripe.v1.subscriptions.retrieve(made.subscription)
    assert (subscription.schedule, subscription["items"].data[0].price.id) == (None, shop.monthly)


def test_a_cancelled_schedule_ends_its_subscription(shop: Shop) -> None:
    made = _two_phases(shop)
    assert shop.stripe.v1.subscription_schedules.cancel(made.id).status == "canceled"
    assert shop.stripe.v1.subscriptions.retrieve(made.subscription).status == "canceled"


def test_a_subscription_that_ends_takes_its_schedule_along(shop: Shop) -> None:
    made = _two_phases(shop)
    shop.stripe.v1.subscriptions.cancel(made.subscription)
    assert shop.stripe.v1.subscription_schedules.retrieve(made.id).status == "canceled"


def test_a_phase_may_be_a_trial(bare: Shop) -> None:
    end = bare.fake.now + 14 * DAY
    phases = [
        {"items": [{"price": bare.monthly}], "end_date": end, "trial": True},
        {"items": [{"price": bare.monthly}], "duration": {"interval": "month"}},
    ]
    made = bare.stripe.v1.subscription_schedules.create(
        {"customer": bare.customer, "start_date": "now", "phases": phases}
    )
    subscription = bare.stripe.v1.subscriptions.retrieve(made.subscription)
    assert (subscription.status, subscription.trial_end) == ("trialing", end)


def test_a_phase_within_a_period_is_prorated_as_it_says(shop: Shop) -> None:
    made = shop.subscribed()
    schedule = shop.stripe.v1.subscription_schedules.create({"from_subscription": made.id})
    half = shop.fake.now + int(15.5 * DAY)
    kept = {"items": [{"price": shop.monthly}], "start_date": schedule.phases[0].start_date, "end_date": half}
    then = {
        "items": [{"price": shop.dearer}],
        "duration": {"interval": "month"},
        "proration_behavior": "always_invoice",
    }
    shop.stripe.v1.subscription_schedules.update(schedule.id, {"phases": [kept, then]})
    shop.fake.advance(days=16)
    assert (shop.now(made).latest_invoice.total, shop.now(made).latest_invoice.billing_reason) == (
        1000,
        "subscription_update",
    )


@pytest.mark.parametrize("deed", ["release", "cancel", "update"])
def test_what_is_over_is_not_changed(shop: Shop, deed: str) -> None:
    made = _two_phases(shop)
    shop.stripe.v1.subscription_schedules.cancel(made.id)
    with pytest.raises(official.InvalidRequestError, match="schedule that is canceled"):
        getattr(shop.stripe.v1.subscription_schedules, deed)(made.id)


def test_phases_leave_no_gap(shop: Shop) -> None:
    schedule = shop.stripe.v1.subscription_schedules.create({"from_subscription": shop.subscribed().id})
    start, end = schedule.phases[0].start_date, schedule.phases[0].end_date
    items = [{"price": shop.monthly}]
    phases = [
        {"items": items, "start_date": start, "end_date": end},
        {"items": items, "start_date": end + DAY, "end_date": end + 9 * DAY},
    ]
    with pytest.raises(official.InvalidRequestError, match="without a gap"):
        shop.stripe.v1.subscription_schedules.update(schedule.id, {"phases": phases})


def test_a_subscription_has_one_schedule(shop: Shop) -> None:
    made = _two_phases(shop)
    with pytest.raises(official.InvalidRequestError, match="already attached"):
        shop.stripe.v1.subscription_schedules.create({"from_subscription": made.subscription})
    assert [one.id for one in shop.stripe.v1.subscription_schedules.list({"customer": shop.customer}).data] == [made.id]
