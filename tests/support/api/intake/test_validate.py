"""What would follow a ticket: nothing is opened, what can't be read holds it, and the answer says what would be promised."""

import base64
from typing import Any

import pytest

from support.domain.intake.tickets import Ticket
from support.models import Case, IntakeDecision
from tests.support.api.cases.calling import Caller
from tests.support.factories import SeverityFactory
from tests.support.ticket_world import readers, ticket_world

__all__ = ["readers"]
pytestmark = pytest.mark.django_db
URL = "/api/v1/cases/validate"
TICKET = {
    "subject": "The export stops",
    "text": "It stops at row 17.",
    "requester": "jo@acme.example",
    "severity": "high",
}


@pytest.fixture
def caller(db: None) -> Caller:
    return Caller("cases:write")


def asked(caller: Caller, **told: Any) -> dict[str, Any]:
    answer = caller.post(URL, {**TICKET, **told})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_says_what_follows_and_what_would_be_promised(caller: Caller, readers: list[Ticket]) -> None:
    ticket_world(checked=[])
    told = asked(caller)
    assert (told["stage"], told["outcome"], told["reason"], told["account"]) == ("asked", "accept", "covered", "acme")
    (request,) = told["requests"]
    assert (request["feature"], request["candidates"][0]["confidence"]) == ("exports", 0.95)
    assert {clock["milestone"] for clock in told["promised"]["clocks"]} >= {"first_response"}
    assert all(clock["due_at"] for clock in told["promised"]["clocks"])
    assert told["ticket"] == IntakeDecision.objects.get().number
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("told", "outcome", "reason"),
    [
        ({"requester": "jo@poor.example"}, "block", "not_covered"),
        ({"requester": "jo@elsewhere.example"}, "hold", "nobody_known"),
        ({"feature": "sso"}, "block", "not_included"),
        ({"feature": "exports"}, "accept", "covered"),
        ({"feature": "no_such"}, "hold", "unsure"),
        ({"attachments": [{"name": "a.txt", "content": "***"}]}, "hold", "unreadable"),
        (
            {"attachments": [{"name": "a.png", "content": base64.b64encode(b"\x89PNG\r\n").decode()}]},
            "hold",
            "unreadable",
        ),
        ({"attachments": [{"name": "a.txt", "content": base64.b64encode(b"Row 17").decode()}]}, "accept", "covered"),
        ({"attachments": [{"name": "a.png", "text": "Row 17"}]}, "accept", "covered"),
    ],
)
def test_each_way_it_may_go(
    caller: Caller, readers: list[Ticket], told: dict[str, Any], outcome: str, reason: str
) -> None:
    ticket_world(checked=[])
    found = asked(caller, **told)
    assert (found["outcome"], found["reason"]) == (outcome, reason)
    assert (found["promised"] is None) == (outcome == "block" or reason == "nobody_known")


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"account": "nobody"}, 404, "not_found"),
        ({"severity": "dreadful"}, 422, "unknown_severity"),
        ({"asset": "no-such"}, 422, "unknown_asset"),
        ({"requester": "jo"}, 422, "invalid"),
        ({"channel": "pigeon"}, 422, "invalid"),
    ],
)
def test_what_cannot_be_is_refused(
    caller: Caller, readers: list[Ticket], told: dict[str, str], status: int, code: str
) -> None:
    ticket_world(checked=[])
    answer = caller.post(URL, {**TICKET, **told})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not IntakeDecision.objects.exists()


def test_who_may_not_open_cases_may_not_ask() -> None:
    assert Caller("cases:read").post(URL, TICKET).status_code == 403


def test_without_a_severity_the_mildest_is_promised_by(caller: Caller, readers: list[Ticket]) -> None:
    ticket_world(checked=[])
    SeverityFactory(key="whim", position=9)
    assert asked(caller, severity="")["promised"]["severity"] == "whim"


def test_whatever_characters_come(caller: Caller, readers: list[Ticket]) -> None:
    ticket_world(checked=[])
    found = asked(caller, subject="a\x00b", text="😀\x00", attachments=[{"name": "\x00", "text": "\x00x"}])
    assert found["outcome"] == "accept"


@pytest.mark.parametrize(
    "field",
    ["account", "requester", "feature", "severity", "product", "asset", "cover", "source", "external_id"],
)
def test_a_character_that_no_database_keeps_is_no_fault_of_ours(
    caller: Caller, readers: list[Ticket], field: str
) -> None:
    ticket_world(checked=[])
    for nulled in ("\x00", "a\x00b"):
        assert caller.post(URL, {**TICKET, field: nulled}).status_code in (200, 404, 422)


def test_a_body_that_is_too_large_is_refused_before_anybody_reads(caller: Caller, readers: list[Ticket]) -> None:
    ticket_world(checked=[])
    answer = caller.post(URL, {**TICKET, "attachments": [{"name": "a.pdf", "content": "A" * 5_100_000}]})
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")
    assert readers == []
