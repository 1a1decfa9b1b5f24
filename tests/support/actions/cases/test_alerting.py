"""Warnings, breaches and escalations are told once, to whom they concern, whatever happens to the one who tells."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from journal.domain.actor import SYSTEM
from journal.models import Outbound, Staff
from support.actions.cases import alerting, noting
from support.actions.cases.alerting import tell_alerts
from support.domain.case_events import EventKind
from support.models import Case, CaseAlert, CaseEvent, Clock
from support.queries.cases.alerts import corrected
from support.tasks import alerts as alerts_task
from tests.journal.factories import WebhookEndpointFactory
from tests.journal.side_by_side import at_once
from tests.support.alarms import (
    ESCALATES,
    WARNS,
    alarmed,
    alerts,
    case_of,
    in_force,
    mails,
    next_at,
    promise,
    severities,
)
from tests.support.casework import holder, hour
from tests.support.world import kept

pytestmark = pytest.mark.django_db
TEAM, ANA = "frontline@desk.example", "ana@desk.example"
MINUTE = timedelta(minutes=1)


def note(case: Case, kind: EventKind, at: float, to: str = "", heard: float | None = None) -> Any:
    return noting.note(case=case, kind=kind, by=SYSTEM, at=hour(heard or at), happened_at=hour(at), to=to)


def test_a_warning_is_told_to_the_team_and_the_assignee_at_its_instant() -> None:
    case = case_of(alarmed())
    assert next_at(case) == hour(1.5)
    assert tell_alerts(at=hour(1.5) - MINUTE) == 0
    assert tell_alerts(at=hour(1.5)) == 1
    assert alerts() == [("warning", 1.5, [TEAM, ANA])]
    assert [recipient for recipient, _ in mails()] == [TEAM, ANA]
    assert f"C-{case.pk} due soon: First response" in mails()[0][1]
    assert next_at(case) == hour(2)


def test_nobody_is_told_twice() -> None:
    case_of(alarmed())
    for minutes in range(0, 60, 5):
        tell_alerts(at=hour(1.5) + minutes * MINUTE)
    assert [kind for kind, _, _ in alerts()] == ["warning", "breach"]
    assert len(mails()) == 4
    assert [corrected(alert) for alert in CaseAlert.objects.all()] == ["", ""]


def test_a_breach_is_told_to_team_and_assignee_an_escalation_to_whom_its_step_names() -> None:
    account = alarmed([WARNS, {**ESCALATES, "raise_to": ""}])
    account.owner = Staff.objects.create(username="own", email="own@desk.example")
    kept(account)
    case_of(account)
    tell_alerts(at=hour(3))
    assert alerts() == [
        ("warning", 1.5, []),  # it was late by then
        ("breach", 2, [TEAM, ANA]),
        ("escalation", 3, ["own@desk.example", "boss@desk.example"]),
    ]


def test_a_step_raises_the_severity_at_its_own_instant_however_late_it_is_told() -> None:
    case = case_of(alarmed())
    tell_alerts(at=hour(50))
    case.refresh_from_db()
    raised = CaseEvent.objects.get(case=case, kind=EventKind.SEVERITY)
    assert (case.severity.key, raised.at, raised.recorded_at, raised.to) == ("urgent", hour(3), hour(50), "urgent")
    assert "raised to Urgent" in CaseAlert.objects.filter(kind="escalation").earliest("pk").words


def test_a_step_that_raised_the_severity_is_not_told_again_of_what_it_led_to() -> None:
    case_of(alarmed())
    tell_alerts(at=hour(3.1))
    assert [(kind, at) for kind, at, told in alerts() if told] == [("breach", 2), ("escalation", 3)]
    assert [told for kind, at, told in alerts() if (kind, at) == ("escalation", 3)] == [["boss@desk.example"], []]


def test_what_staff_said_after_a_step_stands_though_the_step_is_told_late() -> None:
    """The step came at three, was told at fifty, and staff lowered the severity at four for good reasons."""
    case = case_of(alarmed([ESCALATES]))
    note(case, EventKind.SEVERITY, 4, "low")
    note(case, EventKind.PUBLIC_REPLY, 4.5)
    tell_alerts(at=hour(50))
    case.refresh_from_db()
    assert case.severity.key == "low"
    severities = CaseEvent.objects.filter(case=case, kind=EventKind.SEVERITY).order_by("at")
    assert list(severities.values_list("to", "at")) == [("urgent", hour(3)), ("low", hour(4))]


def test_a_step_never_makes_a_severity_less_bad() -> None:
    case = case_of(alarmed([{**ESCALATES, "raise_to": "low"}]))
    tell_alerts(at=hour(3))
    assert not CaseEvent.objects.filter(case=case, kind=EventKind.SEVERITY).exists()


def test_a_warning_of_what_was_met_meanwhile_is_recorded_and_told_to_nobody() -> None:
    case = case_of(alarmed())
    note(case, EventKind.PUBLIC_REPLY, 1.7)
    assert tell_alerts(at=hour(1.8)) == 1
    assert (alerts(), mails()) == ([("warning", 1.5, [])], [])
    assert "Nobody was told" in CaseAlert.objects.get().words
    assert next_at(case) is None


def test_a_breach_of_what_was_met_since_is_told_with_both() -> None:
    case = case_of(alarmed())
    note(case, EventKind.PUBLIC_REPLY, 2.5)
    tell_alerts(at=hour(4))
    assert [(kind, told) for kind, _, told in alerts() if told] == [("breach", [TEAM, ANA])]
    assert "was met late" in CaseAlert.objects.get(kind="breach").words


def test_a_reply_in_time_that_is_heard_of_before_anybody_looks_leaves_no_breach() -> None:
    case = case_of(alarmed())
    note(case, EventKind.PUBLIC_REPLY, 1, heard=5)
    tell_alerts(at=hour(5))
    assert alerts() == []


def test_a_breach_that_turns_out_untrue_stays_recorded_and_the_clock_is_in_time() -> None:
    case = case_of(alarmed([]))
    tell_alerts(at=hour(2.1))
    note(case, EventKind.PUBLIC_REPLY, 1, heard=3)
    tell_alerts(at=hour(3))
    assert [kind for kind, _, _ in alerts()] == ["breach"]
    clock = Clock.objects.get(case=case)
    assert (clock.breached_at, clock.met_at) == (None, hour(1))
    assert corrected(CaseAlert.objects.get()) == "By what was heard of since, it was in time."


def test_the_row_is_not_trusted() -> None:
    """A clock that was not written anew calls for nothing by itself, nor does one that was lost."""
    case = case_of(alarmed())
    Clock.objects.filter(case=case).update(next_at=hour(0.5), due_at=hour(0.6))
    assert tell_alerts(at=hour(1)) == 0
    assert (alerts(), next_at(case)) == ([], hour(1.5))


def test_after_two_days_without_a_beat_everything_is_told_once_with_its_true_instant() -> None:
    first = case_of(alarmed([WARNS, {**ESCALATES, "raise_to": ""}]))
    second = case_of(first.account, at=hour(20))
    for _ in range(2):
        tell_alerts(at=hour(48))
    assert [(kind, at) for kind, at, _ in alerts(first)] == [("warning", 1.5), ("breach", 2), ("escalation", 3)]
    assert [(kind, at) for kind, at, _ in alerts(second)] == [("warning", 21.5), ("breach", 22), ("escalation", 23)]
    assert set(CaseAlert.objects.values_list("told_at", flat=True)) == {hour(48)}


def test_one_case_that_fails_holds_up_no_other_and_is_told_once_it_works(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = case_of(alarmed([]))
    good = case_of(bad.account)
    record = alerting.record_alert

    def stumbling(case: Case, *args: Any, **more: Any) -> Any:
        if case.pk == bad.pk:
            raise RuntimeError("its wire broke")
        return record(case, *args, **more)

    monkeypatch.setattr(alerting, "record_alert", stumbling)
    tell_alerts(at=hour(2.1))
    assert (alerts(bad), [kind for kind, _, _ in alerts(good)]) == ([], ["breach"])
    assert f"C-{bad.pk}" in caplog.text
    monkeypatch.undo()
    tell_alerts(at=hour(2.2))
    assert [(kind, at) for kind, at, _ in alerts(bad)] == [("breach", 2)]


def test_killed_in_the_middle_of_a_case_nothing_of_it_was_told_and_all_is_told_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = case_of(alarmed([{**ESCALATES, "raise_to": "urgent"}]))
    record = alerting.record_alert

    def killed(case: Case, due: Any, **more: Any) -> Any:
        if due.alert.kind == "escalation":
            raise KeyboardInterrupt
        return record(case, due, **more)

    monkeypatch.setattr(alerting, "record_alert", killed)
    with pytest.raises(KeyboardInterrupt):
        tell_alerts(at=hour(3))
    assert (alerts(), mails(), CaseEvent.objects.filter(kind="severity").count()) == ([], [], 0)
    monkeypatch.undo()
    tell_alerts(at=hour(3.1))
    assert [(kind, at) for kind, at, _ in alerts(case)][:2] == [("breach", 2), ("escalation", 3)]


def test_a_clock_that_goes_back_tells_nothing_twice_and_takes_back_what_is_not_late_yet() -> None:
    case = case_of(alarmed([]))
    other = case_of(case.account, at=hour(1))
    tell_alerts(at=hour(2.5))
    assert [(kind, at) for kind, at, _ in alerts()] == [("breach", 2)]
    tell_alerts(at=hour(1))  # it had been an hour and a half ahead
    assert Clock.objects.get(case=case).breached_at is None
    for late in (2.5, 3, 3.5):
        tell_alerts(at=hour(late))
    assert [(kind, at) for kind, at, _ in alerts()] == [("breach", 2), ("breach", 3)]
    assert Clock.objects.get(case=other).breached_at == hour(3)


def test_other_systems_are_told_with_the_case_the_clock_and_the_instant() -> None:
    WebhookEndpointFactory(events=["case.warned", "case.breached", "case.escalated"])
    case = case_of(alarmed())
    for late in (1.5, 2.01, 3):
        tell_alerts(at=hour(late))
    sent = [row.payload for row in Outbound.objects.filter(kind="webhook").order_by("pk")]
    assert [payload["type"] for payload in sent][:3] == ["case.warned", "case.breached", "case.escalated"]
    breach, escalation = sent[1]["data"], sent[2]["data"]
    assert breach["case"] == case.number
    assert (breach["milestone"], breach["at"], breach["breached_at"]) == (
        "first_response",
        "2026-03-02T11:00:00Z",
        "2026-03-02T11:00:00Z",
    )
    assert (escalation["step"], escalation["raised_to"]) == ("60minutes", "urgent")


def test_who_has_had_enough_stops_and_the_rest_is_told_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "TOGETHER", 1)
    first = case_of(alarmed([]))
    case_of(first.account)
    assert tell_alerts(at=hour(2.1), enough=lambda: True) == 1
    assert tell_alerts(at=hour(2.1)) == 1


def test_what_is_due_is_found_by_the_index(django_assert_max_num_queries: Any) -> None:
    case_of(alarmed())
    with django_assert_max_num_queries(2):
        assert tell_alerts(at=hour(1)) == 0


def test_the_task_tells_what_is_due_now() -> None:
    case_of(alarmed())
    with time_machine.travel(hour(1.6), tick=False):
        assert alerts_task() == 1
    assert CaseAlert.objects.get().told_at == hour(1.6)


@pytest.mark.django_db(transaction=True)
def test_two_who_tell_at_once_tell_once() -> None:
    first = case_of(alarmed())
    for _ in range(3):
        case_of(first.account)
    told = at_once(*[lambda: tell_alerts(at=hour(2.1))] * 2)
    assert [each for each in told if isinstance(each, Exception)] == []
    assert sum(told) == 8
    assert (CaseAlert.objects.count(), len(mails())) == (8, 8)


def test_a_breach_after_one_that_was_none_is_told_too() -> None:
    severities()
    in_force(promise({"resolution": (60,)}, pauses_while=["waiting"]))
    case = case_of(holder(), severity="urgent")
    tell_alerts(at=hour(1.1))
    note(case, EventKind.STATE, 0.5, to="waiting", heard=1.2)
    assert corrected(CaseAlert.objects.get()) == "By what was heard of since, it was in time."
    note(case, EventKind.STATE, 2, to="open")  # half an hour is left
    for again in (2.4, 2.6, 2.7):
        tell_alerts(at=hour(again))
    assert [(kind, at) for kind, at, _ in alerts(case)] == [("breach", 1.0), ("breach", 2.5)]
