import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.case_events import CaseState, Channel, EventKind, Opener
from support.domain.case_intake.ticket_events import (
    MOST_EVENTS,
    TicketEvent,
    TooManyEvents,
    UnfitBatch,
    UnreadEvent,
    parse_ticket_events,
)

OPENED = {
    "source": "tickets", "id": "e-1", "ticket": "4711", "event": "opened", "at": "2026-03-02T10:00:00+01:00",
    "subject": "Export stops", "severity": "high", "requester": "Jo@Acme.example",
}  # fmt: skip
REPLIED = {"id": 2, "ticket": 4711, "event": "public_reply", "at": "2026-03-02T09:20:00Z", "actor": "Ana"}


def one(**told: Any) -> TicketEvent | UnreadEvent:
    return parse_ticket_events({**OPENED, **told})[0]


def faults(**told: Any) -> dict[str, str]:
    entry = one(**told)
    assert isinstance(entry, UnreadEvent), entry
    return dict(entry.errors)


def test_an_opening_is_read_with_what_is_told_of_the_ticket() -> None:
    event = one()
    assert isinstance(event, TicketEvent)
    assert (event.source, event.id, event.ticket, event.kind) == ("tickets", "e-1", "4711", EventKind.OPENED)
    assert event.at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    opening = event.opening
    assert opening is not None
    assert (opening.subject, opening.severity, opening.requester) == ("Export stops", "high", "jo@acme.example")
    assert (opening.channel, opening.opener) == (Channel.API, Opener.CUSTOMER)


def test_one_several_or_a_list_and_ids_may_be_numbers() -> None:
    batch = {"source": "tickets", "events": [{k: v for k, v in OPENED.items() if k != "source"}, REPLIED]}
    read = parse_ticket_events(batch)
    assert [(event.source, event.id, event.ticket) for event in read if isinstance(event, TicketEvent)] == [
        ("tickets", "e-1", "4711"), ("tickets", "2", "4711")
    ]  # fmt: skip
    assert parse_ticket_events([{**REPLIED, "source": "tickets"}]) == read[1:]
    assert parse_ticket_events({**REPLIED, "source": "tickets"}) == read[1:]


@pytest.mark.parametrize(
    ("told", "to"),
    [
        ({"event": "state", "state": "waiting"}, "waiting"),
        ({"event": "severity", "severity": "low"}, "low"),
        ({"event": "assigned", "team": "exports", "assignee": "Ana@desk.example"}, "exports/ana@desk.example"),
        ({"event": "assigned", "team": "exports"}, "exports/"),
        ({"event": "assigned"}, "/"),
        ({"event": "met", "milestone": "workaround"}, "workaround"),
        ({"event": "PUBLIC_REPLY"}, ""),
    ],
)
def test_each_kind_has_its_own_field_for_what_it_comes_to(told: dict[str, str], to: str) -> None:
    event = one(**told)
    assert isinstance(event, TicketEvent)
    assert (event.to, event.opening) == (to, None)


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"at": None}, "at", "missing"),
        ({"at": "yesterday"}, "at", "no moment"),
        ({"at": "2026-03-02T09:00:00"}, "at", "no zone"),
        ({"at": "1812-03-02T09:00:00Z"}, "at", "outside the years"),
        ({"at": "2026-02-30T09:00:00Z"}, "at", "no moment"),
        ({"at": 1772442000}, "at", "no moment"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at", "outside the years"),
        ({"id": ""}, "id", "missing"),
        ({"id": "x" * 201}, "id", "201 characters"),
        ({"ticket": None}, "ticket", "missing"),
        ({"source": ""}, "source", "missing"),
        ({"event": "sneezed"}, "event", "none of"),
        ({"event": None}, "event", "missing"),
        ({"event": ["opened"]}, "event", "as text"),
        ({"event": "state", "state": "asleep"}, "state", "none of"),
        ({"event": "state"}, "state", "missing"),
        ({"event": "severity", "severity": ""}, "severity", "missing"),
        ({"event": "met"}, "milestone", "missing"),
        ({"event": "assigned", "assignee": "ana"}, "assignee", "no e-mail"),
        ({"subject": ""}, "subject", "missing"),
        ({"requester": "jo at acme"}, "requester", "no e-mail"),
        ({"url": "javascript:alert(1)"}, "url", "begins with"),
        ({"text": "x" * 200_001}, "text", "200,001 characters"),
        ({"text": {"html": "x"}}, "text", "as text"),
        ({"channel": "pigeon"}, "channel", "none of"),
    ],
)
def test_a_fault_is_told_by_its_field(told: dict[str, Any], field: str, words: str) -> None:
    assert words in faults(**told)[field]


def test_all_faults_are_told_at_once_with_the_ids_that_could_be_read() -> None:
    entry = one(at="yesterday", subject="", requester="jo")
    assert isinstance(entry, UnreadEvent)
    assert set(entry.errors) == {"at", "subject", "requester"}
    assert (entry.id, entry.ticket) == ("e-1", "4711")


def test_one_fault_is_no_fault_of_the_others() -> None:
    read = parse_ticket_events({"source": "tickets", "events": [OPENED, "nonsense", {**REPLIED, "at": ""}, REPLIED]})
    assert [type(entry).__name__ for entry in read] == ["TicketEvent", "UnreadEvent", "UnreadEvent", "TicketEvent"]


def test_of_a_long_text_its_beginning_is_kept() -> None:
    event = one(text="x" * 5_000, subject="y" * 400)
    assert isinstance(event, TicketEvent)
    assert event.opening is not None
    assert (len(event.text), event.text[-1], len(event.opening.subject)) == (1_000, "…", 300)


@pytest.mark.parametrize("told", [{"events": "opened"}, {"events": []}, [], {"events": {"id": 1}}])
def test_what_is_no_batch_is_refused_as_a_whole(told: Any) -> None:
    with pytest.raises(UnfitBatch):
        parse_ticket_events(told)


def test_too_many_are_refused_as_a_whole() -> None:
    with pytest.raises(TooManyEvents):
        parse_ticket_events({"events": [REPLIED] * (MOST_EVENTS + 1)})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(told=JSON | st.fixed_dictionaries({name: JSON | st.just(value) for name, value in OPENED.items()}))
def test_whatever_is_told_is_read_or_refused_in_words(told: Any) -> None:
    for entry in attempted(told):
        assert isinstance(entry, TicketEvent) or all(entry.errors.values())
        assert "\x00" not in repr(entry) or not isinstance(entry, TicketEvent)
        json.dumps(entry.id).encode()


def attempted(told: Any) -> list[TicketEvent | UnreadEvent]:
    try:
        return parse_ticket_events(told)
    except UnfitBatch:
        return []


def test_states_are_those_of_a_case() -> None:
    for state in CaseState:
        event = one(event="state", state=state.value.upper())
        assert isinstance(event, TicketEvent)
        assert event.to == state
