"""Cases opened where tickets are checked as they come: the answer says what follows, and a blocked one opens nothing."""

from typing import Any

import pytest

from support.domain.intake.tickets import Ticket
from support.models import Case, IntakeDecision
from tests.support.api.cases.calling import CASES, Caller
from tests.support.casework import world
from tests.support.ticket_world import readers, ticket_world

__all__ = ["readers"]
pytestmark = pytest.mark.django_db
CASE = {"subject": "The export stops", "account": "acme", "source": "tickets", "external_id": "4711"}


def test_the_answer_holds_the_case_and_what_follows(caller: Caller, readers: list[Ticket]) -> None:
    ticket_world()
    told = caller.post(CASES, {**CASE, "note": "short", "text": "It stops at row 17."})
    decision = told.json()["decision"]
    assert (told.status_code, decision["outcome"], decision["reason"]) == (201, "accept", "covered")
    assert [(one["text"], one["feature"]) for one in decision["requests"]] == [("It stops at row 17.", "exports")]
    assert IntakeDecision.objects.get().case == Case.objects.get()
    assert Case.objects.get().events.get().note == "short"


def test_where_nothing_is_checked_nobody_reads(caller: Caller, readers: list[Ticket]) -> None:
    world()
    assert caller.post(CASES, CASE).json()["decision"] is None
    assert (readers, IntakeDecision.objects.count()) == ([], 0)


def test_a_blocked_one_opens_nothing_and_says_what_to_tell(caller: Caller, readers: list[Ticket]) -> None:
    ticket_world()
    told = [caller.post(CASES, {**CASE, "account": "poor"}) for _ in range(2)]
    row = IntakeDecision.objects.get()
    for one in told:
        problem = one.json()
        assert (one.status_code, problem["code"], problem["ticket"]) == (409, "blocked", row.number)
        assert problem["detail"] == row.customer_words
    assert (Case.objects.count(), len(readers)) == (0, 1)


@pytest.mark.parametrize("account", ["acme", "poor"])
def test_under_an_idempotency_key_it_is_decided_once(caller: Caller, readers: list[Ticket], account: str) -> None:
    """A blocked one too: what was decided is written down, so its answer is kept."""
    ticket_world()
    body = {"subject": "The export stops", "account": account}
    told = [caller.post(CASES, body, **{"Idempotency-Key": '"k-1"'}) for _ in range(2)]
    assert told[0].content == told[1].content
    assert told[0].status_code == {"acme": 201, "poor": 409}[account]
    assert (IntakeDecision.objects.count(), Case.objects.count()) == (1, int(account == "acme"))


def test_it_is_read_outside_of_any_transaction(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    ticket_world()
    depth, seen = len(connection.savepoint_ids), []

    def read_ticket(ticket: Ticket, **_: Any) -> Any:
        from tests.support.ticket_world import read

        seen.append(len(connection.savepoint_ids) - depth)
        return read()

    monkeypatch.setattr("support.integrations.door.read_ticket", read_ticket)
    caller.post(CASES, CASE, **{"Idempotency-Key": '"k-1"'})
    assert seen == [0]


def test_a_feature_that_a_field_names_is_exact(caller: Caller, readers: list[Ticket]) -> None:
    ticket_world()
    told = caller.post(CASES, {**CASE, "feature": "sso"})
    assert (told.status_code, told.json()["code"]) == (409, "blocked")
    assert IntakeDecision.objects.get().reason == "not_included"


def test_events_and_mail_go_through_the_same_door(caller: Caller, readers: list[Ticket]) -> None:
    ticket_world()
    event = {"source": "tickets", "id": "e-1", "ticket": "4711", "event": "opened", "at": "2026-03-02T09:00:00Z"}
    told = caller.post("/api/v1/case-events", {**event, "subject": "Export", "account": "poor"}).json()
    mail = {"from": "jo@acme.example", "subject": "Hm", "text": "It stops", "message_id": "<1@acme.example>"}
    opened = caller.post("/api/v1/case-mail", mail).json()
    assert (told["accepted"], opened["outcome"]) == (1, "opened")
    decided = list(IntakeDecision.objects.order_by("pk").values_list("outcome", "case__channel"))
    assert decided == [("block", "api"), ("accept", "email")]


@pytest.mark.parametrize("field", ["requester", "feature", "severity", "product", "asset", "cover", "external_id"])
def test_a_character_that_no_database_keeps_is_no_fault_of_ours(
    caller: Caller, readers: list[Ticket], field: str
) -> None:
    ticket_world()
    for nulled in ("\x00", "a\x00b"):
        assert caller.post(CASES, {**CASE, field: nulled, "source": nulled}).status_code in (201, 404, 409, 422)
