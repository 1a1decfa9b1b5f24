"""Products, prices, features."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe_tests.conftest import Shop

MONTHLY = {"currency": "EUR", "unit_amount": 500, "recurring": {"interval": "month"}}


def test_a_product_may_come_with_its_price(shop: Shop) -> None:
    product = shop.stripe.v1.products.create(
        {"name": "Scale", "default_price_data": MONTHLY, "expand": ["default_price"]}
    )
    assert (product.default_price.unit_amount, product.default_price.currency) == (500, "eur")
    assert shop.told()[-2:] == ["product.created", "price.created"]


def test_a_price_may_come_with_its_product(shop: Shop) -> None:
    price = shop.stripe.v1.prices.create({**MONTHLY, "product_data": {"name": "Scale"}, "expand": ["product"]})
    assert price.product.name == "Scale"


def test_a_product_keeps_the_id_it_is_given(shop: Shop) -> None:
    assert shop.stripe.v1.products.create({"id": "plan_team", "name": "Team"}).id == "plan_team"
    with pytest.raises(official.InvalidRequestError, match="already exists"):
        shop.stripe.v1.products.create({"id": "plan_team", "name": "Team"})


def test_a_product_is_changed_and_archived(shop: Shop) -> None:
    changed = shop.stripe.v1.products.update(
        shop.product, {"active": False, "description": "Old", "metadata": {"a": "b"}}
    )
    assert (changed.active, changed.description) == (False, "Old")
    assert shop.stripe.v1.products.list({"active": True}).data == []
    assert shop.fake.events[-1]["data"]["previous_attributes"]["active"] is True


def test_only_a_product_without_prices_is_deleted(shop: Shop) -> None:
    with pytest.raises(official.InvalidRequestError, match="cannot be deleted"):
        shop.stripe.v1.products.delete(shop.product)
    other = shop.stripe.v1.products.create({"name": "Empty"})
    assert shop.stripe.v1.products.delete(other.id).deleted is True
    with pytest.raises(official.InvalidRequestError, match="No such product"):
        shop.stripe.v1.products.retrieve(other.id)


def test_prices_are_found_by_lookup_key(shop: Shop) -> None:
    price = shop.price(100, lookup_key="team_monthly")
    assert [one.id for one in shop.stripe.v1.prices.list({"lookup_keys": ["team_monthly", "other"]}).data] == [price]


def test_a_lookup_key_belongs_to_one_price(shop: Shop) -> None:
    first = shop.price(100, lookup_key="team")
    with pytest.raises(official.InvalidRequestError, match="already uses that lookup key"):
        shop.price(200, lookup_key="team")
    second = shop.price(200, lookup_key="team", transfer_lookup_key=True)
    assert shop.stripe.v1.prices.retrieve(first).lookup_key is None
    assert shop.stripe.v1.prices.retrieve(second).lookup_key == "team"


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({"type": "recurring"}, 3),
        ({"recurring": {"interval": "year"}}, 1),
        ({"currency": "usd"}, 0),
        ({"active": False}, 0),
        ({"type": "one_time"}, 0),
    ],
)
def test_prices_are_filtered(shop: Shop, given: Any, count: int) -> None:
    assert len(shop.stripe.v1.prices.list(given).data) == count


def test_an_inactive_price_sells_no_more(shop: Shop) -> None:
    shop.stripe.v1.prices.update(shop.monthly, {"active": False})
    with pytest.raises(official.InvalidRequestError, match="inactive"):
        shop.subscribed()


def test_amounts_in_decimals_are_texts_on_the_wire(shop: Shop) -> None:
    price = shop.stripe.v1.prices.create(
        {"product": shop.product, "currency": "eur", "unit_amount_decimal": "0.5", "recurring": {"interval": "month"}}
    )
    assert price.unit_amount is None
    assert str(price.unit_amount_decimal) == "0.5"


def test_tiers_come_when_asked(shop: Shop) -> None:
    tiers = [{"up_to": 10, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 50, "flat_amount": 5}]
    price = shop.stripe.v1.prices.create({
        "product": shop.product, "currency": "eur", "billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": tiers,
        "recurring": {"interval": "month"},
    })  # fmt: skip
    assert not hasattr(price, "tiers")
    whole = shop.stripe.v1.prices.retrieve(price.id, {"expand": ["tiers"]})
    assert [one.up_to for one in whole.tiers] == [10, None]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"currency": "eur"}, "unit_amount"), ({"currency": "eur", "unit_amount": 5, "product": "prod_none"}, "No such product"),
        ({"currency": "eur", "unit_amount": 5, "recurring": {"interval": "month", "usage_type": "metered"}}, "backed by a meter"),
        ({"currency": "eur", "unit_amount": 5, "recurring": {"interval": "fortnight"}}, "Invalid recurring"),
        ({"currency": "eur", "custom_unit_amount": {"enabled": True}}, "does not simulate"),
    ],
)  # fmt: skip
def test_prices_that_are_none(shop: Shop, given: Any, message: str) -> None:
    with pytest.raises(official.InvalidRequestError, match=message):
        shop.stripe.v1.prices.create({"product": shop.product, **given})


def test_a_price_needs_a_product(shop: Shop) -> None:
    with pytest.raises(official.InvalidRequestError, match="either `product` or `product_data`"):
        shop.stripe.v1.prices.create(MONTHLY)


def test_a_feature_has_a_key_of_its_own_until_it_is_archived(stripe: Any) -> None:
    feature = stripe.v1.entitlements.features.create({"name": "SSO", "lookup_key": "sso"})
    with pytest.raises(official.InvalidRequestError, match="already uses the lookup key"):
        stripe.v1.entitlements.features.create({"name": "SSO", "lookup_key": "sso"})
    assert stripe.v1.entitlements.features.update(feature.id, {"active": False}).active is False
    assert stripe.v1.entitlements.features.create({"name": "SSO", "lookup_key": "sso"}).active is True
    assert len(stripe.v1.entitlements.features.list({"archived": True}).data) == 1
    assert len(stripe.v1.entitlements.features.list({"lookup_key": "sso"}).data) == 2
    with pytest.raises(official.InvalidRequestError, match="Archived"):
        stripe.v1.entitlements.features.update(feature.id, {"name": "x"})


def test_a_product_carries_features(shop: Shop) -> None:
    feature = shop.stripe.v1.entitlements.features.create({"name": "SSO", "lookup_key": "sso"})
    held = shop.stripe.v1.products.features.create(shop.product, {"entitlement_feature": feature.id})
    assert held.entitlement_feature.lookup_key == "sso"
    assert [one.id for one in shop.stripe.v1.products.features.list(shop.product).data] == [held.id]
    assert shop.stripe.v1.products.features.retrieve(shop.product, held.id).id == held.id
    with pytest.raises(official.InvalidRequestError, match="already attached"):
        shop.stripe.v1.products.features.create(shop.product, {"entitlement_feature": feature.id})
    assert shop.stripe.v1.products.features.delete(shop.product, held.id).deleted is True
    assert shop.stripe.v1.products.features.list(shop.product).data == []
