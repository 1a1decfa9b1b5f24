"""Usage in as CloudEvents: structured, binary and in batches; each counted once."""

import base64
import json
from datetime import timedelta

import pytest

from entitlements.models import UsageCounter, UsageEvent
from tests.entitlements.api.runtime.asking import key, post, problem, told
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
ONE = {"Content-Type": "application/cloudevents+json"}
MANY = {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}


def event(**more):
    return {
        "specversion": "1.0", "id": "e-1", "source": "/shop", "type": "calls", "subject": "acme",
        "time": AT.isoformat(), "data": {"quantity": 3},
    } | more  # fmt: skip


def test_an_event_is_a_report():
    customer(metered())
    body = told(post("events", event(), **ONE))
    assert (body["id"], body["source"], body["account"], body["feature"], body["used"]) == (
        "e-1",
        "/shop",
        "acme",
        "calls",
        3,
    )


def test_once_for_its_source_and_id_whoever_sends_it():
    customer(metered())
    answers = [told(post("events", event(), **ONE)) for _ in range(3)]
    assert [answer["replayed"] for answer in answers] == [False, True, True]
    assert not told(post("events", event(source="/other"), **ONE))["replayed"]
    assert UsageCounter.objects.get().used == 6


def test_the_data_names_the_feature_before_the_type_does():
    customer(metered(), external_ids=[("stripe", "cus_1")])
    data = {
        "feature": "tokens",
        "quantity": 2,
        "choice": "model.premium",
        "subject": "agent-7",
        "trace": "kept by them",
    }
    body = told(post("events", event(type="com.shop.used", subject="stripe:cus_1", data=data), **ONE))
    assert (body["feature"], body["quantity"]) == ("tokens", 10)
    assert UsageEvent.objects.get().subject == "agent-7"


def test_nothing_said_is_one_now():
    customer(metered())
    least = {name: value for name, value in event().items() if name not in {"data", "time"}}
    assert told(post("events", least, **ONE))["quantity"] == 1


def test_when_it_happened_is_its_time():
    customer(metered())
    late = (AT - timedelta(days=5)).isoformat()
    assert told(post("events", event(time=late), **ONE))["resets_at"] == "2026-03-01T00:00:00Z"


def test_data_as_base64():
    customer(metered())
    sent = event(data_base64=base64.b64encode(b'{"quantity": 4}').decode())
    del sent["data"]
    assert told(post("events", sent, **ONE))["quantity"] == 4


def binary(body=b'{"quantity": 3}', **more):
    headers = {f"ce-{name}": value for name, value in (event() | more).items() if name != "data"}
    return post("events", body, **headers)


def test_attributes_in_headers():
    customer(metered(), name="Acme", external_ids=[("own", "nº 1")])
    assert told(binary(subject="own:n%C2%BA%201"))["used"] == 3
    assert told(binary(b"", id="e-2"))["quantity"] == 1


def test_a_batch_answers_each():
    customer(metered())
    batch = [
        event(),
        event(),
        event(id="e-2", subject="nobody"),
        event(id="e-3", type="nothing"),
        event(id="e-4", specversion="0.3"),
        event(id="e-5", data={"quantity": -1}),
        event(id="e-6", data={"quantity": "3"}),
        event(id="e-7", time=(AT + timedelta(hours=1)).isoformat()),
        "event",
        event(id="e-9"),
    ]
    results = told(post("events", batch, **MANY))["results"]
    assert [one["status"] for one in results] == [200, 200, 404, 404, 422, 422, 422, 422, 422, 200]
    assert [one["id"] for one in results] == ["e-1", "e-1", "e-2", "e-3", "e-4", "e-5", "e-6", "e-7", "", "e-9"]
    assert [one["problem"]["code"] for one in results if one["problem"]] == [
        "unknown_account", "unknown_feature", "not_a_cloud_event", "negative_quantity", "wrong_type", "clock_far_off",
        "not_a_cloud_event",
    ]  # fmt: skip
    assert UsageCounter.objects.get().used == 6


@pytest.mark.parametrize(
    ("more", "status", "code", "field"),
    [
        ({"specversion": None}, 422, "not_a_cloud_event", "specversion"),
        ({"id": ""}, 422, "not_a_cloud_event", "id"),
        ({"subject": None}, 422, "not_a_cloud_event", "subject"),
        ({"time": "yesterday"}, 422, "not_a_cloud_event", "time"),
        ({"data": [1]}, 422, "not_a_cloud_event", "data"),
        ({"data": "<use/>", "datacontenttype": "text/xml"}, 422, "not_a_cloud_event", "datacontenttype"),
        ({"data": {"quantity": 2.5}}, 422, "wrong_type", "data.quantity"),
        ({"data": {"quantity": 2**53}}, 422, "absurd_quantity", "data.quantity"),
        ({"data": {"feature": ""}}, 422, "invalid", "data.feature"),
        ({"type": "x" * 65}, 422, "invalid", "type"),
        ({"id": "x" * 201}, 422, "invalid", "id"),
        ({"subject": "x" * 321}, 422, "invalid", "subject"),
        ({"subject": "nobody"}, 404, "unknown_account", "account"),
    ],
)
def test_what_is_no_event_of_use(more, status, code, field):
    customer(metered())
    problem(post("events", event(**more), **ONE), status, code, field)
    assert not UsageEvent.objects.exists()


def test_another_event_under_the_same_name_is_refused():
    customer(metered())
    told(post("events", event(), **ONE))
    problem(post("events", event(data={"quantity": 4}), **ONE), 422, "event_reused", "id")


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", ONE, 400, "bad_request"),
        (b"[", MANY, 400, "bad_request"),
        (b"{}", MANY, 422, "not_a_cloud_event"),
        (b"[]", ONE, 422, "not_a_cloud_event"),
        (b"{}", {}, 422, "not_a_cloud_event"),
        (json.dumps([1] * 1001).encode(), MANY, 413, "batch_too_large"),
        (b'["' + b"x" * 1_000_000 + b'"]', MANY, 413, "batch_too_large"),
    ],
)
def test_what_is_wrong_with_all_of_it_is_one_problem(body, headers, status, code):
    problem(post("events", body, **headers), status, code)


def test_an_empty_batch_is_nothing_wrong():
    assert told(post("events", [], **MANY)) == {"results": []}


def test_a_key_that_only_reads_tells_nothing():
    problem(post("events", event(), plain=key("entitlements:read"), **ONE), 403, "not_allowed")
