from datetime import UTC, datetime
from typing import Any

import pytest

from journal.models import AuditEvent
from support.domain.case_events import EventKind
from support.models import Case, CaseEvent
from tests.support.api.cases.calling import CASES as URL
from tests.support.api.cases.calling import Caller
from tests.support.casework import happened, holder, hour, opened, policy, world
from tests.support.factories import TeamFactory

pytestmark = pytest.mark.django_db


CASE = {
    "subject": "The export stops", "severity": "high", "account": "acme", "source": "tickets", "external_id": "4711",
    "opened_at": "2026-03-02T09:00:00Z",
}  # fmt: skip


def test_a_case_is_opened_with_its_due_times(caller: Caller) -> None:
    world()
    told = caller.post(URL, CASE)
    assert told.status_code == 201
    case = told.json()
    assert (case["number"], case["account"], case["tier"]) == (Case.objects.get().number, "acme", "standard")
    assert (case["policy"], case["channel"]) == ("Standard, version 1", "api")
    first = next(clock for clock in case["clocks"] if clock["milestone"] == "first_response")
    assert (first["due_at"], first["target"]) == ("2026-03-02T10:00:00Z", "within 1 business hour")
    assert first["breached_at"] == "2026-03-02T10:00:00Z"
    audit = AuditEvent.objects.get(verb="case:open")
    assert (audit.actor_name, audit.account_key) == ("Help desk", "acme")


def test_under_an_idempotency_key_one_case_is_opened(caller: Caller) -> None:
    world()
    body = {**CASE, "external_id": ""}
    told = [caller.post(URL, body, **{"Idempotency-Key": '"k-1"'}).json()["number"] for _ in range(2)]
    assert told[0] == told[1]
    assert Case.objects.count() == 1


def test_whose_case_it_is_is_found_by_who_asks_or_said_later(caller: Caller) -> None:
    world()
    body = {**CASE, "account": "", "requester": "jo@acme.example"}
    assert caller.post(URL, body).json()["account"] == "acme"
    nobody = caller.post(URL, {**body, "external_id": "2", "requester": "jo@elsewhere.example"}).json()
    assert (nobody["account"], nobody["clocks"]) == (None, [])
    given = caller.post(f"{URL}/{nobody['number']}/account", {"account": "acme"}, method="put").json()
    assert (given["account"], len(given["clocks"])) == ("acme", 3)
    again = caller.post(f"{URL}/{nobody['number']}/account", {"account": "acme"}, method="put")
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("told", "status", "code", "field"),
    [
        ({"opened_at": "2099-01-01T00:00:00Z"}, 422, "from_the_future", "opened_at"),
        ({"opened_at": "2026-03-02T09:00:00"}, 422, "invalid", "told.opened_at"),
        ({"opened_at": "1812-03-02T09:00:00Z"}, 422, "invalid", "told.opened_at"),
        ({"severity": "dreadful"}, 422, "unknown_severity", "severity"),
        ({"team": "nobody"}, 422, "unknown_team", "team"),
        ({"subject": ""}, 422, "invalid", "told.subject"),
        ({"requester": "jo"}, 422, "invalid", "requester"),
        ({"account": "nobody"}, 404, "not_found", None),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    caller: Caller, told: dict[str, str], status: int, code: str, field: str | None
) -> None:
    world()
    answer = caller.post(URL, {**CASE, **told})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [fault["field"] for fault in answer.json().get("errors", [])] == ([field] if field else [])
    assert not Case.objects.exists()


def test_a_ticket_that_is_known_names_its_case(caller: Caller) -> None:
    world()
    number = caller.post(URL, CASE).json()["number"]
    again = caller.post(URL, CASE)
    assert (again.status_code, again.json()["code"]) == (409, "case_known")
    assert number in again.json()["detail"]
    assert caller.get(f"{URL}/tickets:4711").json()["number"] == number


def test_what_happened_is_told_once_and_the_answer_holds_the_clocks(caller: Caller) -> None:
    case = opened(world())
    body = {"kind": "public_reply", "at": "2026-03-02T09:30:00Z", "id": "e-2", "actor": "Ana", "text": "Hello"}
    told, again = (caller.post(f"{URL}/{case.number}/events", body).json() for _ in range(2))
    assert (told["again"], again["again"]) == (False, True)
    met = next(clock for clock in told["case"]["clocks"] if clock["milestone"] == "first_response")
    assert (met["state"], met["met_at"], met["breached_at"]) == ("met", "2026-03-02T09:30:00Z", None)
    detail = caller.get(f"{URL}/{case.number}").json()
    assert [(event["kind"], event["actor"], event["text"]) for event in detail["events"]][-1] == (
        "public_reply", "Ana", "Hello"
    )  # fmt: skip


def test_each_kind_says_in_its_own_field_what_it_came_to(caller: Caller) -> None:
    case, url = opened(world()), f"{URL}/{Case.objects.get().number}/events"
    TeamFactory(key="exports")
    caller.post(url, {"kind": "assigned", "team": "exports", "assignee": "ana@desk.example"})
    caller.post(url, {"kind": "severity", "severity": "low"})
    told = caller.post(url, {"kind": "state", "state": "waiting"}).json()["case"]
    assert (told["team"], told["assignee"], told["severity"], told["state"]) == (
        "exports", "ana@desk.example", "low", "waiting"
    )  # fmt: skip
    assert CaseEvent.objects.filter(case=case).count() == 4


@pytest.mark.parametrize(
    ("told", "status", "code", "field"),
    [
        ({"kind": "public_reply", "at": "2099-01-01T00:00:00Z"}, 422, "from_the_future", "at"),
        ({"kind": "public_reply", "at": "2026-03-02T08:59:59Z"}, 422, "before_opening", "at"),
        ({"kind": "state"}, 422, "invalid", "state"),
        ({"kind": "state", "state": "asleep"}, 422, "invalid", "state"),
        ({"kind": "started", "milestone": "resolution"}, 422, "not_by_hand", "to"),
        ({"kind": "opened"}, 422, "invalid", "kind"),
        ({"kind": "sneezed"}, 422, "invalid", "told.kind"),
    ],
)
def test_an_event_that_cannot_be_is_refused(
    caller: Caller, told: dict[str, str], status: int, code: str, field: str
) -> None:
    case = opened(world())
    answer = caller.post(f"{URL}/{case.number}/events", told)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]


def test_cases_are_listed_by_what_is_asked(caller: Caller) -> None:
    acme = world()
    beta = holder("beta")
    TeamFactory(key="exports")
    fresh = datetime(2029, 3, 5, 9, tzinfo=UTC)
    late, paused = opened(acme, team="exports"), opened(acme)
    happened(paused, EventKind.STATE, hour(0.5), "cancelled")
    other = opened(beta, opened_at=fresh, at=fresh)

    def numbers(**asked: Any) -> list[str]:
        return [case["number"] for case in caller.get(URL, **asked).json()["cases"]]

    assert numbers() == [late.number, paused.number, other.number]
    assert numbers(account="acme") == [late.number, paused.number]
    assert numbers(state="cancelled") == [paused.number]
    assert numbers(team="exports") == [late.number]
    assert numbers(late="true") == [late.number]
    assert numbers(late="false") == [paused.number, other.number]
    assert numbers(due_before="2029-03-05T10:30:00Z") == [late.number, other.number]
    assert numbers(account="beta", due_before="2029-03-05T09:30:00Z") == []


def test_pages_lead_on(caller: Caller) -> None:
    acme = world()
    cases = [opened(acme) for _ in range(3)]
    page = caller.get(URL, most=2).json()
    assert [case["number"] for case in page["cases"]] == [case.number for case in cases[:2]]
    rest = caller.get(URL, most=2, after=page["next"]).json()
    assert ([case["number"] for case in rest["cases"]], rest["next"]) == ([cases[2].number], None)


def test_a_page_costs_the_same_however_many(caller: Caller, django_assert_max_num_queries: Any) -> None:
    acme = world()
    for _ in range(5):
        opened(acme)
    with django_assert_max_num_queries(10):
        assert len(caller.get(URL, late="true").json()["cases"]) == 5


def test_a_clock_explains_itself(caller: Caller) -> None:
    case = opened(world())
    happened(case, EventKind.STATE, hour(1), "waiting")
    happened(case, EventKind.CUSTOMER_MESSAGE, hour(3))
    told = caller.get(f"{URL}/{case.number}/clocks/resolution").json()
    assert (told["target"], told["counted_minutes"]) == ("within 8 business hours", 480)
    assert [(pause["because"], pause["added_minutes"]) for pause in told["pauses"]] == [("waiting", 120)]
    assert (told["first_due"], told["due_at"]) == ("2026-03-02T17:00:00Z", "2026-03-03T07:00:00Z")
    assert sum(span["minutes"] for span in told["counted"]) == 480
    assert told["words"]
    assert caller.get(f"{URL}/{case.number}/clocks/lunch").status_code == 404
    assert caller.get(f"{URL}/{case.number}/clocks/resolution", run=2).status_code == 404


@pytest.mark.parametrize("number", ["C-999999", "4711", "C-1%00", "tickets:nothing", "C-99999999999999999999"])
def test_what_is_not_there_is_not_found(caller: Caller, number: str) -> None:
    assert caller.get(f"{URL}/{number}").status_code == 404


def test_reading_and_writing_are_asked_for_apart(db: None) -> None:
    case = opened(world())
    reader, writer, other = Caller("cases:read"), Caller("cases:write"), Caller("coverage:read")
    assert [one.get().status_code for one in (reader, writer, other)] == [200, 403, 403]
    told = [one.post(f"{URL}/{case.number}/events", {"kind": "internal_note"}) for one in (reader, writer, other)]
    assert [one.status_code for one in told] == [403, 200, 403]


def test_a_later_policy_leaves_open_cases_as_they_are(caller: Caller) -> None:
    case = opened(world())
    policy("priority")
    assert caller.get(f"{URL}/{case.number}").json()["policy"] == "Standard, version 1"
