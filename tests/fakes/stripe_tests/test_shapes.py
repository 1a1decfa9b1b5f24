"""The judge itself: it finds what is wrong, and knows the shapes of the client that is installed."""

from typing import Any

import pytest

from tests.fakes.stripe.rendering import rendered
from tests.fakes.stripe_tests import shapes
from tests.fakes.stripe_tests.conftest import Shop

CLASSES = {
    "billing.meter": "billing.Meter", "billing.meter_event": "billing.MeterEvent", "checkout.session": "checkout.Session",
    "customer": "Customer", "entitlements.active_entitlement": "entitlements.ActiveEntitlement",
    "entitlements.active_entitlement_summary": "entitlements.ActiveEntitlementSummary", "entitlements.feature": "entitlements.Feature",
    "event": "Event", "invoice": "Invoice", "invoice_payment": "InvoicePayment", "invoiceitem": "InvoiceItem", "line_item": "InvoiceLineItem", "price": "Price",
    "product": "Product", "product_feature": "ProductFeature", "subscription": "Subscription",
    "subscription_item": "SubscriptionItem", "subscription_schedule": "SubscriptionSchedule",
    "test_helpers.test_clock": "test_helpers.TestClock", "webhook_endpoint": "WebhookEndpoint",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_the_facts_are_those_of_the_installed_client(kind: str) -> None:
    said = {name: one["type"] for name, one in shapes.derived(CLASSES[kind])["fields"].items()}
    assert said.keys() == shapes.facts()["resources"][kind]["fields"].keys()


def test_there_is_a_class_for_every_fact() -> None:
    assert CLASSES.keys() == shapes.facts()["resources"].keys()


@pytest.fixture
def subscription(shop: Shop) -> Any:
    shop.subscribed()
    return rendered(shop.fake.state.all("subscription")[0])


def test_a_whole_subscription_is_well_shaped(subscription: Any) -> None:
    assert shapes.wrong(subscription) == []


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        ({"current_period_end": 1}, "has current_period_end, which Stripe has not"),
        ({"status": "dead"}, "'dead' is none of"),
        ({"created": "1"}, "'1' is no int"),
        ({"created": True}, "True is no int"),
        ({"cancel_at_period_end": 0}, "0 is no bool"),
        ({"items": {"object": "list", "data": []}}, "lacks has_more"),
        ({"trial_settings": {"end_behavior": "cancel"}}, "'cancel' is no EndBehavior"),
        ({"billing_mode": {"type": "flexible", "flexible": None, "updated_at": None, "more": 1}}, "has more"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"discounts": None}, "None is no list"),
    ],
)
def test_what_is_spoilt_is_found(subscription: Any, spoil: dict[str, Any], found: str) -> None:
    assert any(found in one for one in shapes.wrong(subscription | spoil))


@pytest.mark.parametrize("name", ["status", "items", "latest_invoice", "status_details", "trial_end"])
def test_what_is_missing_is_found(subscription: Any, name: str) -> None:
    del subscription[name]
    assert any(f"lacks {name}" in one for one in shapes.wrong(subscription))


def test_an_item_deep_within_is_looked_at(subscription: Any) -> None:
    subscription["items"]["data"][0]["price"]["recurring"]["interval"] = "fortnight"
    assert any("'fortnight' is none of" in one for one in shapes.wrong(subscription))
