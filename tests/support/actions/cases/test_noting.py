from datetime import timedelta

import pytest

from journal.actions.webhooks.endpoints import set_up
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent, Outbound
from support.actions.cases.handling import (
    BeforeOpening,
    CaseCancelled,
    CaseEventReused,
    FromTheFuture,
    NotByHand,
    UnknownSeverity,
    UnknownTeam,
)
from support.actions.cases.noting import note, note_once
from support.domain.case_events import CaseState, ClockState, EventKind
from support.models import Case, CaseAlert, Clock
from tests.conftest import actor
from tests.support.casework import NOW, OPENED, clock, happened, hour, opened, rows, world
from tests.support.factories import CaseAlertFactory, TeamFactory

pytestmark = pytest.mark.django_db
REPLY, MESSAGE, STATE = EventKind.PUBLIC_REPLY, EventKind.CUSTOMER_MESSAGE, EventKind.STATE


def test_a_public_reply_meets_the_first_response_and_is_told_once() -> None:
    acme = world()
    set_up(url="https://shop.example/hook", by=SYSTEM, at=OPENED)
    case = opened(acme)
    event = happened(case, REPLY, hour(0.5), text="We look into it.")
    assert (clock(case, "first_response").state, clock(case, "first_response").met_at) == (ClockState.MET, hour(0.5))
    happened(case, REPLY, hour(0.2))  # an earlier one becomes known later
    assert clock(case, "first_response").met_at == hour(0.2)
    met = [row.payload["data"] for row in Outbound.objects.filter(payload__type="case.milestone_met").order_by("pk")]
    first = [one for one in met if one["milestone"] == "first_response"]
    assert [(one["met_at"], one["in_time"]) for one in first] == [("2026-03-02T09:30:00Z", True)]
    audit = AuditEvent.objects.filter(verb="case:note").order_by("seq").first()
    assert (audit.account_key, audit.changes["happened"]) == ("acme", [None, "Public reply"])
    changed = Outbound.objects.filter(payload__type="case.changed").order_by("pk").first().payload["data"]
    assert (changed["case"], changed["happened"]) == (case.number, "public_reply")
    assert "We look" not in str(changed)
    assert event.case.state == CaseState.OPEN


def test_a_note_and_an_automatic_reply_answer_nobody() -> None:
    case = opened(world())
    happened(case, EventKind.INTERNAL_NOTE, hour(0.5))
    happened(case, EventKind.AUTOMATIC_REPLY, hour(0.6))
    assert clock(case, "first_response").met_at is None


def test_the_case_stands_where_its_events_bring_it() -> None:
    case = opened(world())
    TeamFactory(key="exports")
    happened(case, EventKind.ASSIGNED, hour(1), "exports/Ana@Desk.example")
    happened(case, EventKind.SEVERITY, hour(1), "low")
    happened(case, STATE, hour(2), "waiting")
    row = Case.objects.get(pk=case.pk)
    assert (row.state, row.severity.key, row.team.key, row.assignee) == (
        "waiting",
        "low",
        "exports",
        "ana@desk.example",
    )
    assert (clock(case, "resolution").state, clock(case, "resolution").paused_since) == (ClockState.PAUSED, hour(2))
    happened(case, MESSAGE, hour(3))
    assert Case.objects.get(pk=case.pk).state == CaseState.OPEN
    happened(case, STATE, hour(4), "closed")
    assert Case.objects.get(pk=case.pk).ended_at == hour(4)


def test_the_same_event_told_again_is_the_one_that_stands() -> None:
    case = opened(world())
    first = note_once(case=case, kind=REPLY, by=SYSTEM, at=NOW, happened_at=hour(1), name="m-1", text="Hello")
    again = note_once(case=case, kind=REPLY, by=SYSTEM, at=NOW, happened_at=hour(1), name="m-1", text="Hello")
    undated = note_once(case=case, kind=REPLY, by=SYSTEM, at=NOW, name="m-1", text="Hello")
    assert (first.again, again.again, undated.again) == (False, True, True)
    assert first.event.pk == again.event.pk == undated.event.pk
    assert AuditEvent.objects.filter(verb="case:note").count() == 1
    with pytest.raises(CaseEventReused, match="when differs"):
        happened(case, REPLY, hour(2), name="m-1", text="Hello")
    with pytest.raises(CaseEventReused, match="the text differs"):
        happened(case, REPLY, hour(1), name="m-1", text="Bye")


def test_an_event_is_placed_by_its_instant_within_a_written_rule() -> None:
    case = opened(world())
    ahead = note(case=case, kind=REPLY, by=SYSTEM, at=hour(1), happened_at=hour(1) + timedelta(minutes=5))
    assert ahead.at == hour(1) + timedelta(minutes=5)
    with pytest.raises(FromTheFuture) as future:
        note(case=case, kind=REPLY, by=SYSTEM, at=hour(1), happened_at=hour(1) + timedelta(minutes=6))
    with pytest.raises(BeforeOpening) as before:
        happened(case, REPLY, OPENED - timedelta(seconds=1))
    assert (future.value.field, before.value.field) == ("at", "at")


@pytest.mark.parametrize(
    ("kind", "to", "refusal"),
    [
        (EventKind.OPENED, "high", Invalid),
        (STATE, "asleep", Invalid),
        (STATE, "", Invalid),
        (EventKind.SEVERITY, "dreadful", UnknownSeverity),
        (EventKind.ASSIGNED, "nobody/", UnknownTeam),
        (EventKind.ASSIGNED, "/ana", Invalid),
        (EventKind.STARTED, "first_response", NotByHand),
        (EventKind.MET, "lunch", NotByHand),
        (REPLY, "jo", Invalid),
    ],
)
def test_what_an_event_comes_to_has_to_be_there(kind: EventKind, to: str, refusal: type[Refusal]) -> None:
    case = opened(world())
    with pytest.raises(refusal):
        happened(case, kind, hour(1), to)
    assert case.events.count() == 1


def test_an_own_milestone_is_started_and_met_by_hand() -> None:
    case = opened(world())
    happened(case, EventKind.STARTED, hour(1), "workaround")
    assert clock(case, "workaround").due_at == hour(3)
    happened(case, EventKind.MET, hour(2), "workaround")
    assert clock(case, "workaround").met_at == hour(2)


def test_a_cancelled_case_is_steered_no_more_but_remembers_what_was_written() -> None:
    case = opened(world())
    happened(case, STATE, hour(1), "cancelled")
    with pytest.raises(CaseCancelled):
        happened(case, STATE, hour(2), "open")
    happened(case, EventKind.SEVERITY, hour(0.5), "low")  # it happened before
    happened(case, MESSAGE, hour(2))
    assert Case.objects.get(pk=case.pk).state == CaseState.CANCELLED
    assert {row["state"] for row in rows(case)} == {"cancelled"}


def test_a_run_that_is_no_more_goes_unless_somebody_was_told_of_it() -> None:
    case = opened(world())
    happened(case, REPLY, hour(1))
    happened(case, MESSAGE, hour(2))
    happened(case, MESSAGE, hour(4))
    happened(case, REPLY, hour(5))
    happened(case, MESSAGE, hour(6))
    CaseAlertFactory(clock=clock(case, "next_response", 2), case=case, once_key="told")
    happened(case, STATE, hour(1.5), "cancelled")
    left = {(row.milestone, row.run): row.state for row in Clock.objects.filter(case=case)}
    assert ("next_response", 1) not in left
    assert left["next_response", 2] == ClockState.CANCELLED
    assert CaseAlert.objects.filter(once_key="told").exists()


def test_the_next_telling_is_the_first_that_nobody_was_told() -> None:
    case = opened(world())
    assert clock(case, "resolution").next_at == hour(8)
    CaseAlertFactory(
        clock=clock(case, "resolution"), case=case, once_key=f"{case.pk}:resolution:1:breach:{hour(8):%Y%m%dT%H%M%S.%f}"
    )
    happened(case, EventKind.INTERNAL_NOTE, hour(1))
    assert clock(case, "resolution").next_at is None


def test_it_takes_the_permission() -> None:
    case = opened(world())
    with pytest.raises(NotAllowed):
        note(case=case, kind=REPLY, by=actor("auditor"), at=NOW)
    assert note(case=case, kind=REPLY, by=actor("support"), at=NOW).actor_name == "Support Person"
