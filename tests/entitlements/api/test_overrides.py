"""Overrides over HTTP: asked for, edited, renewed, revoked and withdrawn, in words a program can act on."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from entitlements.domain.facts import Mode
from entitlements.models import Account, Override
from journal.actions import approvals
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from journal.models import Approval, AuditEvent
from tests.catalog.factories import RolesFactory
from tests.conftest import actor
from tests.entitlements.factories import ReasonCodeFactory, overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed, value

pytestmark = pytest.mark.django_db
READ, WRITE = "entitlements:read", "overrides:write"
BODY = {"feature": "storage", "mode": "add", "value": "20 GB", "through_on": "2026-03-31", "reason": "Migration"}


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


@pytest.fixture
def more(acme: Account, world: Catalog) -> Override:
    """20 GB more, through 31 March."""
    told = {"through_on": date(2026, 3, 31), "typed_unit": "GB"}
    return overridden(acme, world.storage, Mode.ADD, 20 * GB, at=AT - DAY, **told)


@pytest.fixture
def shop(db: None) -> str:
    """The key of one program, which asks and changes its mind."""
    return issue(name="Web shop", scopes=[WRITE], by=SYSTEM, at=AT - DAY, expires_at=None)[1]


def call(method: str, path: str = "", body: Any = None, *, key: str = "", scope: str = WRITE) -> Any:
    key = key or issue(name="Partner", scopes=[scope], by=SYSTEM, at=AT - DAY, expires_at=None)[1]
    told = {} if method == "get" else {"data": body or {}, "content_type": "application/json"}
    page = f"/api/v1/accounts/{'' if path.startswith('own:') else 'acme/overrides'}{path}"
    return getattr(Client(), method)(page, headers={"Authorization": f"Bearer {key}"}, **told)


def told(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return response.json()


def problem(response: Any, status: int, code: str, field: str = "") -> str:
    assert response.headers["Content-Type"].startswith("application/problem+json")
    body = told(response, status)
    assert body["code"] == code
    assert not field or field in {one["field"] for one in body["errors"]}
    return str(body["detail"])


def granted_by_policy(request_id: int) -> None:
    approvals.approve(approval=Approval.objects.get(pk=request_id), by=actor("finance"), at=AT)


def test_what_a_key_asks_for_waits_and_changes_nothing(acme: Account, shop: str) -> None:
    waits = told(call("post", body=BODY, key=shop), 202)
    assert "Storage + 20 GB through 31 March 2026" in waits["summary"]
    assert (waits["override"]["state"], waits["override"]["requested_by"]) == ("waiting", "Web shop")
    assert value(acme, "storage", AT) == 100 * GB
    granted_by_policy(waits["approval"])
    assert value(acme, "storage", AT) == 120 * GB
    now = told(call("get", f"/{waits['override']['id']}", scope=READ))
    assert (now["state"], now["approved_by"], now["ends_at"]) == (
        "in_force",
        "Finance Person",
        "2026-03-31T22:00:00Z",
    )


def test_one_is_told_as_it_stands(more: Override) -> None:
    one = told(call("get", f"/{more.pk}", scope=READ))
    assert (one["feature"], one["mode"], one["value"], one["unit"]) == ("storage", "add", 20 * 10**9, "B")
    assert one["words"] == "+ 20 GB through 31 March 2026 (Europe/Amsterdam)"
    assert (one["through_on"], one["zone"], one["subscription"]) == ("2026-03-31", "Europe/Amsterdam", None)


def test_they_are_listed_by_state_and_by_another_system_s_id(more: Override) -> None:
    assert [one["id"] for one in told(call("get", "own:C-1/overrides", scope=READ))["overrides"]] == [more.pk]
    assert told(call("get", "?state=in_force", scope=READ))["overrides"][0]["id"] == more.pk
    assert told(call("get", "?state=waiting", scope=READ))["overrides"] == []
    problem(call("get", "?state=gone", scope=READ), 422, "invalid")


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"value": 5 * 10**9}, 5 * GB),
        ({"value": "Unlimited", "mode": "replace"}, None),
        ({"feature": "sso", "mode": "replace", "value": True}, True),
        ({"feature": "sso", "mode": "deny", "value": None}, None),
        ({"feature": "tier", "mode": "at_most", "value": "basic", "subscription": 1}, "basic"),
        ({"feature": "roles", "mode": "replace", "value": ["owner"]}, frozenset({"owner"})),
    ],
)
def test_values_are_said_as_people_say_them(acme: Account, change: dict[str, Any], kept: Any) -> None:
    RolesFactory(key="roles", name="Roles")
    told(call("post", body={**BODY, **change}), 202)
    override = Override.objects.get()
    assert override.unlimited if change["value"] == "Unlimited" else override.value == kept


@pytest.mark.parametrize(
    ("change", "status", "code", "field", "words"),
    [
        ({"feature": "nothing"}, 422, "invalid", "feature", "No feature has the key"),
        ({"value": "fifty"}, 422, "invalid", "value", "is no amount"),
        ({"value": None}, 422, "invalid", "value", "Say what Storage becomes"),
        ({"value": True}, 422, "invalid", "value", "Only a feature gate is true"),
        ({"value": ["a"]}, 422, "invalid", "value", "not a value"),
        ({"value": -1}, 422, "invalid", "", "value"),
        ({"mode": "sideways"}, 422, "invalid", "told.mode", "mode"),
        ({"feature": "sso", "mode": "add", "value": True}, 409, "refused", "mode", "can't be changed in this way"),
        ({"mode": "deny"}, 409, "refused", "value", "takes no value"),
        ({"through_on": "2026-03-01"}, 409, "refused", "through_on", "over already"),
        ({"through_on": None}, 409, "refused", "through_on", "needs a last day"),
        ({"subscription": 9}, 422, "invalid", "subscription", "no subscription 9"),
        ({"reason": ""}, 422, "invalid", "told.reason", "reason"),
        ({"reason_code": "none"}, 422, "invalid", "reason_code", "no reason"),
        ({"link": "nowhere"}, 422, "invalid", "told.link", "link"),
    ],
)
def test_what_cannot_be_granted_is_a_problem_beside_its_field(
    acme: Account, change: dict[str, Any], status: int, code: str, field: str, words: str
) -> None:
    assert words in problem(call("post", body={**BODY, **change}), status, code, field)
    assert not Override.objects.exists()


def test_while_there_is_a_list_a_reason_of_it_is_named(acme: Account) -> None:
    ReasonCodeFactory(key="deal", name="Negotiated deal")
    assert "from the list" in problem(call("post", body=BODY), 422, "invalid", "reason_code")
    assert told(call("post", body={**BODY, "reason_code": "deal"}), 202)["override"]["reason_code"] == "deal"


def test_an_edit_waits_beside_the_old_one(acme: Account, more: Override) -> None:
    waits = told(call("post", f"/{more.pk}/edit", {"value": "30 GB", "reason": "More"}), 202)
    successor = waits["override"]
    assert (successor["follows"], successor["through_on"]) == (more.pk, "2026-03-31")
    assert value(acme, "storage", AT) == 120 * GB
    granted_by_policy(waits["approval"])
    assert value(acme, "storage", AT) == 130 * GB


def test_only_the_link_is_changed_at_once(more: Override) -> None:
    link = "https://crm.example/deal/2"
    edited = told(call("post", f"/{more.pk}/edit", {"link": link, "reason": "The deal"}), 201)
    assert (edited["id"], edited["link"]) == (more.pk, link)


def test_a_renewal_waits_and_begins_where_it_ends(more: Override) -> None:
    body = {"through_on": "2026-04-30", "reason": "Longer"}
    again = told(call("post", f"/{more.pk}/renew", body), 202)["override"]
    assert (again["starts_at"], again["follows"]) == ("2026-03-31T22:00:00Z", more.pk)


def test_a_renewal_that_is_not_longer_is_a_problem(more: Override) -> None:
    body = {"through_on": "2026-03-31", "reason": "Longer"}
    assert "later day" in problem(call("post", f"/{more.pk}/renew", body), 422, "invalid", "through_on")


def test_it_is_revoked_with_the_answer(acme: Account, more: Override) -> None:
    over = told(call("post", f"/{more.pk}/revoke", {"reason": "Over"}))
    assert (over["state"], over["revoked_by"]) == ("revoked", "Partner")
    assert value(acme, "storage", AT) == 100 * GB
    assert AuditEvent.objects.get(verb="override:revoke").reason == "Over"


def test_what_holds_a_customer_down_no_program_lifts(acme: Account, world: Catalog) -> None:
    cap = overridden(acme, world.sso, Mode.DENY, at=AT - DAY)
    detail = problem(call("post", f"/{cap.pk}/revoke", {"reason": "Over"}), 403, "not_allowed")
    assert "gives the customer something back" in detail


@pytest.mark.parametrize("path", ["edit", "renew", "revoke"])
def test_changed_since_it_was_read_is_stale(more: Override, path: str) -> None:
    version = told(call("get", f"/{more.pk}", scope=READ))["version"]
    call("post", f"/{more.pk}/edit", {"link": "https://crm.example/1", "reason": "The deal"})
    body = {"value": "30 GB"} if path == "edit" else {"through_on": "2026-04-30"} if path == "renew" else {}
    problem(call("post", f"/{more.pk}/{path}", {**body, "reason": "More", "seen": version}), 409, "stale")


def test_a_program_withdraws_its_own_request(acme: Account, shop: str) -> None:
    one = told(call("post", body=BODY, key=shop), 202)["override"]
    assert "Only the one who asked" in problem(call("post", f"/{one['id']}/withdraw"), 403, "not_allowed")
    assert told(call("post", f"/{one['id']}/withdraw", {"reason": "No"}, key=shop))["state"] == "withdrawn"
    assert "nothing to withdraw" in problem(call("post", f"/{one['id']}/withdraw", key=shop), 409, "refused")


def test_reading_keys_only_read(more: Override) -> None:
    for path in ("", f"/{more.pk}/edit", f"/{more.pk}/renew", f"/{more.pk}/revoke", f"/{more.pk}/withdraw"):
        problem(call("post", path, {**BODY, "through_on": "2026-04-30"}, scope=READ), 403, "not_allowed")
    problem(call("get", scope=WRITE), 403, "not_allowed")


def test_another_customer_s_is_not_found(more: Override) -> None:
    account("other")
    other = overridden(account("third"), more.feature, Mode.ADD, GB, at=AT - DAY)
    problem(call("get", f"/{other.pk}", scope=READ), 404, "not_found")
    problem(call("post", f"/{other.pk}/revoke", {"reason": "Over"}), 404, "not_found")
