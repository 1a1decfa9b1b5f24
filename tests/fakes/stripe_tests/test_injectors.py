"""Faults on order, and what the official client makes of each."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe import Counterpart


@pytest.fixture
def patient(fake: Counterpart, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client that tries again, at once."""
    client = fake.client(max_network_retries=2)
    monkeypatch.setattr(client._requestor._get_http_client(), "_sleep_time_seconds", lambda *_: 0)
    return client


def test_too_many_requests_are_not_tried_again(fake: Counterpart, patient: Any) -> None:
    fake.inject("429")
    with pytest.raises(official.RateLimitError) as refused:
        patient.v1.customers.create({"name": "Ada"})
    assert (refused.value.http_status, refused.value.json_body["error"]["code"]) == (429, "rate_limit")
    assert refused.value.headers["Stripe-Rate-Limited-Reason"] == "global-rate"
    assert len(fake.requests) == 1


def test_unless_stripe_says_so(fake: Counterpart, patient: Any) -> None:
    fake.inject("429", should_retry=True)
    assert patient.v1.customers.create({"name": "Ada"}).name == "Ada"
    assert len(fake.requests) == 2


@pytest.mark.parametrize("kind", ["500", "503", "409", "reset"])
def test_a_fault_before_the_write_is_tried_again_under_one_key(fake: Counterpart, patient: Any, kind: str) -> None:
    fake.inject(kind)
    patient.v1.customers.create({"name": "Ada"})
    first, second = fake.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert len(fake.state.all("customer")) == 1


@pytest.mark.parametrize("kind", ["500", "503", "429", "409", "reset"])
def test_a_fault_before_the_write_leaves_nothing(fake: Counterpart, stripe: Any, kind: str) -> None:
    fake.inject(kind)
    with pytest.raises(official.StripeError):
        stripe.v1.customers.create({"name": "Ada"})
    assert fake.state.all("customer") == []
    assert fake.events == []


def test_a_time_out_after_the_write_is_repeated_without_a_second_write(fake: Counterpart, patient: Any) -> None:
    fake.inject("timeout", seconds=0)
    assert patient.v1.customers.create({"name": "Ada"}).last_response.headers["Idempotent-Replayed"] == "true"
    assert len(fake.state.all("customer")) == 1


def test_a_time_out_without_retries_is_an_error_and_a_row(fake: Counterpart, stripe: Any) -> None:
    fake.inject("timeout", seconds=0)
    with pytest.raises(official.APIConnectionError):
        stripe.v1.customers.create({"name": "Ada"})
    assert len(fake.state.all("customer")) == 1


def test_a_500_after_the_write_stays_a_500_under_its_key(fake: Counterpart, stripe: Any) -> None:
    fake.inject("500_after")
    for _ in range(2):
        with pytest.raises(official.APIError):
            stripe.v1.customers.create({"name": "Ada"}, {"idempotency_key": "one"})
    assert len(fake.state.all("customer")) == 1


def test_a_fault_waits_for_its_address(fake: Counterpart, stripe: Any) -> None:
    fake.inject("500", path="/v1/products", method="POST")
    stripe.v1.customers.create({"name": "Ada"})
    stripe.v1.products.list()
    with pytest.raises(official.APIError):
        stripe.v1.products.create({"name": "Team"})


def test_faults_come_as_often_as_ordered(fake: Counterpart, stripe: Any) -> None:
    fake.inject("429", next=3)
    for _ in range(3):
        with pytest.raises(official.RateLimitError):
            stripe.v1.customers.list()
    assert stripe.v1.customers.list().data == []


def test_a_slow_answer_is_an_answer(fake: Counterpart, stripe: Any) -> None:
    fake.inject("slow", seconds=0.01)
    assert stripe.v1.customers.list().data == []


def test_no_fault_of_another_name(fake: Counterpart) -> None:
    with pytest.raises(ValueError, match="is none of"):
        fake.inject("418")


def test_errors_have_stripes_form(fake: Counterpart, stripe: Any) -> None:
    with pytest.raises(official.InvalidRequestError) as refused:
        stripe.v1.customers.retrieve("cus_nobody")
    error = refused.value
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "id")
    assert error.user_message == "No such customer: 'cus_nobody'"
    assert error.json_body["error"]["doc_url"] == "https://stripe.com/docs/error-codes/resource-missing"
    assert error.json_body["error"]["request_log_url"].endswith(error.request_id)


def test_another_key_is_refused(fake: Counterpart) -> None:
    other = official.StripeClient("sk_test_other", base_addresses={"api": fake.base}, max_network_retries=0)
    with pytest.raises(official.AuthenticationError, match="Invalid API Key"):
        other.v1.customers.list()


def test_another_version_is_refused(stripe: Any) -> None:
    with pytest.raises(official.InvalidRequestError, match=r"only speaks 2026-10-28\.endive"):
        stripe.v1.customers.list({}, {"stripe_version": "2024-06-20"})


def test_an_unknown_address_is_told_so(stripe: Any) -> None:
    with pytest.raises(official.InvalidRequestError, match=r"Unrecognized request URL \(GET: /v1/charges\)"):
        stripe.v1.charges.list()


def test_answers_name_their_request_and_version(stripe: Any) -> None:
    headers = stripe.v1.customers.list().last_response.headers
    assert headers["Request-Id"].startswith("req_")
    assert headers["Stripe-Version"] == "2026-10-28.endive"
