"""Checkout sessions: opened, paid, refused, expired."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe.clock import DAY
from tests.fakes.stripe.errors import Refused
from tests.fakes.stripe_tests.conftest import Shop, on_a_clock

DONE = "http://127.0.0.1:1/done?session={CHECKOUT_SESSION_ID}"


def _opened(shop: Shop, **more: Any) -> Any:
    lines = [{"price": shop.monthly, "quantity": 2}]
    return shop.stripe.v1.checkout.sessions.create(
        {"mode": "subscription", "line_items": lines, "success_url": DONE, **more}
    )


def test_a_session_is_opened(shop: Shop) -> None:
    made = _opened(shop, client_reference_id="account-42", metadata={"a": "b"})
    assert (made.status, made.payment_status, made.amount_total, made.currency) == ("open", "unpaid", 2000, "eur")
    assert (made.client_reference_id, made.url, made.expires_at) == (
        "account-42",
        f"{shop.fake.base}/c/pay/{made.id}",
        shop.fake.now + DAY,
    )
    assert (made.customer, made.subscription, made.invoice) == (None, None, None)


def test_a_paid_session_makes_customer_and_subscription(shop: Shop) -> None:
    made = _opened(shop, customer_email="new@example.com", subscription_data={"metadata": {"account": "42"}})
    shop.fake.pay(made)
    paid = shop.stripe.v1.checkout.sessions.retrieve(
        made.id, {"expand": ["customer", "subscription", "invoice", "line_items"]}
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert (paid.customer.email, paid.customer_details.email) == ("new@example.com", "new@example.com")
    assert (paid.subscription.status, paid.subscription.metadata["account"]) == ("active", "42")
    assert (paid.invoice.amount_paid, paid.invoice.id) == (2000, paid.subscription.latest_invoice)
    assert [line.quantity for line in paid.line_items.data] == [2]


def test_what_is_told_of_a_purchase(shop: Shop) -> None:
    before = len(shop.fake.events)
    shop.fake.pay(_opened(shop))
    told = [event["type"] for event in shop.fake.events[before:]]
    assert {"customer.created", "payment_method.attached", "invoice.paid", "customer.subscription.created"} <= set(told)
    assert told[-1] == "checkout.session.completed"


def test_who_is_a_customer_stays_that_customer(shop: Shop) -> None:
    made = _opened(shop, customer=shop.customer)
    paid = shop.fake.pay(made)
    assert paid["customer"] == shop.customer


def test_on_a_test_clock_too(shop: Shop) -> None:
    clock = on_a_clock(shop, token="")
    shop.fake.pay(_opened(shop, customer=shop.customer))
    (subscription,) = shop.stripe.v1.subscriptions.list({"customer": shop.customer}).data
    assert subscription.test_clock == clock.id


def test_a_trial_takes_the_card_and_no_money(shop: Shop) -> None:
    made = _opened(shop, subscription_data={"trial_period_days": 14})
    paid = shop.fake.pay(made)
    assert (made.amount_total, paid["payment_status"]) == (0, "no_payment_required")
    assert shop.stripe.v1.subscriptions.retrieve(paid["subscription"]).status == "trialing"


@pytest.mark.parametrize("card", ["pm_card_chargeDeclined", "pm_card_threeDSecure2Required"])
def test_a_refused_card_leaves_the_session_open(shop: Shop, card: str) -> None:
    made = _opened(shop)
    before = len(shop.fake.events)
    with pytest.raises(Refused, match="declined"):
        shop.fake.pay(made, card=card)
    assert shop.stripe.v1.checkout.sessions.retrieve(made.id).status == "open"
    assert len(shop.fake.events) == before


def test_a_card_that_pays_today_may_fail_at_the_renewal(shop: Shop) -> None:
    paid = shop.fake.pay(_opened(shop), card="pm_card_chargeCustomerFail")
    assert shop.stripe.v1.subscriptions.retrieve(paid["subscription"]).status == "active"
    shop.fake.advance(days=32)
    assert shop.stripe.v1.subscriptions.retrieve(paid["subscription"]).status == "past_due"


def test_a_session_is_paid_once(shop: Shop) -> None:
    made = _opened(shop)
    shop.fake.pay(made)
    with pytest.raises(Refused, match="complete"):
        shop.fake.pay(made)


def test_a_session_expires_by_request_or_by_itself(shop: Shop) -> None:
    one, other = _opened(shop), _opened(shop, expires_at=shop.fake.now + 3600)
    assert shop.stripe.v1.checkout.sessions.expire(one.id).status == "expired"
    with pytest.raises(official.InvalidRequestError, match="status of expired"):
        shop.stripe.v1.checkout.sessions.expire(one.id)
    shop.fake.advance(hours=1)
    assert shop.stripe.v1.checkout.sessions.retrieve(other.id).status == "expired"
    assert shop.told("checkout") == ["checkout.session.expired"] * 2
    with pytest.raises(Refused, match="expired"):
        shop.fake.pay(other)


def test_what_was_bought_is_listed(shop: Shop) -> None:
    made = _opened(shop)
    (line,) = shop.stripe.v1.checkout.sessions.line_items.list(made.id).data
    assert (line.description, line.amount_total, line.price.id) == ("Team", 2000, shop.monthly)


def test_sessions_are_listed_and_marked(shop: Shop) -> None:
    made = _opened(shop, customer=shop.customer)
    shop.stripe.v1.checkout.sessions.update(made.id, {"metadata": {"seen": "yes"}})
    (found,) = shop.stripe.v1.checkout.sessions.list({"customer": shop.customer, "status": "open"}).data
    assert found.metadata["seen"] == "yes"


def test_a_single_payment(shop: Shop) -> None:
    once = shop.stripe.v1.prices.create({"product": shop.product, "currency": "eur", "unit_amount": 500}).id
    made = _opened(shop, mode="payment", line_items=[{"price": once, "quantity": 3}])
    paid = shop.fake.pay(made)
    assert (paid["payment_status"], paid["amount_total"], paid["subscription"]) == ("paid", 1500, None)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"line_items": []}, "line_items"), ({"line_items": [{"price": "price_none"}]}, "No such price"),
        ({"mode": "payment"}, "recurring price"), ({"customer": "cus_none"}, "No such customer"),
        ({"ui_mode": "embedded_page"}, "does not simulate"), ({"customer": "cus_none", "customer_email": "a@b.c"}, "only specify one"),
    ],
)  # fmt: skip
def test_sessions_that_are_none(shop: Shop, given: Any, message: str) -> None:
    with pytest.raises(official.InvalidRequestError, match=message):
        _opened(shop, **given)
