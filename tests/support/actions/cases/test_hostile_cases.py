"""What somebody might try: to lose a promise on the way, to silence alerts, to write into a case of somebody else."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from entitlements.actions.sweep import sweep
from entitlements.models import Account, SweepMark
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid
from support.actions.cases.alerting import tell_alerts
from support.actions.cases.bettering import better_tiers
from support.actions.cases.intake import take_events, take_mail
from support.actions.cases.noting import note
from support.actions.cases.opening import set_account
from support.actions.health import set_health
from support.actions.holidays import add_holiday
from support.domain.case_events import EventKind, Health
from support.domain.case_intake.mail import parse_mail
from support.domain.case_intake.ticket_events import parse_ticket_events
from support.domain.milestones import Signal
from support.models import CaseAlert, Clock
from tests.support.alarms import ESCALATES, alarmed, case_of, in_force, promise, severities
from tests.support.casework import NOW, OPENED, clock, holder, hour, opened, world
from tests.support.factories import TargetRuleFactory
from tests.support.world import START, lend_tier

pytestmark = pytest.mark.django_db


def test_nobody_takes_the_name_under_which_the_desk_raises_a_severity(support_agent) -> None:
    """Its own event would be refused as another one under the same name, and with it every alert of the case."""
    case = case_of(alarmed([ESCALATES]))
    name = f"raise:{case.pk}:first_response:1:60minutes:120minutes"
    with pytest.raises(Invalid, match="the desk’s own"):
        note(case=case, kind=EventKind.INTERNAL_NOTE, by=support_agent, at=OPENED, name=name)
    tell_alerts(at=hour(4))
    assert case.events.filter(name=name, kind=EventKind.SEVERITY).exists()
    assert CaseAlert.objects.filter(case=case, kind="breach").exists()


def test_the_number_of_a_help_desk_s_event_is_no_message_that_could_be_answered() -> None:
    account = world()
    told = {"source": "tickets", "id": "e-1", "ticket": "1", "event": "opened", "at": OPENED.isoformat()}
    entry = {**told, "subject": "Export stops", "severity": "high", "account": account.key}
    (taken,) = take_events(parse_ticket_events(entry), by=SYSTEM, at=NOW)
    mail = {"from": "eve@other.example", "subject": "Hi", "text": "?", "message_id": "<x@other.example>"}
    answer = take_mail(parse_mail({**mail, "in_reply_to": "<e-1>"}), by=SYSTEM, at=NOW)
    assert (answer.outcome, answer.case == taken.case) == ("opened", False)


def test_what_a_customer_writes_about_a_cancelled_case_is_owed_an_answer() -> None:
    world()
    first = {"from": "jo@acme.example", "subject": "Export stops", "text": "?", "message_id": "<1@acme.example>"}
    case = take_mail(parse_mail(first), by=SYSTEM, at=OPENED).case
    assert case is not None
    note(case=case, kind=EventKind.STATE, to="cancelled", by=SYSTEM, at=hour(1))
    again = {**first, "message_id": "<2@acme.example>", "in_reply_to": "<1@acme.example>"}
    answer = take_mail(parse_mail(again), by=SYSTEM, at=hour(2))
    assert (answer.outcome, answer.case == case) == ("opened", False)
    assert Clock.objects.filter(case=answer.case, milestone="first_response", state="running").exists()
    out = {**again, "message_id": "<3@acme.example>", "headers": {"Auto-Submitted": "auto-replied"}}
    assert take_mail(parse_mail(out), by=SYSTEM, at=hour(2)).outcome == "noted"


def test_a_case_that_is_given_away_and_back_keeps_the_better_tier(support_agent) -> None:
    acme = alarmed([])
    in_force(promise({"first_response": (15, 60, 120)}, tier="priority"))
    SweepMark.objects.create(swept_to=START)
    beta = holder("beta")
    case = case_of(acme)
    lend_tier(acme, "priority", starts_at=hour(0.25), ends_at=hour(500))
    sweep(at=hour(0.5))
    assert better_tiers(at=hour(0.5)) == 1
    for account in (beta, acme):
        case = set_account(case=case, account=account, by=support_agent, at=hour(0.6))
    better_tiers(at=hour(0.75))
    case.refresh_from_db()
    assert (case.tier, Clock.objects.get(case=case).due_at) == ("priority", hour(1))


def test_a_case_that_is_given_away_and_back_is_not_promised_by_what_was_said_since(support_agent) -> None:
    """Who handles cases may say how an account is doing, but by that nothing is due later that was promised before."""
    severities()
    version = promise({"first_response": (30, 120, 240)})
    TargetRuleFactory(version=version, signal=Signal.HEALTH, value="good", percent=300)
    in_force(version)
    acme, beta = holder(), holder("beta")
    case = case_of(acme)
    set_health(account=acme, level=Health.GOOD, reason="All is well.", by=support_agent, at=hour(0.5))
    for account in (beta, acme):
        case = set_account(case=case, account=account, by=support_agent, at=hour(1))
    assert Clock.objects.get(case=case).due_at == hour(2)
    assert Clock.objects.get(case=case_of(acme, at=hour(1))).due_at == hour(7)


def test_a_holiday_put_on_file_since_takes_a_recompute(support_agent) -> None:
    world()
    case = opened(holder("beta", country="NL"), at=OPENED, severity="low")
    due = clock(case, "resolution").due_at
    add_holiday(country="NL", on=OPENED.date() + timedelta(days=1), name="A day off", by=support_agent, at=hour(0.5))
    for key in ("acme", "beta"):
        case = set_account(case=case, account=Account.objects.get(key=key), by=support_agent, at=hour(1))
    assert clock(case, "resolution").due_at == due


def test_what_was_told_is_never_taken_back(support_agent) -> None:
    case = case_of(alarmed([]))
    tell_alerts(at=hour(3))
    for deed in (lambda rows: rows.update(words="In time."), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            deed(CaseAlert.objects.filter(case=case))
    assert "is late" in CaseAlert.objects.get(case=case).words
