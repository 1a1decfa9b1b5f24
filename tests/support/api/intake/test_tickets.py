"""Tickets that were checked: listed, read whole, and decided once by whoever reviews them."""

from typing import Any

import pytest

from entitlements.models import Account
from journal.domain.actor import SYSTEM
from support.actions.intake.recording import check_ticket, take_ticket
from support.models import Case, ExamplePhrase, IntakeDecision
from tests.support.api.cases.calling import Caller
from tests.support.casework import NOW
from tests.support.ticket_world import meant, read, ticket_world, told

pytestmark = pytest.mark.django_db
URL = "/api/v1/tickets"
OPENING = {"subject": "Export stops", "severity": "high"}


@pytest.fixture
def caller(db: None) -> Caller:
    return Caller("cases:read", "cases:write", "tickets:review")


def taken(account: Account | None, number: str = "4711", **sure: float) -> IntakeDecision:
    what = read(meant(**(sure or {"exports": 0.95})))
    ticket = told(account, external_id=number)
    return take_ticket(ticket, what, opening=OPENING, keeps=False, by=SYSTEM, at=NOW).decision


def test_they_are_listed_by_what_is_asked(caller: Caller) -> None:
    acme = ticket_world()
    asked = check_ticket(told(acme), read(), by=SYSTEM, at=NOW)
    decided, held = taken(acme), taken(acme, "2", exports=0.2)
    blocked = taken(Account.objects.get(key="poor"), "3")

    def numbers(**wanted: Any) -> list[str]:
        return [one["ticket"] for one in caller.get(URL, **wanted).json()["tickets"]]

    assert numbers() == [row.number for row in (asked, decided, held, blocked)]
    assert numbers(stage="held") == [held.number]
    assert numbers(outcome="block") == [blocked.number]
    assert numbers(account="acme", outcome="accept") == [asked.number, decided.number]
    page = caller.get(URL, most=1).json()
    assert caller.get(URL, after=page["next"]).json()["tickets"][0]["ticket"] == decided.number


def test_one_is_told_with_all_it_was_made_from(caller: Caller) -> None:
    row = taken(ticket_world())
    for name in (row.number, row.number.lower(), "tickets:4711"):
        found = caller.get(f"{URL}/{name}").json()
        assert (found["ticket"], found["text_digest"], found["text"]) == (row.number, row.text_digest, "It stops.")
    assert found["engine"]["features"]["exports"]["granted"]
    assert (found["wanted"]["accept"], found["maker"]) == (0.8, "tfidf 1")
    assert caller.get(f"{URL}/T-99999999999999999999").status_code == 404


def test_a_held_one_is_decided_once_and_teaches(caller: Caller) -> None:
    row = taken(ticket_world(), exports=0.2)
    told = caller.post(f"{URL}/{row.number}/settle", {"outcome": "accept", "labels": ["exports"]}).json()
    assert (told["stage"], told["settled"], told["outcome"], told["labels"]) == (
        "settled",
        "accept",
        "hold",
        ["exports"],
    )
    assert ExamplePhrase.objects.get().feature.key == "exports"
    again = caller.post(f"{URL}/{row.number}/settle", {"outcome": "redirect"})
    assert (again.status_code, again.json()["code"]) == (409, "already_settled")


def test_a_blocked_one_that_is_accepted_has_its_case(caller: Caller) -> None:
    ticket_world()
    row = taken(Account.objects.get(key="poor"))
    told = caller.post(f"{URL}/{row.number}/settle", {"outcome": "accept"}).json()
    assert told["case"] == Case.objects.get().number


def test_who_may_not_open_cases_may_not_open_a_blocked_one_by_deciding_it() -> None:
    ticket_world()
    row = taken(Account.objects.get(key="poor"))
    answer = Caller("tickets:review").post(f"{URL}/{row.number}/settle", {"outcome": "accept"})
    assert (answer.status_code, Case.objects.count()) == (403, 0)
    row.refresh_from_db()
    assert (row.settled_at, row.labels) == (None, None)


@pytest.mark.parametrize(
    "number", ["%00", "T-0", "T-", "tickets:%00", "tickets:4712", "%ED%A0%80:1", "T-999999999999999"]
)
def test_a_ticket_nobody_has_is_not_found(caller: Caller, number: str) -> None:
    taken(ticket_world())
    assert caller.get(f"{URL}/{number}").status_code == 404
    assert caller.post(f"{URL}/{number}/settle", {"outcome": "accept"}).status_code == 404


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"outcome": "hold"}, 422, "invalid"),
        ({"outcome": "accept", "labels": []}, 422, "invalid"),
        ({"outcome": "accept", "labels": ["no_such"]}, 422, "invalid"),
        ({"outcome": "whatever"}, 422, "invalid"),
    ],
)
def test_what_cannot_be_decided_is_refused(caller: Caller, told: dict[str, Any], status: int, code: str) -> None:
    row = taken(ticket_world(), exports=0.2)
    answer = caller.post(f"{URL}/{row.number}/settle", told)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert IntakeDecision.objects.get().settled_at is None


def test_what_was_only_asked_has_nothing_to_decide(caller: Caller) -> None:
    row = check_ticket(told(ticket_world()), read(), by=SYSTEM, at=NOW)
    answer = caller.post(f"{URL}/{row.number}/settle", {"outcome": "accept"})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_settle")


def test_each_needs_its_scope() -> None:
    row = taken(ticket_world(), exports=0.2)
    assert Caller("cases:write").get(URL).status_code == 403
    assert (
        Caller("cases:read", "cases:write").post(f"{URL}/{row.number}/settle", {"outcome": "accept"}).status_code == 403
    )
