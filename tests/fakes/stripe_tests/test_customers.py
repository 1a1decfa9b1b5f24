"""Customers and their cards."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe_tests.conftest import Shop


def test_a_customer_is_made_and_told_of(shop: Shop) -> None:
    made = shop.stripe.v1.customers.create(
        {"email": "eve@example.com", "name": "Eve", "phone": "1", "metadata": {"account": "42"}}
    )
    assert (made.email, made.name, made.metadata["account"], made.balance) == ("eve@example.com", "Eve", "42", 0)
    assert shop.stripe.v1.customers.retrieve(made.id) == made
    assert shop.told()[-1] == "customer.created"


def test_an_address_is_whole(shop: Shop) -> None:
    made = shop.stripe.v1.customers.create({"address": {"country": "NL", "city": "Delft"}})
    assert (made.address.country, made.address.line1) == ("NL", None)


def test_metadata_is_merged_key_by_key(shop: Shop) -> None:
    customer = shop.stripe.v1.customers
    customer.update(shop.customer, {"metadata": {"a": "1", "b": "2"}})
    assert customer.update(shop.customer, {"metadata": {"b": "", "c": "3"}}).metadata.to_dict() == {"a": "1", "c": "3"}
    assert customer.update(shop.customer, {"metadata": ""}).metadata.to_dict() == {}


def test_an_update_tells_what_was_before(shop: Shop) -> None:
    shop.stripe.v1.customers.update(shop.customer, {"name": "Grace"})
    assert shop.fake.events[-1]["data"]["previous_attributes"] == {"name": "Ada"}


def test_an_update_that_changes_nothing_tells_nothing(shop: Shop) -> None:
    before = len(shop.fake.events)
    shop.stripe.v1.customers.update(shop.customer, {"name": "Ada"})
    assert len(shop.fake.events) == before


def test_a_deleted_customer_answers_as_deleted(shop: Shop) -> None:
    assert shop.stripe.v1.customers.delete(shop.customer).deleted is True
    assert shop.stripe.v1.customers.retrieve(shop.customer).deleted is True
    with pytest.raises(official.InvalidRequestError, match="No such customer"):
        shop.stripe.v1.customers.update(shop.customer, {"name": "x"})
    assert shop.stripe.v1.customers.list().data == []


def test_deleting_a_customer_ends_its_subscriptions(shop: Shop) -> None:
    subscription = shop.subscribed()
    shop.stripe.v1.customers.delete(shop.customer)
    assert shop.now(subscription).status == "canceled"
    assert shop.told("customer.")[-2:] == ["customer.subscription.deleted", "customer.deleted"]


def test_customers_are_found_by_address(shop: Shop) -> None:
    shop.stripe.v1.customers.create({"email": "eve@example.com"})
    assert [one.id for one in shop.stripe.v1.customers.list({"email": "ada@example.com"}).data] == [shop.customer]


def test_subscriptions_come_with_a_customer_when_asked(shop: Shop) -> None:
    subscription = shop.subscribed()
    assert not hasattr(shop.stripe.v1.customers.retrieve(shop.customer), "subscriptions")
    whole = shop.stripe.v1.customers.retrieve(shop.customer, {"expand": ["subscriptions"]})
    assert [one.id for one in whole.subscriptions.data] == [subscription.id]


@pytest.mark.parametrize(
    ("token", "code", "reason"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ],
)
def test_a_refused_card_is_refused_when_it_is_attached(shop: Shop, token: str, code: str, reason: str | None) -> None:
    with pytest.raises(official.CardError) as refused:
        shop.card(token)
    assert (refused.value.http_status, refused.value.code) == (402, code)
    assert refused.value.json_body["error"].get("decline_code") == reason


@pytest.mark.parametrize(
    "token", ["pm_card_visa", "pm_card_mastercard", "pm_card_chargeCustomerFail", "pm_card_threeDSecure2Required"]
)
def test_other_cards_are_attached_as_cards_of_their_own(shop: Shop, token: str) -> None:
    method = shop.card(token)
    assert method.id not in (token, None)
    assert method.customer == shop.customer
    assert method.type == "card"


def test_nobody_elses_card_is_a_default(shop: Shop) -> None:
    other = shop.stripe.v1.customers.create({"payment_method": "pm_card_visa"})
    theirs = shop.stripe.v1.payment_methods.list({"customer": other.id}).data[0]
    with pytest.raises(official.InvalidRequestError, match="No such PaymentMethod"):
        shop.stripe.v1.customers.update(shop.customer, {"invoice_settings": {"default_payment_method": theirs.id}})
    with pytest.raises(official.InvalidRequestError, match="already been attached"):
        shop.stripe.v1.payment_methods.attach(theirs.id, {"customer": shop.customer})


def test_a_detached_card_is_nobodys_default(shop: Shop) -> None:
    card = shop.stripe.v1.payment_methods.list({"customer": shop.customer}).data[0]
    assert shop.stripe.v1.payment_methods.detach(card.id).customer is None
    assert shop.stripe.v1.customers.retrieve(shop.customer).invoice_settings.default_payment_method is None
    assert shop.told()[-1] == "payment_method.detached"


def test_a_card_is_made_of_a_token(shop: Shop) -> None:
    method = shop.stripe.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    assert shop.stripe.v1.payment_methods.retrieve(method.id).card.last4 == "4242"


def test_a_customer_lists_its_own_cards(shop: Shop) -> None:
    assert len(shop.stripe.v1.customers.payment_methods.list(shop.customer, {"type": "card"}).data) == 1
    assert shop.stripe.v1.customers.payment_methods.list(shop.customer, {"type": "sepa_debit"}).data == []


@pytest.mark.parametrize("given", [{"source": "tok_visa"}])
def test_what_is_not_simulated_is_said_to_be_so(shop: Shop, given: Any) -> None:
    with pytest.raises(official.InvalidRequestError, match="does not simulate"):
        shop.stripe.v1.customers.create(given)
