"""What Salesforce's refusals mean: who waits, for how long, and what a person hears."""

import json
import socket
from datetime import timedelta
from typing import Any

import pytest

from desk.domain.crm.faults import FaultKind
from desk.integrations.crm.port import Declined, FieldsRead, Kind
from desk.integrations.salesforce import wire
from desk.integrations.salesforce.client import USAGE
from desk.integrations.salesforce.errors import Refusal, of_calls, refusals, worst
from desk.integrations.salesforce.wire import Unanswered, session
from desk.models import CrmCalls
from journal.domain.receiving import Later
from journal.models import ConnectionHealth
from tests.desk.integrations.salesforce.conftest import Org
from tests.entitlements.world import AT
from tests.fakes.serving import Handler


def counted(org: Org, **how: Any) -> int | None:
    with org.open(**how) as crm:
        return crm.count(Kind.COMPANY)


def resume_at(org: Org) -> Any:
    return ConnectionHealth.objects.get(connection=org.connection).resume_at


@pytest.mark.parametrize("kind", ["500", "502", "503", "reset", "timeout", "lock"])
def test_what_passes_lets_the_connection_rest(org: Org, kind: str) -> None:
    org.fake.inject(kind)
    with pytest.raises(Later):
        counted(org)
    assert resume_at(org) == AT + timedelta(seconds=5)
    org.asked()
    with pytest.raises(Later, match="was away a moment ago"):
        counted(org)
    assert not org.asked(), "one who waits in vain is enough"
    assert counted(org, at=AT + timedelta(seconds=6)) == 3
    assert resume_at(org) is None


def test_rests_double_while_it_goes_on(org: Org) -> None:
    org.fake.inject("503", next=None)
    at, rests = AT, []
    for _ in range(5):
        with pytest.raises(Later) as later:
            counted(org, at=at)
        rests.append(later.value.after)
        at += later.value.after
    assert rests == [timedelta(seconds=seconds) for seconds in (5, 5, 10, 20, 40)]


def test_the_calls_of_the_day_are_kept_as_they_are_told(org: Org) -> None:
    counted(org)
    row = CrmCalls.objects.get(connection=org.connection)
    assert (row.used, row.limit, row.told_at) == (1, 15_000, AT)


def test_the_last_fifth_of_the_calls_is_never_used(org: Org) -> None:
    org.fake.spend(11_998)
    counted(org)
    assert CrmCalls.objects.get(connection=org.connection).used == 11_999
    counted(org)
    org.asked()
    with pytest.raises(Later, match="used its part of the calls") as later:
        counted(org)
    assert later.value.after == timedelta(hours=1)
    assert not org.asked()
    org.fake.advance(hours=25)
    assert counted(org, at=AT + timedelta(hours=2)) == 3, "what was told long ago no longer counts"


def test_it_stops_in_the_middle_of_a_question_of_many_parts(org: Org) -> None:
    org.fake.spend(11_998)
    ids = [f"006{place:012}" for place in range(1001)]
    with pytest.raises(Later), org.open() as crm:
        crm.deals(ids, fields=FieldsRead())
    assert len(org.calls()) == 2


def test_a_day_that_is_spent_says_until_when(org: Org) -> None:
    org.fake.settings.daily_limit = 5
    org.fake.spend(5)
    with pytest.raises(Later, match="used up its calls of the last 24 hours") as later:
        counted(org)
    assert later.value.after == timedelta(hours=1)
    assert resume_at(org) == AT + timedelta(hours=1)
    assert CrmCalls.objects.get(connection=org.connection).used == 5


def test_too_many_at_one_time_is_over_in_moments() -> None:
    busy = Refusal("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
    assert of_calls(busy)[1] == timedelta(seconds=30)


def test_what_it_doesnt_understand_is_declined_in_its_own_words(org: Org) -> None:
    with pytest.raises(Declined, match="INVALID_TYPE"), org.open() as crm:
        list(crm.line.query("SELECT Id FROM Nothing__c"))
    assert resume_at(org) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UNABLE_TO_LOCK_ROW", FaultKind.LOCKED), ("SERVER_UNAVAILABLE", FaultKind.AWAY), ("ENTITY_IS_DELETED", FaultKind.GONE),
        ("REQUEST_LIMIT_EXCEEDED", FaultKind.QUOTA), ("INVALID_SESSION_ID", FaultKind.LOGIN),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", FaultKind.INVALID), ("DUPLICATES_DETECTED", FaultKind.INVALID),
        ("SOMETHING_NEW", FaultKind.INVALID),
    ],
)  # fmt: skip
def test_the_kind_of_each_error(code: str, kind: FaultKind) -> None:
    assert Refusal(code).kind is kind


def test_of_several_errors_the_one_that_needs_a_person_counts() -> None:
    told = [
        {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "locked"},
        {"statusCode": "STRING_TOO_LONG", "message": "too long", "fields": ["Name"]},
    ]
    assert worst(refusals(told)) == (FaultKind.INVALID, "too long (Name) [STRING_TOO_LONG]")
    assert worst(refusals("<html>")) == (FaultKind.INVALID, "It was refused without a word. [UNKNOWN]")


def test_a_pretended_salesforce_is_for_trying_out_only(org: Org, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(Declined, match="pretended Salesforce"):
        counted(org)
    settings.PRODUCTION = False
    org.connection.settings["base"] = "http://somewhere.example"
    with pytest.raises(Declined, match="pretended Salesforce"):
        counted(org)
    assert not org.asked()


@pytest.mark.parametrize("url", ["https://evil.example/", "https://salesforce.com.evil.example/", "http://127.0.0.1/x"])
def test_a_token_goes_to_salesforces_names_alone(org: Org, url: str) -> None:
    with session(org.fake.base) as wire, pytest.raises(Unanswered, match="none of Salesforce’s names"):
        wire.get(url, headers={"Authorization": "Bearer secret"})
    assert not org.asked()


def test_nothing_of_what_was_asked_stands_in_an_error(org: Org) -> None:
    org.fake.inject("503")
    with pytest.raises(Later) as later, org.open() as crm:
        list(crm.line.query("SELECT Id FROM Account WHERE Name = 'Secret customer'"))
    assert "Secret" not in str(later.value) + json.dumps(str(later.value.__cause__))


# What comes over the line ---------------------------------------------------------------------------------------------
def answers(org: Org, monkeypatch: Any, status: int, body: bytes, *, type: str = "text/html", longer: int = 0) -> None:
    """Whoever is logged in already hears this and nothing else; `longer`: what was promised and never comes."""
    counted(org)

    def say(line: Any, _: Any) -> None:
        line.send_response_only(status)
        line.send_header("Content-Type", type)
        line.send_header("Content-Length", str(len(body) + longer))
        line.end_headers()
        line.wfile.write(body)
        line.wfile.flush()
        line.close_connection = True
        line.connection.shutdown(socket.SHUT_RDWR)

    monkeypatch.setattr(Handler, "_say", say)


@pytest.mark.parametrize(
    ("status", "body", "how", "says"),
    [
        (200, b"<html>Down for maintenance</html>", {}, "isn’t one of its answers"),
        (200, b'{"totalSize": 3, "done": true', {"longer": 90}, "can’t be reached"),
        (429, b"[]", {}, "can’t answer"),
        (503, b"<Error>Slow down</Error>", {"type": "application/xml"}, "can’t answer"),
        (502, b"<html/>", {"type": "application/xhtml+xml"}, "can’t answer"),
        (400, b'[{"errorCode": "QUERY_TIMEOUT", "message": "Too long"}]', {"type": "application/json"}, "Too long"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_asked_for_again_later(
    org: Org, monkeypatch: Any, status: int, body: bytes, how: dict[str, Any], says: str
) -> None:
    answers(org, monkeypatch, status, body, **how)
    with pytest.raises(Later, match=says):
        counted(org)
    assert resume_at(org) == AT + timedelta(seconds=5)


def test_what_may_not_be_described_is_declined_and_not_taken_for_missing(org: Org, monkeypatch: Any) -> None:
    body = b'[{"errorCode": "INSUFFICIENT_ACCESS", "message": "Not yours"}]'
    answers(org, monkeypatch, 403, body, type="application/json")
    with pytest.raises(Declined, match="Not yours"), org.open() as crm:
        crm.line.fields("Account")


def test_nobody_is_waited_for_without_end(org: Org, monkeypatch: Any) -> None:
    counted(org)
    monkeypatch.setattr(wire, "TIME_OUT", (3.05, 0.1))
    org.fake.inject("slow", seconds=0.5)
    with pytest.raises(Later, match="didn’t answer in time"):
        counted(org)


@pytest.mark.parametrize(
    "said", ["api-usage=18/5000; per-app-api-usage=7/250(appName=desk)", "per-app-api-usage=7/250(appName=desk); api-usage=18/5000"]
)  # fmt: skip
def test_the_calls_of_the_organisation_count_and_not_those_of_one_app(said: str) -> None:
    found = USAGE.search(said)
    assert found is not None
    assert found.groups() == ("18", "5000")
