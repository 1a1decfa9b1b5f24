"""Accounts over HTTP: opened, found, edited, and what they are found by."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.catalog.factories import MarketFactory
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

pytestmark = pytest.mark.django_db
READ, WRITE = "entitlements:read", "accounts:write"


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def call(method: str, path: str = "", body: Any = None, *, scope: str = WRITE, **query: str) -> Any:
    _row, plain = issue(name="Sign-up", scopes=[scope], by=SYSTEM, at=AT - DAY, expires_at=None)
    told = {} if body is None else {"data": body, "content_type": "application/json"}
    headers = {"Authorization": f"Bearer {plain}"}
    return getattr(Client(), method)(f"/api/v1/accounts{path}", headers=headers, query_params=query, **told)


def refused(response: Any, status: int, code: str, field: str = "") -> str:
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert not field or field in str(body), body
    return str(body)


def test_one_is_opened_with_what_it_is_found_by() -> None:
    MarketFactory(key="europe")
    account("seller", kind="partner")
    given = {"key": "acme", "name": "Acme", "zone": "Europe/Amsterdam", "market": "europe", "reseller": "seller"}
    ids = [{"system": "domain", "value": "acme.example"}, {"system": "stripe", "value": "cus_1"}]
    response = call("post", body=given | {"identifiers": ids})
    assert response.status_code == 201, response.json()
    body = response.json()
    assert (body["sales_channel"], body["standing"]) == ("reseller", "open")
    assert [one["value"] for one in body["identifiers"]] == ["acme.example", "cus_1"]
    assert account_by_key("stripe:cus_1").key == "acme"
    assert AuditEvent.objects.get(verb="account:open", account_key="acme").actor_name == "Sign-up"


def test_all_of_it_or_nothing() -> None:
    account("beta", external_ids=[("stripe", "cus_1")])
    ids = [{"system": "stripe", "value": "cus_1"}]
    response = call("post", body={"key": "acme", "name": "Acme", "identifiers": ids})
    assert "is Beta (beta) already" in refused(response, 422, "invalid", "value")
    assert not Account.objects.filter(key="acme").exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"market": "nowhere"}, "market"),
        ({"owner": "nemo"}, "owner"),
        ({"parent": "nobody"}, "parent"),
        ({"reseller": "nobody"}, "reseller"),
        ({"zone": "Amsterdam"}, "zone"),
        ({"country": "XX"}, "country"),
    ],
)
def test_what_is_not_known_is_refused_beside_its_input(given: dict[str, str], field: str) -> None:
    refused(call("post", body={"key": "acme", "name": "Acme"} | given), 422, "invalid", field)


def test_a_key_is_taken_once() -> None:
    account("acme")
    assert call("post", body={"key": "acme", "name": "Another"}).status_code == 422


def test_who_it_is_by_any_of_its_ids() -> None:
    account("acme", external_ids=[("own", "C-1")], country="NL")
    for key in ("acme", "own:C-1", "C-1"):
        body = call("get", f"/{key}", scope=READ).json()
        assert (body["key"], body["country"], body["kind"], body["parent"]) == ("acme", "NL", "customer", None)


def test_they_are_found_by_whatever_is_known() -> None:
    account("acme", name="Acme BV", external_ids=[("stripe", "cus_1")])
    account("other")
    for text in ("acme b", "cus_1", "stripe:cus_1"):
        found = call("get", scope=READ, search=text).json()["accounts"]
        assert [one["key"] for one in found] == ["acme"], text


def test_only_what_is_sent_is_changed() -> None:
    parent = account("group")
    account("acme", country="NL", parent=parent)
    body = call("patch", "/acme", {"name": "Acme Holding", "parent": None, "reason": "Sold"}).json()
    assert (body["name"], body["country"], body["parent"]) == ("Acme Holding", "NL", None)
    assert AuditEvent.objects.get(verb="account:edit").reason == "Sold"


def test_a_name_is_not_taken_away() -> None:
    account("acme")
    refused(call("patch", "/acme", {"name": None}), 422, "invalid", "name")


def test_a_family_makes_no_loop() -> None:
    top = account("top")
    account("kid", parent=top)
    assert call("patch", "/top", {"parent": "kid"}).json()["code"] == "family_loop"


def test_what_has_no_end_keeps_an_account_from_being_internal() -> None:
    subscribed(account("acme"), catalog().team)
    refused(call("patch", "/acme", {"kind": "internal"}), 422, "invalid", "kind")


def test_a_subscription_of_an_internal_account_needs_an_end() -> None:
    catalog()
    account("staff", kind="internal")
    _row, plain = issue(name="Tools", scopes=["subscriptions:write"], by=SYSTEM, at=AT - DAY, expires_at=None)
    told = {"headers": {"Authorization": f"Bearer {plain}"}, "content_type": "application/json"}
    path = "/api/v1/accounts/staff/subscriptions"
    refused(Client().post(path, {"plan": "team"}, **told), 422, "invalid", "ends_at")
    assert Client().post(path, {"plan": "team", "ends_at": "2026-06-01T00:00:00Z"}, **told).status_code == 201


def test_identifiers_are_added_and_removed() -> None:
    account("acme")
    made = call("post", "/acme/identifiers", {"system": "hubspot", "value": "77"})
    assert made.status_code == 201
    assert call("delete", f"/acme/identifiers/{made.json()['id']}").status_code == 204
    assert call("delete", f"/acme/identifiers/{made.json()['id']}").status_code == 404


def test_another_account_s_identifier_is_not_found() -> None:
    account("acme")
    row = account("beta", external_ids=[("own", "1")]).identifiers.get(kind="external")
    assert call("delete", f"/acme/identifiers/{row.pk}").status_code == 404


@pytest.mark.parametrize(("method", "path"), [("post", ""), ("patch", "/acme"), ("post", "/acme/identifiers")])
def test_who_only_reads_writes_nothing(method: str, path: str) -> None:
    account("acme")
    assert call(method, path, {}, scope=READ).status_code == 403


def test_nobody_asks_without_a_key() -> None:
    assert Client().get("/api/v1/accounts", {"search": "acme"}).status_code == 401
