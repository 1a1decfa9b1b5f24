"""Contracts over HTTP: drafted as one document, signed by a person's yes, amended, and ended."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from entitlements.models import Account, Contract, ContractLine, ContractVersion
from entitlements.models.contract import ContractState
from journal.actions import approvals
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from journal.models import Approval
from tests.conftest import actor
from tests.entitlements.agreed import agreed, amended, drafted, plan_line, signed
from tests.entitlements.factories import ReasonCodeFactory
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, value

pytestmark = pytest.mark.django_db
READ, WRITE = "entitlements:read", "contracts:write"


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def world() -> Catalog:
    return catalog()


@pytest.fixture
def acme(world: Catalog) -> Account:
    return account("acme", external_ids=[("own", "C-1")])


def call(method: str, path: str = "", body: Any = None, *, scope: str = WRITE) -> Any:
    _row, plain = issue(name="CRM", scopes=[scope], by=SYSTEM, at=AT - DAY, expires_at=None)
    told = {} if method == "get" else {"data": body or {}, "content_type": "application/json"}
    address = f"/api/v1/accounts/acme/contracts{path}"
    return getattr(Client(), method)(address, headers={"Authorization": f"Bearer {plain}"}, **told)


def told(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return response.json()


def problem(response: Any, status: int, code: str) -> Any:
    assert response.headers["Content-Type"].startswith("application/problem+json")
    body = told(response, status)
    assert body["code"] == code
    return body


YEAR = {"term_months": 12, "renewal": "renews", "renewal_months": 12, "notice_days": 30}


def test_the_list_says_what_each_promises_and_which_term_runs(acme: Account, world: Catalog) -> None:
    agreed(acme, world.team)
    (one,) = told(call("get", scope=READ))["contracts"]
    assert (one["number"], one["state"], one["version"], one["ends_at"]) == ("C-2026-0001", "in_force", 1, None)
    assert one["term"]["words"] == "first term, 2 March 2026 through 1 March 2027 (Europe/Amsterdam)"
    assert (one["term"]["renews"], one["term"]["notice_until"]) == (True, "2027-01-30T23:00:00Z")
    (line,) = one["versions"][0]["lines"]
    assert (line["number"], line["words"], line["plan"], line["quantity"]) == (1, "1 × Team", "team", 1)
    assert one["subscription"] == 1


def test_one_as_it_was_known_before_it_was_there(acme: Account, world: Catalog) -> None:
    agreed(acme, world.team)
    assert told(call("get", "?known_at=2026-03-01T09:00:00Z", scope=READ))["contracts"] == []
    gone = call("get", "/C-2026-0001?known_at=2026-03-01T09:00:00Z", scope=READ)
    assert "was not known yet" in problem(gone, 404, "not_found")["detail"]
    assert told(call("get", "/C-2026-0001", scope=READ))["name"] == "Framework agreement"


def test_one_is_opened_with_an_empty_draft(acme: Account) -> None:
    made = told(call("post", body={"name": "Framework", "number": "F-7"}), 201)
    assert (made["number"], made["state"], made["versions"][0]["state"]) == ("F-7", "draft", "draft")
    again = problem(call("post", body={"name": "Framework", "number": "F-7"}), 422, "invalid")
    assert again["errors"] == [{"field": "key", "detail": "There is a contract F-7 already."}]


def test_the_draft_is_written_as_one_document(acme: Account, world: Catalog) -> None:
    drafted(acme, key="F-7")
    ReasonCodeFactory(key="win_back")
    plan = {"plan": "team", "quantity": 5, "interval": "year", "note": "For the group"}
    room = {"feature": "storage", "mode": "at_least", "value": "500 GB", "through_on": "2026-12-31"}
    body = {**YEAR, "effective_on": "2026-04-01", "reason_code": "win_back", "lines": [plan, room]}
    version = told(call("put", "/F-7/draft", body))
    assert (version["effective_on"], version["renewal_months"], version["reason_code"]) == (
        "2026-04-01",
        12,
        "win_back",
    )
    assert [line["words"] for line in version["lines"]] == [
        "5 × Team, paid by the year",
        "Storage: at least 500 GB, through 31 December 2026",
    ]


def test_a_line_with_a_number_replaces_it_and_one_left_out_is_taken_out(acme: Account, world: Catalog) -> None:
    version = drafted(acme, key="F-7")
    for plan in (world.free, world.team):
        plan_line(version, plan)
    body = {**YEAR, "lines": [{"number": 2, "plan": "team", "quantity": 3}, {"feature": "sso", "mode": "deny"}]}
    assert [line["number"] for line in told(call("put", "/F-7/draft", body))["lines"]] == [2, 3]
    kept = ContractLine.objects.get(number=2)
    assert (kept.plan, kept.quantity) == (world.team, 3)


def test_what_is_wrong_is_told_of_every_line_and_nothing_is_written(acme: Account, world: Catalog) -> None:
    plan_line(drafted(acme, key="F-7"), world.team)
    wrong = [
        {"plan": "gold"},
        {"feature": "storage", "mode": "add", "value": "lots"},
        {"feature": "sso", "mode": "add"},
        {"plan": "team", "feature": "sso", "mode": "replace"},
        {"number": 9, "plan": "team"},
        {"plan": "team", "starts_on": "2026-05-02", "through_on": "2026-05-01"},
    ]
    refused = problem(call("put", "/F-7/draft", {**YEAR, "renewal_months": None, "lines": wrong}), 422, "invalid")
    assert [error["field"] for error in refused["errors"]] == [
        "renewal_months",
        "lines.0.plan",
        "lines.1.value",
        "lines.2.mode",
        "lines.3.plan",
        "lines.4.number",
        "lines.5.through_on",
    ]
    assert [line.plan for line in ContractLine.objects.all()] == [world.team]
    assert ContractVersion.objects.get().renewal_months == 12


def test_a_program_s_signing_waits_for_a_person(acme: Account, world: Catalog) -> None:
    plan_line(drafted(acme, key="F-7"), world.team)
    waits = told(call("post", "/F-7/sign"), 202)
    assert told(call("get", "/F-7", scope=READ))["state"] == "waiting"
    assert value(acme, "storage", AT) is None
    approvals.approve(approval=Approval.objects.get(pk=waits["approval"]), by=actor("finance"), at=AT)
    assert told(call("get", "/F-7", scope=READ))["state"] == "in_force"
    assert value(acme, "storage", AT) == 100 * GB


def test_what_waits_or_was_signed_is_not_written_again(acme: Account, world: Catalog) -> None:
    plan_line(drafted(acme, key="F-7"), world.team)
    call("post", "/F-7/sign")
    assert "waits for approval" in problem(call("put", "/F-7/draft", YEAR), 409, "not_a_draft")["detail"]
    contract = agreed(acme, world.free)
    refused = problem(call("put", f"/{contract.key}/draft", YEAR), 409, "not_a_draft")
    assert "amend it first" in refused["detail"]


def test_an_empty_draft_is_not_signed(acme: Account) -> None:
    drafted(acme, key="F-7")
    assert "Add a line first" in problem(call("post", "/F-7/sign"), 409, "refused")["detail"]


def test_it_is_amended_and_the_draft_given_up(acme: Account, world: Catalog) -> None:
    contract = agreed(acme, world.team)
    version = told(call("post", f"/{contract.key}/amend"), 201)
    assert (version["number"], version["state"], version["lines"][0]["plan"]) == (2, "draft", "team")
    assert problem(call("post", f"/{contract.key}/amend"), 409, "refused")
    assert told(call("delete", f"/{contract.key}/draft"))["state"] == "in_force"
    assert contract.versions.get(number=2).state == ContractState.DISCARDED


def test_an_amendment_to_come_stands_beside_what_is_in_force(acme: Account, world: Catalog) -> None:
    contract = agreed(acme, world.team)
    signed(amended(contract))
    found = told(call("get", f"/{contract.key}?at=2026-10-02T09:00:00Z", scope=READ))
    assert (found["version"], [v["number"] for v in found["versions"]]) == (2, [2, 1])
    assert told(call("get", f"/{contract.key}", scope=READ))["version"] == 1


def test_notice_is_given_and_taken_back(acme: Account, world: Catalog) -> None:
    contract = agreed(acme, world.team)
    ending = told(call("post", f"/{contract.key}/notice", {"said_by": "Bea Buyer"}))
    assert (ending["state"], ending["ends_at"], ending["notice_by"]) == ("ending", "2027-03-01T23:00:00Z", "Bea Buyer")
    assert problem(call("post", f"/{contract.key}/notice", {"said_by": "Bea"}), 409, "end_known")
    assert told(call("delete", f"/{contract.key}/notice"))["ends_at"] is None
    assert "nothing to take back" in problem(call("delete", f"/{contract.key}/notice"), 409, "refused")["detail"]


def test_it_is_ended_early(acme: Account, world: Catalog) -> None:
    contract = agreed(acme, world.team)
    past = call("post", f"/{contract.key}/end", {"ends_at": "2026-01-01T00:00:00Z", "reason": "Fraud"})
    assert problem(past, 422, "invalid")["errors"][0]["field"] == "ends_at"
    assert told(call("post", f"/{contract.key}/end", {"reason": "Fraud"}))["state"] == "ended"
    assert value(acme, "storage", AT) is None
    assert problem(call("post", f"/{contract.key}/amend"), 409, "contract_over")


def test_each_scope_opens_its_own_doors(acme: Account, world: Catalog) -> None:
    contract = agreed(acme, world.team)
    for path in ("", f"/{contract.key}/end", f"/{contract.key}/amend"):
        body = {"name": "Other", "reason": "Why not"}
        assert problem(call("post", path, body, scope="overrides:write"), 403, "not_allowed")
    assert problem(call("get", scope=WRITE), 403, "not_allowed")
    assert Contract.objects.get().ends_at is None


def test_a_contract_of_somebody_else_is_not_there(acme: Account, world: Catalog) -> None:
    other = agreed(account("other"), world.team, effective_on=date(2026, 3, 2))
    for method, path in (("get", ""), ("put", "/draft"), ("post", "/sign"), ("post", "/amend")):
        found = call(method, f"/{other.key}{path}", YEAR, scope=READ if method == "get" else WRITE)
        assert problem(found, 404, "not_found")
