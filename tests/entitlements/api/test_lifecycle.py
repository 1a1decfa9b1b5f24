"""Subscriptions over HTTP: started, changed, paused, cancelled and paid for, in words a program can act on."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from entitlements.models import Account, SubscriptionChange
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.catalog.factories import PlanFactory
from tests.entitlements.world import AT, DAY, Catalog, account, catalog, policy, publish_plan, subscribed, value

pytestmark = pytest.mark.django_db
READ, WRITE, PAY = "entitlements:read", "subscriptions:write", "payments:write"
RENEWAL = "2026-03-20T09:00:00Z"  # monthly since 20 February, 10:00 in Amsterdam


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def world() -> Catalog:
    return catalog()


@pytest.fixture
def acme(world: Catalog) -> Account:
    held_by = account("acme", external_ids=[("own", "C-1")])
    subscribed(held_by, world.team)
    return held_by


def call(method: str, path: str, body: Any = None, *, scope: str = WRITE) -> Any:
    _row, plain = issue(name="Web shop", scopes=[scope], by=SYSTEM, at=AT - DAY, expires_at=None)
    told = {} if method == "get" else {"data": body or {}, "content_type": "application/json"}
    return getattr(Client(), method)(f"/api/v1/accounts/{path}", headers={"Authorization": f"Bearer {plain}"}, **told)


def told(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return response.json()


def problem(response: Any, status: int, code: str) -> str:
    assert response.headers["Content-Type"].startswith("application/problem+json")
    body = told(response, status)
    assert body["code"] == code
    return str(body["detail"])


def listed() -> Any:
    return told(call("get", "own:C-1/subscriptions", scope=READ))["subscriptions"]


def test_the_list_says_where_each_stands_and_what_it_holds(acme: Account) -> None:
    (one,) = listed()
    assert (one["number"], one["state"], one["state_text"]) == (1, "active", "Active")
    assert (one["renews_at"], one["ends_at"], one["changes"]) == (RENEWAL, None, [])
    (item,) = one["items"]
    assert (item["plan"], item["name"], item["kind"], item["version"]) == ("team", "Team", "plan", 1)
    assert (item["quantity"], item["live"], item["lent"]) == (1, True, False)


def test_one_is_started(acme: Account) -> None:
    begun = told(call("post", "acme/subscriptions", {"plan": "free", "quantity": 2, "interval": "year"}), 201)
    assert (begun["number"], begun["state"], begun["items"][0]["quantity"]) == (2, "active", 2)
    assert AuditEvent.objects.filter(verb="subscription:start", actor_name="Web shop").exists()


def test_one_is_started_with_the_plan_s_own_trial(world: Catalog) -> None:
    policy()
    publish_plan(PlanFactory(key="pro", name="Pro"), {world.seats: 5}, trial_days=14)
    account("acme")
    begun = told(call("post", "acme/subscriptions", {"plan": "pro", "trial_days": 14, "with_card": True}), 201)
    assert (begun["state"], begun["with_card"], begun["trial_ends_at"]) == ("trial", True, "2026-03-16T09:00:00Z")


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"plan": "gold"}, 422, "invalid", "No plan has the key 'gold'"),
        ({"plan": "free", "quantity": 0}, 422, "invalid", "quantity"),
        ({"plan": "free", "starts_at": "2026-01-01T00:00:00Z"}, 409, "refused", "can't start in the past"),
        ({"plan": "free", "trial_days": 90}, 409, "refused", "more than you may give alone"),
    ],
)
def test_what_cannot_be_started_is_a_problem(
    acme: Account, body: dict[str, Any], status: int, code: str, words: str
) -> None:
    assert words in problem(call("post", "acme/subscriptions", body), status, code)


def test_the_plan_changes_at_the_renewal_and_is_called_off(acme: Account) -> None:
    body = {"plan": "free", "timing": "at_renewal", "proration": "credit", "reason": "Too dear"}
    change = told(call("post", "acme/subscriptions/1/change", body), 201)
    assert (change["words"], change["state"], change["effective_at"]) == ("Team → Free", "to_come", RENEWAL)
    assert change["proration"] == "credit"
    assert [one["id"] for one in listed()[0]["changes"]] == [change["id"]]
    assert problem(call("post", "acme/subscriptions/1/change", {"plan": "free"}), 409, "change_to_come")
    off = told(call("delete", f"acme/subscriptions/1/changes/{change['id']}"))
    assert off["state"] == "cancelled"
    assert problem(call("delete", f"acme/subscriptions/1/changes/{change['id']}"), 409, "change_over")


def test_cancelled_and_kept(acme: Account) -> None:
    change = told(call("post", "acme/subscriptions/1/cancel", {"timing": "now", "keep_days": 7}), 201)
    assert change["words"] == "Team is cancelled, access for 7 days more"
    assert listed()[0]["state"] == "winding_down"
    assert told(call("post", "acme/subscriptions/1/keep"))["state"] == "active"
    assert problem(call("post", "acme/subscriptions/1/keep"), 409, "move_not_permitted")


def test_paused_and_resumed(acme: Account) -> None:
    paused = told(call("post", "acme/subscriptions/1/pause", {"until": "2026-04-01T00:00:00Z"}))
    assert (paused["state"], paused["state_ends_at"]) == ("paused", "2026-04-01T00:00:00Z")
    assert told(call("post", "acme/subscriptions/1/resume"))["state"] == "active"
    assert "can't be resumed" in problem(call("post", "acme/subscriptions/1/resume"), 409, "move_not_permitted")


def test_a_payment_fails_and_comes(acme: Account) -> None:
    failed = told(call("post", "acme/subscriptions/1/payment-failed", {"grace_days": 5}, scope=PAY))
    assert (failed["state"], failed["state_ends_at"]) == ("grace", "2026-03-07T09:00:00Z")
    assert problem(call("post", "acme/subscriptions/1/payment-failed", scope=PAY), 409, "already_in_grace")
    assert told(call("post", "acme/subscriptions/1/payment", scope=PAY))["state"] == "active"


def test_each_scope_opens_its_own_doors(acme: Account) -> None:
    for path, scope in (
        ("acme/subscriptions/1/pause", PAY),
        ("acme/subscriptions/1/payment", WRITE),
        ("acme/subscriptions", READ),
    ):
        assert problem(call("post", path, {"plan": "free"}, scope=scope), 403, "not_allowed")
    assert not SubscriptionChange.objects.exists()


def test_a_subscription_of_somebody_else_is_not_there(world: Catalog, acme: Account) -> None:
    other = subscribed(account("other"), world.team)
    assert problem(call("post", "acme/subscriptions/2/pause"), 404, "not_found")
    change = told(call("post", "other/subscriptions/1/cancel", {"timing": "at_renewal"}), 201)
    assert problem(call("delete", f"acme/subscriptions/1/changes/{change['id']}"), 404, "not_found")
    assert value(other.account, "storage", AT) is not None


def test_a_trial_is_extended_by_people_and_converted_by_programs(world: Catalog) -> None:
    policy()
    subscribed(account("acme"), world.team, trial_days=14)
    waits = told(call("post", "acme/subscriptions/1/trial/extend", {"days": 3, "reason": "Holidays"}), 202)
    assert "Extend the trial of Acme" in waits["summary"]
    converted = told(call("post", "acme/subscriptions/1/trial/convert"))
    assert converted["state"] == "active"
    assert problem(call("post", "acme/subscriptions/1/trial/convert"), 409, "no_running_trial")
