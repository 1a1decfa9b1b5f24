"""Subscriptions as they begin, end, rest and wake by request."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe.clock import DAY, after
from tests.fakes.stripe_tests.conftest import Shop


def test_it_begins_active_and_paid(shop: Shop) -> None:
    made = shop.subscribed(quantity=3, expand=["latest_invoice"])
    item = made["items"].data[0]
    assert (made.status, item.quantity, item.price.id) == ("active", 3, shop.monthly)
    assert (item.current_period_start, item.current_period_end) == (shop.fake.now, after(shop.fake.now, "month", 1))
    assert not hasattr(made, "current_period_end")
    invoice = made.latest_invoice
    assert (invoice.status, invoice.amount_paid, invoice.billing_reason) == ("paid", 3000, "subscription_create")
    assert invoice.parent.subscription_details.subscription == made.id


def test_what_is_told_of_a_beginning(shop: Shop) -> None:
    before = len(shop.fake.events)
    shop.subscribed()
    assert [event["type"] for event in shop.fake.events[before:]] == [
        "invoice.created", "invoice.finalized", "invoice_payment.paid", "invoice.paid", "invoice.payment_succeeded",
        "invoice.updated", "customer.subscription.created",
    ]  # fmt: skip


def test_without_a_card_it_is_refused_and_nothing_is_written(bare: Shop) -> None:
    with pytest.raises(official.InvalidRequestError, match="no attached payment source"):
        bare.subscribed()
    assert bare.fake.state.all("subscription") == []


def test_a_free_price_needs_no_card(bare: Shop) -> None:
    made = bare.subscribed(bare.price(0), expand=["latest_invoice"])
    assert (made.status, made.latest_invoice.status, made.latest_invoice.amount_due) == ("active", "paid", 0)


@pytest.mark.parametrize("card", ["pm_card_chargeCustomerFail", "pm_card_threeDSecure2Required"])
def test_a_first_payment_that_fails_leaves_it_incomplete(shop: Shop, card: str) -> None:
    shop.card(card)
    made = shop.subscribed(expand=["latest_invoice"])
    assert (made.status, made.latest_invoice.status, made.latest_invoice.attempt_count) == ("incomplete", "open", 1)
    assert made.latest_invoice.next_payment_attempt is None
    assert ("invoice.payment_action_required" in shop.told()) is (card == "pm_card_threeDSecure2Required")


def test_an_incomplete_one_lives_once_it_is_paid(shop: Shop) -> None:
    shop.card("pm_card_chargeCustomerFail")
    made = shop.subscribed()
    shop.card("pm_card_visa")
    shop.stripe.v1.invoices.pay(made.latest_invoice)
    assert shop.now(made).status == "active"
    (told,) = [one for one in shop.fake.events if one["type"] == "customer.subscription.updated"]
    assert told["data"]["previous_attributes"] == {"status": "incomplete"}


def test_an_incomplete_one_lapses_after_23_hours(shop: Shop) -> None:
    made = shop.subscribed(payment_behavior="default_incomplete")
    assert made.status == "incomplete"
    shop.fake.advance(hours=22.9)
    assert shop.now(made).status == "incomplete"
    shop.fake.advance(hours=0.2)
    lapsed = shop.now(made)
    assert (lapsed.status, lapsed.latest_invoice.status) == ("incomplete_expired", "void")


def test_error_if_incomplete_writes_nothing(shop: Shop) -> None:
    shop.card("pm_card_chargeCustomerFail")
    with pytest.raises(official.CardError, match="declined"):
        shop.subscribed(payment_behavior="error_if_incomplete")
    assert shop.fake.state.all("subscription") == []


def test_the_next_payment_fails_on_order(shop: Shop) -> None:
    shop.fake.fail_next_payment(shop.customer)
    made = shop.subscribed()
    assert made.status == "incomplete"
    shop.stripe.v1.invoices.pay(made.latest_invoice)
    assert shop.now(made).status == "active"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"items": [{"price": "price_none"}]}, "No such price"), ({"items": []}, "Missing required param: items"),
        ({"default_payment_method": "pm_none"}, "No such PaymentMethod"), ({"collection_method": "send_invoice"}, "days_until_due"),
        ({"trial_end": 5}, "in the future"), ({"trial_end": 9_999_999_999, "trial_period_days": 3}, "only specify one"),
        ({"cancel_at": 5}, "in the future"), ({"discounts": [{"coupon": "x"}]}, "does not simulate"),
    ],
)  # fmt: skip
def test_what_is_refused(shop: Shop, given: Any, message: str) -> None:
    asked = {"customer": shop.customer, "items": [{"price": shop.monthly}]} | given
    with pytest.raises(official.InvalidRequestError, match=message):
        shop.stripe.v1.subscriptions.create(asked)
    assert shop.fake.state.all("subscription") == []


def test_one_price_stands_once(shop: Shop) -> None:
    with pytest.raises(official.InvalidRequestError, match="same price"):
        shop.stripe.v1.subscriptions.create({"customer": shop.customer, "items": [{"price": shop.monthly}] * 2})


def test_all_prices_are_in_one_currency(shop: Shop) -> None:
    dollars = shop.price(100, currency="usd")
    with pytest.raises(official.InvalidRequestError, match="same `currency`"):
        shop.stripe.v1.subscriptions.create(
            {"customer": shop.customer, "items": [{"price": shop.monthly}, {"price": dollars}]}
        )


def test_a_one_time_price_is_no_subscription(shop: Shop) -> None:
    once = shop.stripe.v1.prices.create({"product": shop.product, "currency": "eur", "unit_amount": 5}).id
    with pytest.raises(official.InvalidRequestError, match="type=one_time"):
        shop.subscribed(once)


def test_cancelled_now(shop: Shop) -> None:
    made = shop.subscribed()
    gone = shop.stripe.v1.subscriptions.cancel(
        made.id, {"cancellation_details": {"comment": "Too dear", "feedback": "too_expensive"}}
    )
    assert (gone.status, gone.canceled_at, gone.ended_at) == ("canceled", shop.fake.now, shop.fake.now)
    assert (gone.cancellation_details.reason, gone.cancellation_details.feedback) == (
        "cancellation_requested",
        "too_expensive",
    )
    assert shop.told()[-1] == "customer.subscription.deleted"
    with pytest.raises(official.InvalidRequestError, match="No such subscription"):
        shop.stripe.v1.subscriptions.cancel(made.id)


def test_a_cancelled_one_takes_metadata_only(shop: Shop) -> None:
    made = shop.subscribed()
    shop.stripe.v1.subscriptions.cancel(made.id)
    assert shop.stripe.v1.subscriptions.update(made.id, {"metadata": {"a": "b"}}).metadata["a"] == "b"
    with pytest.raises(official.InvalidRequestError, match="can only update its cancellation_details and metadata"):
        shop.stripe.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})


def test_cancelled_with_the_period_and_kept_after_all(shop: Shop) -> None:
    made = shop.subscribed()
    end = made["items"].data[0].current_period_end
    ending = shop.stripe.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    assert (ending.status, ending.cancel_at, ending.canceled_at) == ("active", end, shop.fake.now)
    kept = shop.stripe.v1.subscriptions.update(made.id, {"cancel_at_period_end": False})
    assert (kept.cancel_at, kept.canceled_at, kept.cancellation_details.reason) == (None, None, None)
    shop.fake.advance(days=32)
    assert shop.now(made).status == "active"


@pytest.mark.parametrize("given", [{"cancel_at_period_end": True}, {"cancel_at": "min_period_end"}])
def test_at_the_periods_end_it_ends_without_another_invoice(shop: Shop, given: Any) -> None:
    made = shop.subscribed()
    shop.stripe.v1.subscriptions.update(made.id, given)
    shop.fake.advance(days=32)
    ended = shop.now(made)
    assert (ended.status, ended.ended_at) == ("canceled", made["items"].data[0].current_period_end)
    assert len(shop.stripe.v1.invoices.list({"subscription": made.id}).data) == 1


def test_cancelled_at_a_moment_of_choice(shop: Shop) -> None:
    moment = shop.fake.now + 45 * DAY
    made = shop.subscribed(cancel_at=moment)
    shop.fake.advance(days=44)
    assert shop.now(made).status == "active"
    shop.fake.advance(days=2)
    assert shop.now(made).ended_at == moment


def test_paused_and_resumed_by_request(shop: Shop) -> None:
    made = shop.subscribed()
    paused = shop.stripe.v1.subscriptions.pause(made.id)
    assert (paused.status, paused.status_details.paused.subscription.type) == ("paused", "pause_requested")
    assert "customer.subscription.paused" in shop.told()
    shop.fake.advance(days=40)
    assert len(shop.stripe.v1.invoices.list({"subscription": made.id}).data) == 1
    resumed = shop.stripe.v1.subscriptions.resume(made.id, {"billing_cycle_anchor": {"type": "now"}})
    assert (resumed.status, resumed.status_details) == ("active", None)
    assert resumed["items"].data[0].current_period_start == shop.fake.now
    assert "customer.subscription.resumed" in shop.told()


def test_a_pause_gives_back_what_is_unused(shop: Shop) -> None:
    made = shop.subscribed()
    shop.stripe.v1.subscriptions.pause(made.id)
    shop.stripe.v1.subscriptions.resume(made.id)
    invoice = shop.now(made).latest_invoice
    assert [line.amount for line in invoice.lines.data] == [-1000, 1000]


def test_a_pause_may_give_nothing_back(shop: Shop) -> None:
    made = shop.subscribed()
    shop.stripe.v1.subscriptions.pause(made.id, {"bill_for": {"unused_time_from": {"type": "none"}}})
    shop.stripe.v1.subscriptions.resume(made.id)
    assert [line.amount for line in shop.now(made).latest_invoice.lines.data] == [1000]


def test_resumed_on_payment_waits_for_it(shop: Shop) -> None:
    made = shop.subscribed()
    shop.stripe.v1.subscriptions.pause(made.id, {"bill_for": {"unused_time_from": {"type": "none"}}})
    shop.fake.fail_next_payment(shop.customer)
    resumed = shop.stripe.v1.subscriptions.resume(made.id, {"payment_behavior": "resume_on_payment_success"})
    assert resumed.status == "paused"
    shop.stripe.v1.invoices.pay(resumed.latest_invoice)
    assert shop.now(made).status == "active"


def test_only_a_paused_one_resumes(shop: Shop) -> None:
    made = shop.subscribed()
    with pytest.raises(official.InvalidRequestError, match="not paused"):
        shop.stripe.v1.subscriptions.resume(made.id)
    shop.stripe.v1.subscriptions.pause(made.id)
    with pytest.raises(official.InvalidRequestError, match="cannot be paused"):
        shop.stripe.v1.subscriptions.pause(made.id)


def test_lists_leave_the_cancelled_out(shop: Shop) -> None:
    live, gone = shop.subscribed(), shop.subscribed()
    shop.stripe.v1.subscriptions.cancel(gone.id)
    listed = shop.stripe.v1.subscriptions.list
    assert [one.id for one in listed().data] == [live.id]
    assert len(listed({"status": "all"}).data) == 2
    assert (
        [one.id for one in listed({"status": "canceled"}).data]
        == [one.id for one in listed({"status": "ended"}).data]
        == [gone.id]
    )
    assert listed({"customer": "cus_other"}).data == []
    assert len(listed({"price": shop.monthly}).data) == 1


def test_an_anchor_cuts_the_first_period_short(shop: Shop) -> None:
    anchor = shop.fake.now + 10 * DAY
    made = shop.subscribed(billing_cycle_anchor=anchor, expand=["latest_invoice"])
    assert made["items"].data[0].current_period_end == anchor
    assert 300 < made.latest_invoice.total < 400


def test_an_invoice_that_is_sent_waits_for_its_day(bare: Shop) -> None:
    made = bare.subscribed(collection_method="send_invoice", days_until_due=14)
    assert made.status == "active"
    bare.fake.advance(hours=1)
    invoice = bare.now(made).latest_invoice
    assert (invoice.status, invoice.due_date) == ("open", bare.fake.now + 14 * DAY)
    assert "invoice.sent" in bare.told()
    bare.fake.advance(days=14)
    assert bare.now(made).status == "past_due"
    bare.stripe.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})
    assert bare.now(made).status == "active"
