"""Limits of users and agents, and use started again, over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from entitlements.models import Account, SubjectLimit, UsageReset
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.entitlements.using import Metered, customer, metered, use
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
READ, WRITE, RESET = "entitlements:read", "usage:write", "usage:reset"
ANN = "acme/subject-limits/calls/user:ann"


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def world() -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    return customer(world, external_ids=[("own", "C-1")])


def call(method: str, path: str, body: Any = None, *, scope: str = WRITE, **headers: str) -> Any:
    _row, plain = issue(name="Agent shop", scopes=[scope], by=SYSTEM, at=AT - DAY, expires_at=None)
    told = {} if body is None else {"data": body, "content_type": "application/json"}
    headers = {"Authorization": f"Bearer {plain}", **headers}
    return getattr(Client(), method)(f"/api/v1/accounts/{path}", headers=headers, **told)


def problem(response: Any) -> tuple[int, str]:
    assert response.headers["Content-Type"].startswith("application/problem+json")
    return response.status_code, response.json()["code"]


def test_a_limit_is_set_read_and_lifted(acme: Account) -> None:
    told = call("put", ANN, {"amount": 50, "reason": "Guest"})
    assert told.status_code == 200
    assert told.json() == {"feature": "calls", "subject": "user:ann", "amount": 50, "in_all": False,
                           "starts_at": "2026-03-02T09:00:00Z", "ends_at": None}  # fmt: skip
    assert call("get", ANN, scope=READ).json() == told.json()
    assert call("delete", ANN).status_code == 204
    assert problem(call("get", ANN, scope=READ)) == (404, "not_found")
    verbs = AuditEvent.objects.filter(verb__startswith="subject").order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["subject_limit:set", "subject_limit:lift"]


def test_it_bounds_use_at_once_also_by_an_external_id(acme: Account, world: Metered) -> None:
    call("put", "own:C-1/subject-limits/calls/user:ann", {"amount": 1})
    assert use(acme, world.calls, 1, subject="user:ann").allowed
    assert not use(acme, world.calls, 1, subject="user:ann").allowed


def test_the_same_put_twice_changes_nothing_more(acme: Account) -> None:
    for _ in range(2):
        call("put", ANN, {"amount": 50})
    assert SubjectLimit.objects.get().history.count() == 1


def test_a_budget_for_a_task_with_an_end_and_a_name_with_slashes(acme: Account) -> None:
    body = {"amount": 9, "in_all": True, "starts_at": "2026-03-02T10:00:00Z", "ends_at": "2026-03-02T12:00:00+01:00"}
    told = call("put", "acme/subject-limits/calls/task/a/1", body).json()
    assert (told["subject"], told["in_all"], told["ends_at"]) == ("task/a/1", True, "2026-03-02T11:00:00Z")
    listed = call("get", "acme/subject-limits?subject=task", scope=READ).json()
    assert [one["subject"] for one in listed["subject_limits"]] == ["task/a/1"]


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("acme/subject-limits/nothing/user:ann", {"amount": 1}, (404, "not_found")),
        ("nobody/subject-limits/calls/user:ann", {"amount": 1}, (404, "not_found")),
        (ANN, {"amount": -1}, (422, "invalid")),
        (ANN, {"amount": "many"}, (422, "invalid")),
        (ANN, {"amount": 2**63}, (422, "invalid")),
        (ANN, {"amount": 1, "ends_at": "2026-04-01T00:00:00Z"}, (422, "invalid")),
        ("acme/subject-limits/sso/user:ann", {"amount": 1}, (422, "invalid")),
    ],
)
def test_what_cannot_be_is_a_problem(acme: Account, path: str, body: Any, expected: tuple[int, str]) -> None:
    assert problem(call("put", path, body)) == expected


def test_use_starts_again_and_a_repeat_is_told_so(acme: Account, world: Metered) -> None:
    use(acme, world.calls, 700)
    told = call("post", "acme/usage/calls/reset", {"reason": "Our outage"}, scope=RESET)
    assert told.json() == {"account": "acme", "feature": "calls", "subject": "", "choice": "", "used": 700,
                           "period_started_at": "2026-03-01T00:00:00Z", "reset_at": "2026-03-02T09:00:00Z"}  # fmt: skip
    again = call("post", "acme/usage/calls/reset", {"reason": "Our outage"}, scope=RESET)
    assert problem(again) == (409, "nothing_to_reset")


def test_under_one_idempotency_key_it_is_done_once(acme: Account, world: Metered) -> None:
    _row, plain = issue(name="Shop", scopes=[RESET], by=SYSTEM, at=AT - DAY, expires_at=None)
    headers = {"Authorization": f"Bearer {plain}", "Idempotency-Key": '"one"'}
    use(acme, world.calls, 700)
    asked = {"data": {"reason": "Outage"}, "content_type": "application/json", "headers": headers}
    first, again = (Client().post("/api/v1/accounts/acme/usage/calls/reset", **asked) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert UsageReset.objects.count() == 1


@pytest.mark.parametrize("feature", ["seats", "sso"])
def test_what_is_not_used_up_is_not_reset(acme: Account, world: Metered, feature: str) -> None:
    use(acme, world.seats, 1)
    assert problem(call("post", f"acme/usage/{feature}/reset", {"reason": "x"}, scope=RESET)) == (422, "invalid")


def test_each_needs_its_own_scope(acme: Account, world: Metered) -> None:
    use(acme, world.calls, 1)
    assert call("put", ANN, {"amount": 1}, scope=READ).status_code == 403
    assert call("post", "acme/usage/calls/reset", {"reason": "x"}, scope=WRITE).status_code == 403
    assert call("post", "acme/usage/calls/reset", {"reason": ""}, scope=RESET).status_code == 422
