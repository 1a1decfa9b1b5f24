"""Active entitlements follow from products' features and live subscriptions."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe_tests.conftest import Shop

SUMMARY = "entitlements.active_entitlement_summary.updated"


def _feature(shop: Shop, key: str, product: str = "") -> Any:
    feature = shop.stripe.v1.entitlements.features.create({"name": key.upper(), "lookup_key": key})
    return shop.stripe.v1.products.features.create(product or shop.product, {"entitlement_feature": feature.id})


def _held(shop: Shop) -> list[str]:
    page = shop.stripe.v1.entitlements.active_entitlements.list({"customer": shop.customer, "limit": 100})
    return [one.lookup_key for one in page.auto_paging_iter()]


def _told(shop: Shop) -> list[Any]:
    return [event["data"] for event in shop.fake.events if event["type"] == SUMMARY]


def test_a_subscription_gives_its_products_features(shop: Shop) -> None:
    _feature(shop, "sso")
    _feature(shop, "audit")
    shop.subscribed()
    assert _held(shop) == ["sso", "audit"]
    (told,) = _told(shop)
    assert [one["lookup_key"] for one in told["object"]["entitlements"]["data"]] == ["sso", "audit"]
    assert told["previous_attributes"] == {"entitlements": {"data": []}}


def test_the_summary_has_no_id_and_names_features_by_id(shop: Shop) -> None:
    held = _feature(shop, "sso")
    shop.subscribed()
    summary = _told(shop)[0]["object"]
    assert "id" not in summary
    assert summary["entitlements"]["data"][0]["feature"] == held.entitlement_feature.id
    assert summary["entitlements"]["url"] == f"/v1/customer/{shop.customer}/entitlements"


def test_a_summary_shows_ten_and_the_rest_is_paged(shop: Shop) -> None:
    keys = [f"feature_{place}" for place in range(13)]
    for key in keys:
        _feature(shop, key)
    shop.subscribed()
    summary = _told(shop)[0]["object"]["entitlements"]
    assert (len(summary["data"]), summary["has_more"]) == (10, True)
    assert _held(shop) == keys
    page = shop.stripe.v1.entitlements.active_entitlements.list({"customer": shop.customer})
    assert (len(page.data), page.has_more) == (10, True)


@pytest.mark.parametrize("deed", ["cancel", "pause"])
def test_an_end_or_a_pause_revokes_all(shop: Shop, deed: str) -> None:
    _feature(shop, "sso")
    made = shop.subscribed()
    getattr(shop.stripe.v1.subscriptions, deed)(made.id)
    assert _held(shop) == []
    assert _told(shop)[-1]["object"]["entitlements"]["data"] == []
    assert [one["lookup_key"] for one in _told(shop)[-1]["previous_attributes"]["entitlements"]["data"]] == ["sso"]


def test_an_incomplete_one_gives_nothing(shop: Shop) -> None:
    _feature(shop, "sso")
    shop.subscribed(payment_behavior="default_incomplete")
    assert (_held(shop), _told(shop)) == ([], [])


def test_a_trial_gives_all(bare: Shop) -> None:
    _feature(bare, "sso")
    bare.subscribed(trial_period_days=3)
    assert _held(bare) == ["sso"]


def test_past_due_keeps_and_unpaid_revokes(shop: Shop) -> None:
    shop.fake.settings.after_retries = "unpaid"
    _feature(shop, "sso")
    shop.subscribed()
    shop.card("pm_card_chargeCustomerFail")
    shop.fake.advance(days=32)
    assert _held(shop) == ["sso"]
    shop.fake.advance(days=16)
    assert _held(shop) == []


def test_another_price_of_another_product_changes_them(shop: Shop) -> None:
    _feature(shop, "sso")
    other = shop.stripe.v1.products.create({"name": "Scale"}).id
    _feature(shop, "audit", other)
    price = shop.price(5000, product=other)
    made = shop.subscribed()
    shop.stripe.v1.subscriptions.update(made.id, {"items": [{"id": made["items"].data[0].id, "price": price}]})
    assert _held(shop) == ["audit"]
    assert len(_told(shop)) == 2


def test_two_subscriptions_give_a_feature_once(shop: Shop) -> None:
    _feature(shop, "sso")
    one = shop.subscribed()
    shop.subscribed()
    assert (_held(shop), len(_told(shop))) == (["sso"], 1)
    shop.stripe.v1.subscriptions.cancel(one.id)
    assert (_held(shop), len(_told(shop))) == (["sso"], 1)


def test_a_product_that_gains_a_feature_gives_it_with_the_next_period(shop: Shop) -> None:
    _feature(shop, "sso")
    shop.subscribed()
    late = _feature(shop, "audit")
    assert _held(shop) == ["sso"]
    shop.fake.advance(days=31)
    assert _held(shop) == ["sso", "audit"]
    shop.stripe.v1.products.features.delete(shop.product, late.id)
    assert _held(shop) == ["sso", "audit"]
    shop.fake.advance(days=31)
    assert _held(shop) == ["sso"]


def test_a_feature_is_expanded_and_an_entitlement_fetched(shop: Shop) -> None:
    _feature(shop, "sso")
    shop.subscribed()
    page = shop.stripe.v1.entitlements.active_entitlements.list({"customer": shop.customer, "expand": ["data.feature"]})
    assert page.data[0].feature.name == "SSO"
    assert shop.stripe.v1.entitlements.active_entitlements.retrieve(page.data[0].id).lookup_key == "sso"


def test_of_nobody_there_are_none(shop: Shop) -> None:
    with pytest.raises(official.InvalidRequestError, match="No such customer"):
        shop.stripe.v1.entitlements.active_entitlements.list({"customer": "cus_nobody"})
