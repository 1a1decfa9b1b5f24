"""Time on cases and prepaid help over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from support.domain.case_events import Channel
from support.models import Case, TimeEntry, WorkItem
from tests.support.api.cases.calling import CASES, Caller
from tests.support.time_world import AT, a_case, customer, entered, holds, hours, minutes_left, plan_of_hours, sold

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def case() -> Case:
    acme, allowance = customer(), hours(unit=30)
    sold(acme, allowance, 40)
    return a_case(acme, subject="Export stops")


@pytest.fixture
def caller(case: Case) -> Caller:
    return Caller("cases:write", "cases:read", "coverage:read")


def enter(caller: Caller, case: Case, status: int = 201, **told: Any) -> Any:
    answer = caller.post(f"{CASES}/{case.number}/time", {"minutes": 20, **told})
    assert answer.status_code == status, answer.content
    return answer.json()


def test_time_is_entered_and_counted(caller: Caller, case: Case) -> None:
    told = enter(caller, case, worked_at="2026-03-02T10:00:00+01:00", worked_by="Ana", note="Logs", id="t-1")
    assert (told["minutes"], told["counted_minutes"], told["beyond_minutes"], told["unit_minutes"]) == (20, 30, 0, 30)
    assert (told["case"], told["account"], told["allowance"], told["channel"]) == (
        case.number, "acme", "support_hours", "phone",
    )  # fmt: skip
    assert (told["worked_at"], told["worked_by"], told["name"]) == ("2026-03-02T09:00:00Z", "Ana", "t-1")
    assert enter(caller, case, worked_at="2026-03-02T10:00:00+01:00", worked_by="Ana", note="Logs", id="t-1") == told
    assert TimeEntry.objects.count() == 1


def test_under_an_idempotency_key_it_is_entered_once(caller: Caller, case: Case) -> None:
    for _ in range(2):
        answer = caller.post(f"{CASES}/{case.number}/time", {"minutes": 20}, **{"Idempotency-Key": '"k-1"'})
        assert answer.status_code == 201
    assert TimeEntry.objects.count() == 1


def test_what_goes_beyond_is_told_and_may_be_refused(caller: Caller, case: Case) -> None:
    assert enter(caller, case, 409, minutes=50, most_beyond=0)["code"] == "more_beyond"
    told = enter(caller, case, minutes=50, most_beyond=20)
    assert (told["counted_minutes"], told["beyond_minutes"]) == (40, 20)
    assert WorkItem.objects.get().quantity == 20


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"minutes": 0}, 422, "no_time_worked"),
        ({"minutes": -5}, 422, "no_time_worked"),
        ({"minutes": 1441}, 422, "absurd_time"),
        ({"minutes": 1.5}, 422, "invalid"),
        ({"minutes": 10**30}, 422, "invalid"),
        ({"worked_at": "2026-03-02T13:00:00Z"}, 422, "from_the_future"),
        ({"worked_at": "2026-03-02T11:00:00"}, 422, "invalid"),
        ({"channel": "pigeon"}, 422, "invalid"),
        ({"allowance": "nothing"}, 404, "not_found"),
        ({"note": "x" * 5001}, 422, "invalid"),
    ],
)
def test_what_can_not_be_is_a_problem(caller: Caller, case: Case, told: dict[str, Any], status: int, code: str) -> None:
    assert enter(caller, case, status, **told)["code"] == code
    assert not TimeEntry.objects.exists()


def test_it_is_listed_and_withdrawn(caller: Caller, case: Case) -> None:
    pk = enter(caller, case)["id"]
    (listed,) = caller.get(f"{CASES}/{case.number}/time").json()["entries"]
    assert listed["id"] == pk
    path = f"{API}/time-entries/{pk}/withdraw"
    assert caller.post(path, {"reason": "  "}).json()["code"] == "invalid"
    told = caller.post(path, {"reason": "Wrong case"}).json()
    assert (told["withdrawn_by"], told["withdraw_reason"]) == ("Help desk", "Wrong case")
    assert caller.post(path, {"reason": "Again"}).json() == told
    assert minutes_left(case.account, TimeEntry.objects.get().allowance) == 40  # type: ignore[arg-type]
    assert caller.post(f"{API}/time-entries/1/withdraw", {"reason": "No"}).status_code == 404


def test_what_is_left_is_told_by_channel(caller: Caller, case: Case) -> None:
    bolt, allowance = customer("bolt"), hours("project_hours")
    holds(bolt, plan_of_hours(allowance, 6000, {Channel.PHONE: 4800}))
    entered(a_case(bolt), 250)
    told = caller.get(f"{API}/allowances", account="bolt").json()
    (line,) = told["allowances"]
    assert (line["key"], line["left"], line["unit"], line["words"]) == (
        "project_hours",
        5750,
        "minute",
        "95 h 50 min left",
    )
    (part,) = line["parts"]
    assert (part["channel"], part["left"], part["of"], part["words"]) == ("phone", 4550, 4800, "75 h 50 min")
    assert caller.get(f"{API}/allowances", account="nobody").status_code == 404
    assert caller.get(f"{API}/allowances").status_code == 422


def test_the_ledger_is_told_in_the_customers_words(caller: Caller, case: Case) -> None:
    entered(case, 20)
    told = caller.get(f"{API}/allowances/support_hours/ledger", account="acme", most=1).json()
    (line,) = told["lines"]
    assert (line["what"], line["case"], line["amount"], line["balance_after"]) == (
        f"{case.number} Export stops", case.number, -30, 10,
    )  # fmt: skip
    assert (line["minutes"], line["counted_minutes"], line["words"]) == (20, 30, "−30 min")
    rest = caller.get(f"{API}/allowances/support_hours/ledger", account="acme", before=told["before"]).json()
    assert [one["kind"] for one in rest["lines"]] == ["grant"]
    assert caller.get(f"{API}/allowances/nothing/ledger", account="acme").status_code == 404


@pytest.mark.parametrize(
    ("scope", "allowed"), [("cases:write", {"enter"}), ("cases:read", {"list"}), ("coverage:read", {"left", "ledger"})]
)
def test_each_scope_opens_its_own_doors(case: Case, scope: str, allowed: set[str]) -> None:
    caller = Caller(scope)
    answers = {
        "enter": caller.post(f"{CASES}/{case.number}/time", {"minutes": 20}),
        "list": caller.get(f"{CASES}/{case.number}/time"),
        "left": caller.get(f"{API}/allowances", account="acme"),
        "ledger": caller.get(f"{API}/allowances/support_hours/ledger", account="acme"),
    }
    assert {name for name, answer in answers.items() if answer.status_code != 403} == allowed
