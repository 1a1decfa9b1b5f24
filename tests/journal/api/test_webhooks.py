"""Webhook endpoints over HTTP, as a program sets them up and looks after them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from journal.models import IdempotencyRecord, Outbound, WebhookEndpoint
from journal.queries.webhooks import newest_secret
from tests.conftest import AT
from tests.journal.actions.webhooks.told import NO, OK, tried
from tests.journal.factories import WebhookEndpointFactory, WebhookMessageFactory

pytestmark = pytest.mark.django_db
ALL = "/api/v1/webhooks"
URL = "https://shop.example/hook"


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def call(db: None) -> Any:
    """One program's calls: call("post", "/we_1/ping") -> answer."""
    key = issue(name="Shop", scopes=["webhooks:write"], by=SYSTEM, at=AT - timedelta(days=1), expires_at=None)[1]

    def ask(method: str, path: str = "", body: Any = None, **headers: str) -> Any:
        told = {} if method == "get" else {"data": body or {}, "content_type": "application/json"}
        return getattr(Client(), method)(ALL + path, headers={"Authorization": f"Bearer {key}", **headers}, **told)

    return ask


def test_an_endpoint_is_set_up_and_its_secret_is_shown_once(call):
    answer = call("post", body={"url": URL, "description": "Shop", "account": "acme"})
    assert answer.status_code == 201, answer.content
    told = answer.json()
    endpoint = WebhookEndpoint.objects.get()
    assert told.pop("secret") == newest_secret(endpoint)
    assert (told["key"], told["url"], told["account"], told["events"]) == (endpoint.key, URL, "acme", [])
    assert (told["state"], told["state_text"], told["created_by"]) == ("active", "Active", "Shop")
    assert call("get", f"/{endpoint.key}").json() == told
    assert call("get").json() == {"endpoints": [told]}
    assert call("get", "?account=other").json() == {"endpoints": []}


def test_sent_twice_under_one_name_it_is_set_up_once_and_the_secret_is_kept_nowhere_else(call):
    name = {"Idempotency-Key": '"one"'}
    first, again = (call("post", body={"url": URL}, **name) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert WebhookEndpoint.objects.count() == 1
    assert not IdempotencyRecord.objects.exists()
    other = call("post", body={"url": "https://other.example/"}, **name)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "http://shop.example/"}, "url"),
        ({"url": URL, "events": ["thing.unheard_of"]}, "events"),
    ],
)
def test_what_cannot_be_right_is_a_problem_beside_its_input(call, body, field):
    answer = call("post", body=body)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not WebhookEndpoint.objects.exists()


def test_what_is_left_out_of_an_edit_stays(call):
    endpoint = WebhookEndpointFactory(description="Shop")
    told = call("patch", f"/{endpoint.key}", {"url": "https://new.example/"}).json()
    assert (told["url"], told["description"]) == ("https://new.example/", "Shop")


def test_it_is_paused_resumed_and_removed(call):
    endpoint = WebhookEndpointFactory()
    one = f"/{endpoint.key}"
    assert call("post", f"{one}/pause", {"reason": "They move house"}).json()["state_reason"] == "They move house"
    assert call("post", f"{one}/pause").json()["code"] == "refused"
    assert call("post", f"{one}/resume").json()["state"] == "active"
    assert call("delete", one).status_code == 204
    assert call("get", one).json()["code"] == "not_found"


def test_a_secret_is_renewed_and_shown_once(call):
    endpoint = WebhookEndpointFactory()
    answer = call("post", f"/{endpoint.key}/rotate-secret", **{"Idempotency-Key": "one"})
    told = answer.json()
    assert told["secret"] == newest_secret(endpoint)
    assert datetime.fromisoformat(told["former_signs_until"]) == AT + timedelta(hours=24)
    assert not IdempotencyRecord.objects.exists()


def test_a_ping_is_read_again_with_its_tries(call):
    endpoint = WebhookEndpointFactory()
    told = call("post", f"/{endpoint.key}/ping")
    assert (told.status_code, told.json()["state"]) == (202, "waiting")
    tried(endpoint, NO, at=AT)
    one = call("get", f"/{endpoint.key}/messages/{told.json()['id']}").json()
    assert (one["event"], one["tries"]) == ("webhook.ping", 1)
    (attempt,) = one["attempts"]
    assert (attempt["status"], attempt["outcome"], attempt["response"]) == (500, "failed", "Oh")
    assert datetime.fromisoformat(one["next_try_at"]) == AT + timedelta(seconds=5)


def test_messages_come_in_pages_the_newest_first(call):
    endpoint = WebhookEndpointFactory()
    WebhookMessageFactory(endpoint=WebhookEndpointFactory())
    made = [f"msg_{WebhookMessageFactory(endpoint=endpoint).message_id.hex}" for _ in range(3)]
    page = call("get", f"/{endpoint.key}/messages?limit=2").json()
    assert [one["id"] for one in page["messages"]] == [made[2], made[1]]
    rest = call("get", f"/{endpoint.key}/messages?before={page['next_before']}").json()
    assert ([one["id"] for one in rest["messages"]], rest["next_before"]) == ([made[0]], None)


def test_messages_go_again_one_or_all_since_a_moment(call):
    endpoint = WebhookEndpointFactory()
    WebhookMessageFactory(endpoint=endpoint, created_at=AT)
    sent = tried(endpoint, OK, at=AT)
    again = call("post", f"/{endpoint.key}/messages/msg_{sent.message_id.hex}/replay")
    assert (again.status_code, again.json()["state"], len(again.json()["attempts"])) == (202, "waiting", 1)
    Outbound.objects.update(state="dead")
    since = call("post", f"/{endpoint.key}/replay", {"since": AT.isoformat()})
    assert (since.status_code, since.json()) == (202, {"messages": 1})


@pytest.mark.parametrize("message", ["msg_00000000000000000000000000000007", "msg_", "x", "msg_zz"])
def test_another_endpoints_message_and_none_at_all_look_alike(call, message):
    endpoint = WebhookEndpointFactory()
    assert call("get", f"/{endpoint.key}/messages/{message}").status_code == 404
    other = WebhookMessageFactory(endpoint=WebhookEndpointFactory())
    assert call("get", f"/{endpoint.key}/messages/msg_{other.message_id.hex}").status_code == 404


def test_every_event_is_told_with_its_words(call):
    events = call("get", "/events").json()["events"]
    assert "webhook.ping" in [event["event"] for event in events]
    assert all(event["words"] for event in events)


def test_another_scope_opens_nothing():
    key = issue(name="Other", scopes=["licences:use"], by=SYSTEM, at=AT, expires_at=None)[1]
    for method, path in (("get", ""), ("post", ""), ("get", "/events"), ("post", "/we_1/ping")):
        answer = getattr(Client(), method)(ALL + path, headers={"Authorization": f"Bearer {key}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_what_no_database_keeps_is_left_out(call):
    key = call("post", body={"url": URL, "description": "Sh\x00op", "account": "ac\x00me"}).json()["key"]
    assert call("patch", f"/{key}", {"description": "The\x00 shop", "account": "be\x00ta"}).status_code == 200
    told = call("post", f"/{key}/pause", {"reason": "Off\x00line"}).json()
    assert (told["description"], told["account"], told["state_reason"]) == ("The shop", "beta", "Offline")
    assert len(call("get", "?account=be%00ta").json()["endpoints"]) == 1
    assert call("get", "/%00").status_code == 404
