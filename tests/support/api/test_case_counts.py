"""A case left uncounted over HTTP, and counted after all."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from entitlements.models import Account
from support.models import Allowance, Case
from tests.support.api.cases.calling import CASES, Caller
from tests.support.counting_world import AT, HOUR, a_case, left, supported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[None]:
    with time_machine.travel(AT + HOUR, tick=False):
        yield


@pytest.fixture
def pack() -> Allowance:
    return supported(1)[1]


@pytest.fixture
def case(pack: Allowance) -> Case:
    return a_case(Account.objects.get(key="acme"))


@pytest.fixture
def caller(case: Case) -> Caller:
    return Caller("cases:write", "cases:read")


def say(caller: Caller, number: str, status: int = 200, *, counted: bool = False, reason: str = "Ours") -> Any:
    answer = caller.post(f"{CASES}/{number}/counted", {"counted": counted, "reason": reason}, method="put")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_left_uncounted_and_counted_after_all(caller: Caller, case: Case, pack: Allowance) -> None:
    assert caller.get(f"{CASES}/{case.number}/counted").json() == {
        "case": case.number, "account": "acme", "counted": True, "reason": "", "decided_by": "", "decided_at": None,
        "taken": [{"allowance": "incidents", "at": "2026-03-02T12:00:00Z", "overdrawn": False}],
    }  # fmt: skip
    told = say(caller, case.number)
    assert (told["counted"], told["reason"], told["decided_by"], told["taken"]) == (False, "Ours", "Help desk", [])
    assert say(caller, case.number, reason="Told again") == told
    assert left(case.account, pack) == 1  # type: ignore[arg-type]
    assert say(caller, case.number, counted=True)["taken"][0]["allowance"] == "incidents"
    assert left(case.account, pack) == 0  # type: ignore[arg-type]


def test_whoever_opened_it_is_refused(caller: Caller, case: Case) -> None:
    own = caller.post(CASES, {"subject": "x", "severity": "high", "account": "acme"}).json()["number"]
    assert say(caller, own, 409)["code"] == "own_case"
    assert say(caller, case.number, 422, reason=" ")["errors"][0]["field"] == "reason"
    assert say(caller, "C-999999", 404)["code"] == "not_found"
    assert say(Caller("cases:read"), case.number, 403)["code"] == "not_allowed"


def test_where_nothing_is_left_it_stays_uncounted(caller: Caller, case: Case) -> None:
    say(caller, case.number)
    a_case(case.account, at=AT + HOUR)
    assert say(caller, case.number, 409, counted=True)["code"] == "nothing_left"
    assert say(caller, case.number)["counted"] is False
