"""What Stripe tells is looked at as it stands there now, and what is held agrees: each family of types once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from entitlements.actions.billed.following import follow
from entitlements.actions.billed.tickets import take_ticket
from entitlements.integrations.stripe.arrivals import (
    CHECKOUTS,
    CUSTOMERS,
    FEATURES,
    INVOICES,
    SCHEDULES,
    SUBSCRIPTION,
    TYPES,
)
from entitlements.integrations.stripe.following import fetched
from entitlements.models import Account, BilledSubscription, BillingFinding, Subscription
from journal.actions.connections import as_actor, renew_secret, turn_off
from journal.domain.actor import SYSTEM
from journal.models import ConnectionHealth
from tests.entitlements.integrations.stripe.conftest import SECRET, only_account, only_subscription
from tests.entitlements.world import AT, DAY, account, value

pytestmark = pytest.mark.django_db


def seats(at=AT):
    return value(only_account(), "seats", at)


def test_who_buys_has_it_within_the_same_minute(shop):
    bought = shop.buy(shop.customer())
    shop.deliver()
    assert only_subscription().billing_id == bought.id
    assert seats() == Decimal(10)
    assert {row.state for row in shop.arrivals()} <= {"done", "set_aside"}


def test_every_message_twice_and_backwards_ends_in_the_same(shop):
    bought = shop.buy(shop.customer())
    shop.stripe.v1.subscriptions.cancel(bought.id)
    told = shop.told()
    for event in [*reversed(told), *told]:
        assert shop.post(event) == 200
    shop.take()
    assert len(shop.arrivals()) == len(told)
    assert not Subscription.objects.filter(ends_at=None).exists()


def test_a_quantity_and_a_cancellation_follow(shop):
    bought = shop.buy(shop.customer(), quantity=2)
    shop.deliver()
    shop.stripe.v1.subscriptions.update(bought.id, {"items": [{"id": bought["items"].data[0].id, "quantity": 5}]})
    shop.deliver()
    assert only_subscription().items.order_by("-pk").first().quantity == 5
    shop.stripe.v1.subscriptions.cancel(bought.id)
    shop.deliver()
    assert only_subscription().ends_at == AT


def test_a_checkout_that_names_the_account_opens_no_other(shop):
    acme = account("acme")
    session = shop.stripe.v1.checkout.sessions.create({
        "mode": "subscription", "line_items": [{"price": shop.monthly, "quantity": 1}], "client_reference_id": acme.key,
        "success_url": "http://127.0.0.1/done",
    })  # fmt: skip
    shop.fake.pay(session, email="somebody@else.example")
    shop.deliver()
    assert Account.objects.count() == 1
    assert only_subscription().account == acme


def test_a_payment_that_fails_and_comes_after_all(shop, clock):
    customer = shop.customer()
    shop.buy(customer)
    shop.deliver()
    shop.fake.fail_next_payment(customer)
    shop.fake.advance(days=32)
    clock.shift(32 * DAY)
    shop.deliver()
    assert BilledSubscription.objects.get().state == "past_due"
    shop.fake.advance(days=4)
    clock.shift(4 * DAY)
    shop.deliver()
    assert BilledSubscription.objects.get().state == "active"


def test_a_customer_who_is_removed_has_nothing_any_more(shop):
    customer = shop.customer()
    shop.buy(customer)
    shop.deliver()
    shop.stripe.v1.customers.delete(customer)
    shop.deliver()
    assert only_subscription().ends_at == AT
    assert shop.arrivals(type="customer.deleted")[0].state == "done"


def test_a_schedule_says_what_is_to_come(shop):
    bought = shop.buy(shop.customer())
    shop.deliver()
    schedules = shop.stripe.v1.subscription_schedules
    schedule = schedules.create({"from_subscription": bought.id})
    first = {"items": [{"price": shop.monthly}], "start_date": schedule.phases[0].start_date}
    yearly = {"items": [{"price": shop.yearly}], "duration": {"interval": "year", "interval_count": 1}}
    schedules.update(schedule.id, {"phases": [first | {"end_date": schedule.phases[0].end_date}, yearly]})
    shop.deliver()
    planned = only_subscription().changes.get(cancelled_at=None, billing_id__gt="")
    assert planned.effective_at.timestamp() == schedule.phases[0].end_date


def test_a_price_that_nobody_linked_is_said_and_gives_nothing(shop):
    price = shop.unlinked(700)
    shop.buy(shop.customer(), price=price)
    shop.deliver()
    assert BillingFinding.objects.get().about == price


def test_what_nobody_handles_is_set_aside_and_listed(shop):
    shop.stripe.v1.products.update(shop.product, {"name": "Teams"})
    shop.deliver()
    (row,) = shop.arrivals()
    assert (row.type, row.state) == ("product.updated", "set_aside")


def test_an_invoice_without_a_subscription_is_about_nothing(shop):
    event = {
        "id": "evt_1", "object": "event", "type": "invoice.paid", "created": int(AT.timestamp()), "livemode": False,
        "data": {"object": {"object": "invoice", "id": "in_1", "customer": "cus_1", "parent": None}},
    }  # fmt: skip
    assert shop.post(event) == 200
    shop.take()
    assert (shop.arrivals()[0].state, shop.arrivals()[0].outcome) == ("done", "It is about no subscription, so nothing is owed by it.")  # fmt: skip


def test_what_stripe_has_no_longer_is_done(shop):
    about = {"object": "subscription", "id": "sub_gone", "customer": "cus_gone"}
    event = {
        "id": "evt_1", "object": "event", "type": SUBSCRIPTION + "updated", "created": int(AT.timestamp()),
        "livemode": False, "data": {"object": about},
    }  # fmt: skip
    shop.post(event)
    shop.take()
    assert shop.arrivals()[0].state == "done"
    assert "no longer" in shop.arrivals()[0].outcome


def test_thin_events_are_asked_about(shop):
    shop.buy(shop.customer())
    shop.told()
    thin = [shop.fake.state.get("v2.core.event", key) for event in shop.fake.events for key in event["_thin"]]
    for event in thin:
        assert shop.post(event) == 200
    shop.take()
    assert seats() == Decimal(10)
    taken = {row.type for row in shop.arrivals(state="done")}
    assert {"v1.customer.subscription.created", "v1.invoice.paid"} <= taken


@pytest.mark.parametrize("kind", ["429", "503", "timeout"])
def test_an_outage_loses_nothing_and_costs_no_try(shop, clock, kind):
    shop.buy(shop.customer())
    shop.fake.inject(kind, next=3, path="/v1/subscriptions/", seconds=0.0)
    shop.deliver()
    waiting = shop.arrivals(state="waiting")
    assert waiting
    assert {row.attempts for row in waiting} == {0}
    assert ConnectionHealth.objects.get().failing_since == AT
    shop.fake.heal()
    clock.move_to(AT + timedelta(minutes=5))
    shop.take()
    assert not shop.arrivals(state="waiting")
    assert seats(AT + timedelta(minutes=5)) == Decimal(10)


def test_more_items_than_stripe_shows_at_once_are_all_had(shop):
    extra = [shop.unlinked(amount) for amount in range(1, 12)]
    items = [{"price": shop.monthly}, *({"price": one} for one in extra)]
    shop.stripe.v1.subscriptions.create({"customer": shop.customer(), "items": items})
    shop.deliver()
    assert {row.about for row in BillingFinding.objects.all()} == set(extra)


def test_while_a_secret_is_rolled_nothing_is_refused(shop):
    shop.buy(shop.customer())
    first, *rest = shop.told()
    renew_secret(connection=shop.connection, purpose="signing", secret="whsec_two", by=SYSTEM, at=AT)
    assert shop.post(first) == 200
    assert shop.post(rest[0], secrets=("whsec_two",)) == 200
    assert shop.post(rest[1], secrets=("whsec_two", SECRET)) == 200
    assert shop.post(rest[1], secrets=("whsec_three",)) == 400


def test_the_other_mode_another_account_and_another_time_are_refused(shop):
    shop.buy(shop.customer())
    event = shop.told()[0]
    assert shop.post(event | {"livemode": True}) == 400
    assert shop.post(event | {"account": "acct_other"}) == 400
    assert shop.post(event, at=AT - timedelta(minutes=6)) == 400
    assert shop.post(event, at=AT + timedelta(minutes=6)) == 400
    assert shop.arrivals() == []
    turn_off(connection=shop.connection, reason="Moved", by=SYSTEM, at=AT)
    assert shop.post(event) == 404


def test_an_older_look_that_comes_late_changes_nothing(shop):
    bought = shop.buy(shop.customer())
    told = {"connection": shop.connection, "billing_id": bought.id, "customer": bought.customer, "at": AT}
    early = take_ticket(**told)
    slow = fetched(shop.connection, bought.id, at=AT)
    shop.stripe.v1.subscriptions.cancel(bought.id)
    shop.deliver()
    came = follow(
        connection=shop.connection, billed=slow[0], customer=slow[1], ticket=early, by=as_actor(shop.connection),
        at=AT + DAY,
    )  # fmt: skip
    assert not came.applied
    assert not Subscription.objects.filter(ends_at=None).exists()


def test_each_family_has_an_arm():
    """What is registered and has no arm would be tried nine times for nothing."""
    families = {SUBSCRIPTION.removesuffix("."), "invoice", "checkout.session", "subscription_schedule", "customer"}
    families.add(FEATURES.rpartition(".")[0])
    assert {one.removeprefix("v1.").rpartition(".")[0] for one in TYPES} == families
    assert all(len(some) == len(set(some)) for some in (INVOICES, CHECKOUTS, SCHEDULES, CUSTOMERS, TYPES))
