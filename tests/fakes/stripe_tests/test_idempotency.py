"""The same key gives the same answer; another request under it is refused."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe import Counterpart
from tests.fakes.stripe.errors import Refused
from tests.fakes.stripe.idempotency import Idempotency
from tests.fakes.stripe_tests.conftest import Shop

KEY = {"idempotency_key": "order-1"}


def test_the_same_request_writes_once(fake: Counterpart, stripe: Any) -> None:
    first = stripe.v1.customers.create({"name": "Ada"}, KEY)
    second = stripe.v1.customers.create({"name": "Ada"}, KEY)
    assert first.id == second.id
    assert len(fake.state.all("customer")) == 1


def test_a_repeated_answer_says_that_it_is_one(stripe: Any) -> None:
    first = stripe.v1.customers.create({"name": "Ada"}, KEY)
    again = stripe.v1.customers.create({"name": "Ada"}, KEY)
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.last_response.headers


def test_a_repeated_answer_is_as_it_was(stripe: Any) -> None:
    first = stripe.v1.customers.create({"name": "Ada"}, KEY)
    stripe.v1.customers.update(first.id, {"name": "Grace"})
    assert stripe.v1.customers.create({"name": "Ada"}, KEY).name == "Ada"


def test_other_parameters_under_a_key_are_refused(stripe: Any) -> None:
    stripe.v1.customers.create({"name": "Ada"}, KEY)
    with pytest.raises(official.IdempotencyError, match="same parameters"):
        stripe.v1.customers.create({"name": "Grace"}, KEY)


def test_another_address_under_a_key_is_refused(stripe: Any) -> None:
    stripe.v1.customers.create({"name": "Ada"}, KEY)
    with pytest.raises(official.IdempotencyError, match="same endpoint"):
        stripe.v1.products.create({"name": "Ada"}, KEY)


def test_a_refused_parameter_leaves_the_key_free(stripe: Any) -> None:
    with pytest.raises(official.InvalidRequestError):
        stripe.v1.customers.create({"nam": "Ada"}, KEY)
    assert stripe.v1.customers.create({"name": "Ada"}, KEY).name == "Ada"


def test_a_refusal_of_the_handler_is_repeated(stripe: Any) -> None:
    for _ in range(2):
        with pytest.raises(official.InvalidRequestError) as refused:
            stripe.v1.subscriptions.create({"customer": "cus_nobody", "items": [{"price": "price_none"}]}, KEY)
        assert refused.value.code == "resource_missing"


def test_a_key_is_kept_for_a_day(fake: Counterpart, stripe: Any) -> None:
    first = stripe.v1.customers.create({"name": "Ada"}, KEY)
    fake.advance(hours=23)
    assert stripe.v1.customers.create({"name": "Ada"}, KEY).id == first.id
    fake.advance(hours=1)
    assert stripe.v1.customers.create({"name": "Ada"}, KEY).id != first.id


def test_an_event_names_the_key_that_caused_it(shop: Shop) -> None:
    shop.stripe.v1.customers.update(shop.customer, {"name": "Grace"}, {"idempotency_key": "rename-1"})
    event = shop.fake.events[-1]
    assert event["request"]["idempotency_key"] == "rename-1"
    assert event["request"]["id"].startswith("req_")


def test_what_time_brings_names_no_request(shop: Shop) -> None:
    shop.subscribed()
    shop.fake.advance(days=31)
    assert shop.fake.events[-1]["request"] == {"id": None, "idempotency_key": None}


def test_while_the_first_is_being_answered_the_second_is_turned_away() -> None:
    kept = Idempotency()
    assert kept.begin("k", "POST", "/v1/customers", "a=b", 0, "req_1") is None
    with pytest.raises(Refused) as refused:
        kept.begin("k", "POST", "/v1/customers", "a=b", 1, "req_2")
    assert (refused.value.status, refused.value.code) == (409, "idempotency_key_in_use")
    kept.forget("k")
    assert kept.begin("k", "POST", "/v1/customers", "c=d", 1, "req_3") is None


def test_of_many_at_once_under_one_key_one_writes(fake: Counterpart) -> None:
    def ask(_: int) -> str:
        return str(fake.client(max_network_retries=8).v1.customers.create({"name": "Ada"}, KEY).id)

    fake.inject("slow", next=2, seconds=0.05)
    with ThreadPoolExecutor(6) as many:
        assert len(set(many.map(ask, range(6)))) == 1
    assert len(fake.state.all("customer")) == 1
