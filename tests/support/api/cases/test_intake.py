from typing import Any

import pytest

from support.domain.case_intake.ticket_events import MOST_EVENTS
from support.models import Case
from tests.support.api.cases.calling import Caller
from tests.support.casework import world

pytestmark = pytest.mark.django_db
EVENTS, MAIL = "/api/v1/case-events", "/api/v1/case-mail"
OPENED = {
    "source": "tickets", "id": "e-1", "ticket": "4711", "event": "opened", "at": "2026-03-02T09:00:00Z",
    "subject": "Export stops", "severity": "high", "account": "acme",
}  # fmt: skip
MESSAGE = {"from": "jo@acme.example", "to": "help@desk.example", "subject": "Export stops", "message_id": "<1@acme>"}


def test_events_are_counted_and_each_is_answered(caller: Caller) -> None:
    world()
    reply = {"id": "e-2", "ticket": "4711", "event": "public_reply", "at": "2026-03-02T09:20:00Z"}
    told = caller.post(EVENTS, {"source": "tickets", "events": [OPENED, OPENED, reply, {"id": 7}]})
    assert told.status_code == 200
    body = told.json()
    assert (body["accepted"], body["duplicates"], body["refused"]) == (2, 1, 1)
    number = Case.objects.get().number
    assert [(one["outcome"], one["case"]) for one in body["results"]] == [
        ("accepted", number), ("duplicate", number), ("accepted", number), ("refused", None)
    ]  # fmt: skip
    assert set(body["results"][3]["errors"]) == {"ticket", "event", "at"}


def test_a_single_event_stands_alone(caller: Caller) -> None:
    world()
    assert caller.post(EVENTS, OPENED).json()["accepted"] == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("nonsense", 400, "bad_request"),
        ({"events": []}, 422, "invalid"),
        ({"events": [{}] * (MOST_EVENTS + 1)}, 413, "batch_too_large"),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(
    caller: Caller,
    body: Any,
    status: int,
    code: str,
) -> None:
    told = caller.post(EVENTS, body)
    assert (told.status_code, told.json()["code"]) == (status, code)


def test_a_message_opens_a_case_and_comes_back_with_its_clocks(caller: Caller) -> None:
    world()
    told = caller.post(MAIL, MESSAGE).json()
    assert (told["outcome"], told["kind"], told["case"]["account"]) == ("opened", "opened", "acme")
    assert told["case"]["clocks"]
    assert caller.post(MAIL, MESSAGE).json()["outcome"] == "duplicate"
    away = caller.post(MAIL, {**MESSAGE, "message_id": "<2@acme>", "headers": {"Precedence": "auto_reply"}}).json()
    assert (away["outcome"], away["case"]) == ("ignored", None)


def test_a_message_that_cannot_be_read_is_refused_by_field(caller: Caller) -> None:
    told = caller.post(MAIL, {"subject": "x", "date": "never"})
    assert (told.status_code, told.json()["code"]) == (422, "invalid")
    assert {fault["field"] for fault in told.json()["errors"]} == {"from", "message_id", "date"}


def test_the_intake_asks_for_its_scope(db: None) -> None:
    reader = Caller("cases:read")
    assert [reader.post(url, body).status_code for url, body in ((EVENTS, OPENED), (MAIL, MESSAGE))] == [403, 403]
