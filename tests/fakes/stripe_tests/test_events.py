"""The list of events, thin events, and who listens."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe.rendering import rendered
from tests.fakes.stripe_tests.conftest import Shop


def test_the_newest_event_comes_first(shop: Shop) -> None:
    shop.subscribed()
    listed = [one.type for one in shop.stripe.v1.events.list({"limit": 100}).auto_paging_iter()]
    assert listed == shop.told()[::-1]


def test_events_are_found_by_type(shop: Shop) -> None:
    shop.subscribed()
    listed = shop.stripe.v1.events.list
    assert [one.type for one in listed({"type": "invoice.paid"}).data] == ["invoice.paid"]
    assert {one.type for one in listed({"types": ["invoice.paid", "customer.created"]}).data} == {
        "invoice.paid",
        "customer.created",
    }
    assert {one.type.split(".")[0] for one in listed({"type": "invoice.*"}).data} == {"invoice"}


def test_type_or_types_and_twenty_at_most(shop: Shop) -> None:
    with pytest.raises(official.InvalidRequestError, match="both type and types"):
        shop.stripe.v1.events.list({"type": "invoice.paid", "types": ["invoice.paid"]})
    with pytest.raises(official.InvalidRequestError, match="up to 20"):
        shop.stripe.v1.events.list({"types": ["invoice.paid"] * 21})


def test_events_since_the_last_one_seen(shop: Shop) -> None:
    seen = shop.fake.events[-1]["id"]
    shop.subscribed()
    fresh = [one.id for one in shop.stripe.v1.events.list({"ending_before": seen, "limit": 3}).auto_paging_iter()]
    assert fresh == [one["id"] for one in shop.fake.events[-len(fresh) :]]
    assert len(fresh) == 7


def test_an_event_is_a_snapshot(shop: Shop) -> None:
    shop.stripe.v1.customers.update(shop.customer, {"name": "Grace"})
    key = shop.fake.events[-1]["id"]
    shop.stripe.v1.customers.update(shop.customer, {"name": "Edsger"})
    event = shop.stripe.v1.events.retrieve(key)
    assert (event.data.object.name, event.api_version) == ("Grace", "2026-10-28.endive")


def test_events_are_kept_for_thirty_days(shop: Shop) -> None:
    key = shop.fake.events[0]["id"]
    shop.fake.advance(days=29.9)
    assert shop.stripe.v1.events.retrieve(key).id == key
    shop.fake.advance(days=0.2)
    assert shop.stripe.v1.events.list().data == []
    with pytest.raises(official.InvalidRequestError, match="No such event"):
        shop.stripe.v1.events.retrieve(key)


def test_every_event_has_its_thin_twin(shop: Shop) -> None:
    made = shop.subscribed()
    thin = shop.stripe.v2.core.events.list({"object_id": made.id}).data
    assert [one.type for one in thin] == ["v1.customer.subscription.created"]
    whole = shop.stripe.v2.core.events.retrieve(thin[0].id)
    assert whole.related_object.url == f"/v1/subscriptions/{made.id}"
    assert shop.stripe.v1.events.retrieve(whole.snapshot_event).data.object.id == made.id
    assert whole.fetch_related_object().status == "active"


def test_thin_events_are_paged(shop: Shop) -> None:
    shop.subscribed()
    listed = [one.type for one in shop.stripe.v2.core.events.list({"limit": 3}).auto_paging_iter()]
    assert listed == [f"v1.{kind}" for kind in shop.told()[::-1]]


# — endpoints

URL = "http://127.0.0.1:1/hooks"


def test_an_endpoint_says_its_secret_once(stripe: Any) -> None:
    made = stripe.v1.webhook_endpoints.create({"url": URL, "enabled_events": ["*"], "metadata": {"a": "b"}})
    assert made.secret.startswith("whsec_")
    assert not hasattr(stripe.v1.webhook_endpoints.retrieve(made.id), "secret")


def test_an_endpoint_is_changed_disabled_and_deleted(shop: Shop) -> None:
    hooks = shop.stripe.v1.webhook_endpoints
    made = hooks.create({"url": URL, "enabled_events": ["invoice.paid"]})
    assert hooks.update(made.id, {"enabled_events": ["customer.created"], "description": "Ours"}).enabled_events == [
        "customer.created"
    ]
    assert hooks.update(made.id, {"disabled": True}).status == "disabled"
    assert [one.id for one in hooks.list().data] == [made.id]
    assert hooks.delete(made.id).deleted is True
    assert hooks.list().data == []


def test_nobody_beyond_this_machine_is_told(stripe: Any) -> None:
    with pytest.raises(official.InvalidRequestError, match="only speaks to this machine"):
        stripe.v1.webhook_endpoints.create({"url": "https://example.com/hooks", "enabled_events": ["*"]})


def test_a_made_up_type_of_event_is_refused(stripe: Any) -> None:
    with pytest.raises(official.InvalidRequestError, match="Invalid enabled_events"):
        stripe.v1.webhook_endpoints.create({"url": URL, "enabled_events": ["invoice.payed"]})


def test_an_event_counts_who_is_still_to_be_told(shop: Shop) -> None:
    shop.stripe.v1.webhook_endpoints.create({"url": URL, "enabled_events": ["customer.updated"]})
    shop.stripe.v1.customers.update(shop.customer, {"name": "Grace"})
    (event,) = shop.stripe.v1.events.list({"type": "customer.updated"}).data
    assert event.pending_webhooks == 1
    assert rendered(shop.fake.events[-1])["pending_webhooks"] == 1


def test_a_destination_for_thin_events(shop: Shop) -> None:
    made = shop.stripe.v2.core.event_destinations.create({
        "name": "Desk", "type": "webhook_endpoint", "event_payload": "thin", "enabled_events": ["v1.customer.subscription.updated"],
        "webhook_endpoint": {"url": URL}, "include": ["webhook_endpoint.signing_secret", "webhook_endpoint.url"],
    })  # fmt: skip
    assert made.webhook_endpoint.signing_secret.startswith("whsec_")
    assert (made.webhook_endpoint.url, made.event_payload, made.status) == (URL, "thin", "enabled")
    assert shop.stripe.v2.core.event_destinations.retrieve(made.id).name == "Desk"
    assert shop.stripe.v1.webhook_endpoints.list().data == []
    assert shop.stripe.v2.core.event_destinations.delete(made.id).id == made.id
