"""Deliveries: signed, tried again, lost, doubled, late and out of order, as told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe_tests.conftest import Shop
from tests.fakes.stripe_tests.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as told:
        yield told


def _types(receiver: Receiver) -> list[str]:
    return [json.loads(body)["type"] for body in receiver.bodies]


def _events(shop: Shop, receiver: Receiver, count: int = 5) -> Any:
    endpoint = shop.fake.listen(receiver.url, ("customer.updated",))
    for place in range(count):
        shop.stripe.v1.customers.update(shop.customer, {"name": str(place)})
    return endpoint


def _names(receiver: Receiver) -> list[str]:
    return [json.loads(body)["data"]["object"]["name"] for body in receiver.bodies]


def test_what_is_delivered_the_official_client_believes(shop: Shop, receiver: Receiver) -> None:
    endpoint = _events(shop, receiver, 1)
    shop.fake.deliver()
    event = official.Webhook.construct_event(
        receiver.bodies[0], receiver.headers[0]["stripe-signature"], shop.fake.secret(endpoint)
    )
    assert (event.type, event.data.object.name) == ("customer.updated", "0")
    assert receiver.headers[0]["user-agent"].startswith("Stripe/1.0")


def test_only_what_was_asked_for_is_told(shop: Shop, receiver: Receiver) -> None:
    shop.fake.listen(receiver.url, ("customer.subscription.*", "invoice.paid"))
    shop.subscribed()
    shop.fake.deliver()
    assert _types(receiver) == ["invoice.paid", "customer.subscription.created"]


def test_what_is_delivered_is_not_told_again(shop: Shop, receiver: Receiver) -> None:
    _events(shop, receiver)
    assert len(shop.fake.deliver()) == 5
    assert shop.fake.deliver() == []
    assert shop.stripe.v1.events.list({"delivery_success": False}).data == []


@pytest.mark.parametrize("status", [500, 404, 302])
def test_a_failure_is_tried_again_later(shop: Shop, receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    _events(shop, receiver, 1)
    (one,) = shop.fake.deliver()
    assert (one.attempts, one.delivered) == ([status], False)
    assert shop.fake.deliver() == []
    shop.fake.advance(seconds=300)
    (one,) = shop.fake.deliver()
    assert (one.attempts, one.delivered) == ([status, 200], True)
    assert receiver.bodies[0] == receiver.bodies[1]


def test_after_three_days_it_is_given_up_and_found_in_the_list(shop: Shop) -> None:
    shop.fake.listen("http://127.0.0.1:9/nobody", ("customer.updated",))
    shop.stripe.v1.customers.update(shop.customer, {"name": "Grace"})
    for _ in range(12):
        shop.fake.deliver()
        shop.fake.advance(hours=12)
    (one,) = shop.fake.state.deliveries
    assert (one.given_up, one.attempts) == (True, [0] * 10)
    (event,) = shop.stripe.v1.events.list({"delivery_success": False}).data
    assert (event.type, event.pending_webhooks) == ("customer.updated", 0)


def test_dropped_is_lost_and_found_in_the_list(shop: Shop, receiver: Receiver) -> None:
    _events(shop, receiver)
    shop.fake.deliver(drop=lambda event: event["data"]["object"]["name"] == "2")
    shop.fake.advance(days=1)
    shop.fake.deliver()
    assert _names(receiver) == ["0", "1", "3", "4"]
    (event,) = shop.stripe.v1.events.list({"delivery_success": False}).data
    assert event.data.object.name == "2"


def test_all_of_a_type_may_be_dropped(shop: Shop, receiver: Receiver) -> None:
    shop.fake.listen(receiver.url, ("invoice.paid", "invoice.created"))
    shop.subscribed()
    shop.fake.deliver(drop={"invoice.created"})
    assert _types(receiver) == ["invoice.paid"]


def test_doubled_comes_twice_with_one_id(shop: Shop, receiver: Receiver) -> None:
    _events(shop, receiver)
    shop.fake.deliver(duplicate=1.0)
    ids = [json.loads(body)["id"] for body in receiver.bodies]
    assert (len(ids), len(set(ids))) == (10, 5)


def test_shuffled_is_all_of_it_in_another_order(shop: Shop, receiver: Receiver) -> None:
    _events(shop, receiver, 8)
    shop.fake.deliver(shuffle=True)
    assert _names(receiver) != sorted(_names(receiver))
    assert sorted(_names(receiver)) == [str(place) for place in range(8)]


def test_delayed_comes_when_its_time_has_come(shop: Shop, receiver: Receiver) -> None:
    _events(shop, receiver, 3)
    shop.fake.deliver(delay=lambda event: event["data"]["object"]["name"] == "0", delay_seconds=60)
    assert _names(receiver) == ["1", "2"]
    shop.fake.advance(seconds=60)
    shop.fake.deliver()
    assert _names(receiver) == ["1", "2", "0"]


def test_a_rolled_secret_signs_beside_the_former_for_a_day(shop: Shop, receiver: Receiver) -> None:
    endpoint = _events(shop, receiver, 1)
    old = shop.fake.secret(endpoint)
    new = shop.fake.roll_secret(endpoint)
    shop.fake.deliver()
    for secret in (old, new):
        official.Webhook.construct_event(receiver.bodies[0], receiver.headers[0]["stripe-signature"], secret)
    shop.fake.advance(days=1)
    shop.stripe.v1.customers.update(shop.customer, {"name": "later"})
    shop.fake.deliver()
    official.Webhook.construct_event(receiver.bodies[1], receiver.headers[1]["stripe-signature"], new)
    with pytest.raises(official.SignatureVerificationError):
        official.Webhook.construct_event(receiver.bodies[1], receiver.headers[1]["stripe-signature"], old)


def test_a_secret_of_ones_own(shop: Shop, receiver: Receiver) -> None:
    assert shop.fake.secret(shop.fake.listen(receiver.url, secret="whsec_mine")) == "whsec_mine"


def test_a_disabled_endpoint_is_told_nothing(shop: Shop, receiver: Receiver) -> None:
    endpoint = _events(shop, receiver)
    shop.stripe.v1.webhook_endpoints.update(endpoint["id"], {"disabled": True})
    shop.fake.deliver()
    assert receiver.bodies == []


def test_two_endpoints_are_told_each(shop: Shop, receiver: Receiver) -> None:
    _events(shop, receiver, 0)
    shop.fake.listen(receiver.url, ("*",))
    shop.stripe.v1.customers.update(shop.customer, {"name": "x"})
    shop.fake.deliver()
    assert _types(receiver) == ["customer.updated"] * 2


def test_a_thin_event_is_parsed_and_fetched(shop: Shop, receiver: Receiver) -> None:
    endpoint = shop.fake.listen(receiver.url, ("v1.customer.subscription.created",), thin=True)
    made = shop.subscribed()
    shop.fake.deliver()
    told = shop.stripe.parse_event_notification(
        receiver.bodies[0], receiver.headers[0]["stripe-signature"], shop.fake.secret(endpoint)
    )
    assert (told.type, told.related_object.id) == ("v1.customer.subscription.created", made.id)
    assert told.fetch_related_object().status == "active"
    assert told.fetch_event().id == told.id
    with pytest.raises(ValueError, match="thin event"):
        official.Webhook.construct_event(
            receiver.bodies[0], receiver.headers[0]["stripe-signature"], shop.fake.secret(endpoint)
        )


def test_the_same_seed_misbehaves_alike(shop: Shop, receiver: Receiver) -> None:
    from tests.fakes.stripe import stripe_counterpart

    orders = []
    for _ in range(2):
        with stripe_counterpart(seed=9) as fake:
            fake.listen(receiver.url, ("customer.created",))
            for _ in range(6):
                fake.client().v1.customers.create({})
            orders.append([one.event for one in fake.deliver(shuffle=True, drop=0.3, duplicate=0.3)])
    assert orders[0] == orders[1]
