"""Codes and caps over HTTP: what shops and portals do for a customer, in words a program can act on."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from catalog.actions.promo_codes import stop_code
from catalog.models.offer import Gift
from entitlements.actions.redemptions import revoke_redemption
from entitlements.models import Account, Redemption, SpendCap
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.catalog.factories import MarketFactory
from tests.entitlements.shop import Shop, code, shop, storage_code
from tests.entitlements.world import AT, DAY, GB, account, subscribed, value

pytestmark = pytest.mark.django_db
READ, REDEEM, CAPS = "entitlements:read", "redemptions:write", "spend_caps:write"


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def sold() -> Shop:
    return shop()


@pytest.fixture
def acme(sold: Shop) -> Account:
    held_by = account("acme", external_ids=[("own", "C-1")])
    subscribed(held_by, sold.catalog.free)
    return held_by


def call(method: str, path: str, body: Any = None, *, scope: str, **query: str) -> Any:
    _row, plain = issue(name="Web shop", scopes=[scope], by=SYSTEM, at=AT - DAY, expires_at=None)
    told = {} if body is None else {"data": body, "content_type": "application/json"}
    headers = {"Authorization": f"Bearer {plain}"}
    return getattr(Client(), method)(f"/api/v1/accounts/{path}", headers=headers, query_params=query, **told)


def redeem(typed: str = "more-gb", key: str = "acme", *, scope: str = REDEEM) -> Any:
    return call("post", f"{key}/redemptions", {"code": typed}, scope=scope)


def problem(response: Any, status: int, code: str) -> str:
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("application/problem+json")
    body = response.json()
    assert (body["status"], body["code"]) == (status, code)
    return str(body["detail"])


def test_a_code_is_used_and_what_it_gives_is_there_with_the_answer(sold: Shop, acme: Account) -> None:
    storage_code(sold.catalog.storage)
    response = redeem("more gb")
    assert response.status_code == 201
    body = response.json()
    assert (body["code"], body["kind"]) == ("MORE-GB", "override")
    assert body["gives"] == "Storage: 20 GB more for 14 days"
    assert (body["redeemed_at"], body["ends_at"]) == ("2026-03-02T09:00:00Z", "2026-03-16T09:00:00Z")
    assert value(acme, "storage", AT) == 21 * GB
    assert AuditEvent.objects.get(verb="promo_code:redeem").actor_name == "Web shop"


def test_by_another_system_s_id(sold: Shop, acme: Account) -> None:
    storage_code(sold.catalog.storage)
    assert redeem(key="own:C-1").status_code == 201


def test_an_item_says_when_it_ends_and_a_trial_of_its_own_does_not(sold: Shop, acme: Account) -> None:
    code(gives=Gift.ADD_ON, plan=sold.ipv4, max_per_account=2)
    assert redeem("spring-26").json()["ends_at"] == "2026-04-01T08:00:00Z"
    code("TRY", plan=sold.catalog.team)
    account("prospect")
    assert redeem("try", "prospect").json()["ends_at"] is None


def test_what_was_used_is_listed_with_what_was_taken_back(sold: Shop, acme: Account) -> None:
    storage_code(sold.catalog.storage)
    redeem()
    listed = call("get", "acme/redemptions", scope=READ).json()
    assert [(row["code"], row["revoked_at"]) for row in listed["redemptions"]] == [("MORE-GB", None)]
    revoke_redemption(redemption=Redemption.objects.get(), reason="Mistake", by=SYSTEM, at=AT)
    (row,) = call("get", "acme/redemptions", scope=READ).json()["redemptions"]
    assert row["revoked_at"] == "2026-03-02T09:00:00Z"


def test_the_same_request_again_uses_nothing_more(sold: Shop, acme: Account) -> None:
    storage_code(sold.catalog.storage)
    redeem()
    assert "once" in problem(redeem(), 409, "code_used_by_account")
    assert Redemption.objects.count() == 1


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ({"starts_at": AT + DAY}, "code_not_yet"),
        ({"ends_at": AT}, "code_expired"),
        ({"max_redemptions": 1}, "code_used_up"),
        ({"market": "Asia"}, "code_of_other_market"),
        ({"stopped": True}, "code_stopped"),
    ],
)
def test_each_reason_why_not_has_a_code_of_its_own(sold: Shop, acme: Account, terms: dict[str, Any], kind: str) -> None:
    stopped = terms.pop("stopped", False) if "stopped" in terms else False
    if "market" in terms:
        terms = {"market": MarketFactory(name=terms["market"])}
    made = storage_code(sold.catalog.storage, **terms)
    if stopped:
        stop_code(code=made, reason="Leaked", by=SYSTEM, at=AT - DAY)
    if kind == "code_used_up":
        account("first")
        redeem(key="first")
    assert "MORE-GB" in problem(redeem(), 409, kind)


def test_what_it_would_give_must_have_a_place(sold: Shop, acme: Account) -> None:
    code(gives=Gift.ADD_ON, plan=sold.ipv4)
    code("FREE", plan=sold.catalog.free)
    account("empty")
    problem(redeem("spring-26", "empty"), 409, "nothing_to_add_to")
    problem(redeem("free"), 409, "has_it_already")


def test_what_does_not_exist_is_not_found(sold: Shop, acme: Account) -> None:
    storage_code(sold.catalog.storage)
    problem(redeem("nothing"), 404, "unknown_code")
    problem(redeem(key="nobody"), 404, "not_found")


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": "x" * 81}, {"code": 5}, []])
def test_what_cannot_be_read_is_named(sold: Shop, acme: Account, body: Any) -> None:
    problem(call("post", "acme/redemptions", body, scope=REDEEM), 422, "invalid")


@pytest.mark.parametrize("scope", [READ, CAPS])
def test_a_key_for_something_else_uses_no_code(sold: Shop, acme: Account, scope: str) -> None:
    storage_code(sold.catalog.storage)
    problem(redeem(scope=scope), 403, "not_allowed")
    assert not Redemption.objects.exists()


def put(body: dict[str, Any], *, scope: str = CAPS) -> Any:
    return call("put", "acme/spend-caps", body, scope=scope)


def caps() -> list[dict[str, Any]]:
    return call("get", "acme/spend-caps", scope=READ).json()["spend_caps"]


def test_caps_are_set_read_and_lifted(sold: Shop, acme: Account) -> None:
    assert put({"amount": "100.50"}).json() == {
        "feature": None, "amount": "100.5", "currency": "USD", "words": "$100.50",
    }  # fmt: skip
    put({"feature": "storage", "amount": 20, "currency": "EUR"})
    assert [(cap["feature"], cap["words"]) for cap in caps()] == [(None, "$100.50"), ("storage", "€20")]
    assert call("delete", "acme/spend-caps", scope=CAPS, feature="storage").status_code == 204
    assert call("delete", "acme/spend-caps", scope=CAPS).status_code == 204
    assert caps() == []


def test_the_same_cap_again_changes_nothing(sold: Shop, acme: Account) -> None:
    put({"amount": "100"})
    put({"amount": "100.00"})
    assert SpendCap.objects.get().history.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {}, {"amount": "-1"}, {"amount": "much"}, {"amount": "1e30"}, {"amount": "1", "currency": "usd"},
        {"amount": "0.0000001"},
    ],
)  # fmt: skip
def test_a_cap_that_cannot_be_is_refused_by_name(sold: Shop, acme: Account, body: dict[str, Any]) -> None:
    problem(put(body), 422, "invalid")
    assert not SpendCap.objects.exists()


def test_a_cap_on_what_is_unknown_is_not_found(sold: Shop, acme: Account) -> None:
    problem(put({"feature": "nothing", "amount": "1"}), 404, "not_found")
    problem(call("delete", "acme/spend-caps", scope=CAPS), 404, "not_found")
    problem(call("delete", "acme/spend-caps", scope=CAPS, feature="nothing"), 404, "not_found")


@pytest.mark.parametrize("scope", [READ, REDEEM])
def test_a_key_for_something_else_sets_no_cap(sold: Shop, acme: Account, scope: str) -> None:
    problem(put({"amount": "1"}, scope=scope), 403, "not_allowed")
    problem(call("delete", "acme/spend-caps", scope=scope), 403, "not_allowed")


def test_writing_keys_do_not_read(sold: Shop, acme: Account) -> None:
    problem(call("get", "acme/spend-caps", scope=CAPS), 403, "not_allowed")
    problem(call("get", "acme/redemptions", scope=REDEEM), 403, "not_allowed")
