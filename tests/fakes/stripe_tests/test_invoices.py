"""Invoices by request."""

import pytest
import stripe as official

from tests.fakes.stripe_tests.conftest import Shop


def _draft(shop: Shop) -> str:
    made = shop.subscribed()
    shop.fake.advance(seconds=made["items"].data[0].current_period_end - shop.fake.now)
    return str(shop.now(made).latest_invoice.id)


def _open(shop: Shop) -> str:
    made = shop.subscribed(payment_behavior="default_incomplete")
    return str(made.latest_invoice)


def test_a_draft_is_finalized_and_paid_by_request(shop: Shop) -> None:
    key = _draft(shop)
    assert shop.stripe.v1.invoices.finalize_invoice(key).status == "open"
    paid = shop.stripe.v1.invoices.pay(key)
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 1000, 0)
    assert paid.status_transitions.paid_at == shop.fake.now


def test_a_paid_one_is_not_paid_again(shop: Shop) -> None:
    with pytest.raises(official.InvalidRequestError, match="already paid"):
        shop.stripe.v1.invoices.pay(shop.subscribed().latest_invoice)


def test_a_refused_payment_is_an_error(shop: Shop) -> None:
    key = _open(shop)
    shop.card("pm_card_chargeCustomerFail")
    with pytest.raises(official.CardError, match="declined"):
        shop.stripe.v1.invoices.pay(key)
    assert shop.stripe.v1.invoices.retrieve(key).attempt_count == 1


def test_a_payment_that_wants_the_person_is_another(shop: Shop) -> None:
    key = _open(shop)
    shop.card("pm_card_threeDSecure2Required")
    with pytest.raises(official.CardError, match="additional user action"):
        shop.stripe.v1.invoices.pay(key)


def test_a_void_one_is_told_and_ends_an_incomplete_beginning(shop: Shop) -> None:
    made = shop.subscribed(payment_behavior="default_incomplete")
    assert shop.stripe.v1.invoices.void_invoice(made.latest_invoice).status == "void"
    assert shop.now(made).status == "incomplete_expired"
    assert "invoice.voided" in shop.told()


def test_one_that_is_given_up_says_why(shop: Shop) -> None:
    made = shop.subscribed()
    shop.fake.fail_next_payment(shop.customer)
    shop.fake.advance(seconds=made["items"].data[0].current_period_end - shop.fake.now + 3600)
    assert shop.now(made).status == "past_due"
    given_up = shop.stripe.v1.invoices.mark_uncollectible(shop.now(made).latest_invoice.id)
    assert (given_up.status, given_up.status_details.uncollectible.reason) == ("uncollectible", "user_forgiven")
    assert shop.now(made).status == "active"


@pytest.mark.parametrize("deed", ["finalize_invoice", "void_invoice", "mark_uncollectible"])
def test_what_is_paid_stays_paid(shop: Shop, deed: str) -> None:
    key = shop.subscribed().latest_invoice
    with pytest.raises(official.InvalidRequestError, match="this one is paid"):
        getattr(shop.stripe.v1.invoices, deed)(key)


def test_a_payment_is_kept_with_its_invoice(shop: Shop) -> None:
    key = shop.subscribed().latest_invoice
    (payment,) = shop.stripe.v1.invoice_payments.list({"invoice": key}).data
    assert (payment.amount_paid, payment.status, payment.payment.type) == (1000, "paid", "payment_intent")
    assert shop.stripe.v1.invoice_payments.retrieve(payment.id).invoice == key
    whole = shop.stripe.v1.invoices.retrieve(key, {"expand": ["payments"]})
    assert [one.id for one in whole.payments.data] == [payment.id]


def test_what_older_versions_had_is_gone(shop: Shop) -> None:
    invoice = shop.stripe.v1.invoices.retrieve(shop.subscribed().latest_invoice)
    for name in ("subscription", "charge", "paid", "payment_intent"):
        assert not hasattr(invoice, name)


def test_a_draft_is_described(shop: Shop) -> None:
    changed = shop.stripe.v1.invoices.update(
        _draft(shop), {"description": "March", "auto_advance": False, "metadata": {"a": "b"}}
    )
    assert (changed.description, changed.auto_advance, changed.metadata["a"]) == ("March", False, "b")
    shop.fake.advance(days=2)
    assert shop.stripe.v1.invoices.retrieve(changed.id).status == "draft"


def test_an_invoice_is_sent(shop: Shop) -> None:
    assert shop.stripe.v1.invoices.send_invoice(_draft(shop)).status == "open"
    assert shop.told()[-1] == "invoice.sent"


def test_invoices_are_filtered(shop: Shop) -> None:
    made = shop.subscribed()
    listed = shop.stripe.v1.invoices.list
    assert len(listed({"subscription": made.id}).data) == len(listed({"customer": shop.customer}).data) == 1
    assert listed({"status": "open"}).data == listed({"subscription": "sub_other"}).data == []


def test_a_secret_to_confirm_with_comes_when_asked(shop: Shop) -> None:
    invoice = shop.stripe.v1.invoices.retrieve(_open(shop), {"expand": ["confirmation_secret"]})
    assert invoice.confirmation_secret.client_secret
