"""Thin events: a twin for each snapshot, and finer ones that say what changed."""

from typing import Any

import pytest
from stripe.events._event_classes import get_v2_event_notification_class

from tests.fakes.stripe.rendering import rendered
from tests.fakes.stripe.thin import finer
from tests.fakes.stripe_tests.conftest import Shop
from tests.fakes.stripe_tests.receiver import receiving


def _item(key: str, price: str = "p", quantity: int = 1) -> dict[str, Any]:
    return {"id": key, "price": {"id": price}, "quantity": quantity}


def _updated(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    data = {"object": now, "previous_attributes": before}
    return [
        kind.removeprefix("customer.subscription.")
        for kind in finer({"type": "customer.subscription.updated", "data": data})
    ]


@pytest.mark.parametrize("status", ["active", "incomplete", "incomplete_expired", "past_due", "trialing", "unpaid"])
def test_a_status_has_a_type_of_its_own(status: str) -> None:
    assert _updated({"status": "other"}, {"status": status}) == [status]


@pytest.mark.parametrize(
    ("had", "has", "told"),
    [
        ([_item("a")], [_item("a", quantity=2)], ["item_quantity_changed"]),
        ([_item("a")], [_item("a", price="q")], ["item_price_changed"]),
        ([_item("a")], [_item("a"), _item("b")], ["item_added"]),
        ([_item("a"), _item("b")], [_item("a")], ["item_removed"]),
        ([_item("a")], [_item("b")], ["item_added", "item_removed"]),
        ([_item("a")], [_item("a")], []),
    ],
)
def test_items_are_compared(had: list[Any], has: list[Any], told: list[str]) -> None:
    assert _updated({"items": {"data": had}}, {"status": "active", "items": {"data": has}}) == told


def test_an_end_that_is_set_or_taken_back() -> None:
    assert _updated({"cancel_at": None}, {"status": "active", "cancel_at": 5}) == ["cancel_at_changed"]


def test_what_else_changes_has_its_twin_only() -> None:
    assert _updated({"metadata": {"a": "b"}}, {"status": "active", "metadata": {}}) == []


def test_entitlements_that_come_and_go_are_told_apart(shop: Shop) -> None:
    feature = shop.stripe.v1.entitlements.features.create({"name": "SSO", "lookup_key": "sso"}).id
    shop.stripe.v1.products.features.create(shop.product, {"entitlement_feature": feature})
    shop.stripe.v1.subscriptions.cancel(shop.subscribed().id)
    types = [
        row["type"].rpartition(".")[2] for row in shop.fake.state.all("v2.core.event") if "entitlement" in row["type"]
    ]
    assert types == ["updated", "entitlement_added", "updated", "entitlement_removed"]


def test_the_client_has_a_class_for_every_thin_event(shop: Shop) -> None:
    feature = shop.stripe.v1.entitlements.features.create({"name": "SSO", "lookup_key": "sso"}).id
    shop.stripe.v1.products.features.create(shop.product, {"entitlement_feature": feature})
    made = shop.subscribed()
    shop.card("pm_card_chargeCustomerFail")
    shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": made["items"].data[0].id, "quantity": 4}], "cancel_at_period_end": True}
    )
    shop.stripe.v1.billing_portal.sessions.create({"customer": shop.customer})
    shop.fake.advance(days=40)
    for row in shop.fake.state.all("v2.core.event"):
        known = get_v2_event_notification_class(row["type"])
        assert row["type"] == known.LOOKUP_TYPE
        assert ("related_object" in known.__annotations__) is (row["related_object"] is not None), row["type"]


def test_a_listener_to_one_finer_type_gets_that_alone(shop: Shop) -> None:
    with receiving() as told:
        endpoint = shop.fake.listen(told.url, ("v1.customer.subscription.item_quantity_changed",), thin=True)
        made = shop.subscribed()
        shop.stripe.v1.subscription_items.update(made["items"].data[0].id, {"quantity": 4})
        shop.fake.deliver()
        (body,) = told.bodies
        event = shop.stripe.parse_event_notification(
            body, told.headers[0]["stripe-signature"], shop.fake.secret(endpoint)
        )
    assert (event.type, event.related_object.id) == ("v1.customer.subscription.item_quantity_changed", made.id)
    assert rendered(shop.fake.events[-1])["pending_webhooks"] in (0, 1)
