from datetime import timedelta
from typing import Any

import pytest

from entitlements.models.account import Contact, IdentifierKind
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed
from journal.models import Staff
from support.actions.cases.intake import Taken, take_events, take_mail
from support.domain.case_events import CaseState, Channel, EventKind, Opener
from support.domain.case_intake.mail import parse_mail
from support.domain.case_intake.ticket_events import parse_ticket_events
from support.models import BusinessCalendar, Case, CaseEvent
from support.queries.cases.senders import account_of_sender
from tests.conftest import actor
from tests.entitlements.factories import AccountFactory
from tests.support.casework import NOW, clock, happened, holder, hour, opened, world
from tests.support.factories import CalendarVersionFactory, TeamFactory
from tests.support.world import findable, kept

pytestmark = pytest.mark.django_db

OPENED = {
    "id": "e-1", "ticket": "4711", "event": "opened", "at": "2026-03-02T09:00:00Z", "subject": "Export stops",
    "severity": "high", "requester": "jo@acme.example", "channel": "web",
}  # fmt: skip
REPLIED = {"id": "e-2", "ticket": "4711", "event": "public_reply", "at": "2026-03-02T09:30:00Z", "actor": "Ana"}


def take(*events: dict[str, Any]) -> list[Taken]:
    return take_events(parse_ticket_events({"source": "tickets", "events": list(events)}), by=SYSTEM, at=NOW)


def mailed(number: int = 1, **told: Any) -> Taken:
    message = {
        "from": "Jo <jo@acme.example>", "to": "support@desk.example", "subject": "Export stops", "text": "It stops.",
        "message_id": f"<{number}@acme.example>", "date": "Mon, 2 Mar 2026 19:00:00 +0000", **told,
    }  # fmt: skip
    return take_mail(parse_mail(message), by=SYSTEM, at=NOW)


@pytest.fixture
def team(db: None) -> None:
    TeamFactory(key="exports", email="support@desk.example")
    Staff.objects.create_user("ana", "Ana@desk.example", "x")


def test_a_ticket_is_opened_by_its_event_and_told_of_by_the_next() -> None:
    world()
    first, second = take(OPENED, REPLIED)
    case = Case.objects.get()
    assert (first.outcome, first.case, second.outcome) == ("accepted", case, "accepted")
    assert (case.source, case.external_id, case.account.key, case.channel) == ("tickets", "4711", "acme", Channel.WEB)
    assert clock(case, "first_response").met_at == hour(0.5)
    assert case.events.get(name="e-2").actor_name == "Ana"


def test_told_again_nothing_is_noted_twice() -> None:
    world()
    take(OPENED, REPLIED)
    assert [one.outcome for one in take(OPENED, REPLIED)] == ["duplicate", "duplicate"]
    assert (Case.objects.count(), CaseEvent.objects.count()) == (1, 2)


def test_a_batch_may_be_told_in_any_order() -> None:
    world()
    assert [one.outcome for one in take(REPLIED, OPENED)] == ["accepted", "accepted"]


def test_each_entry_is_judged_by_itself() -> None:
    world()
    told = take(
        OPENED,
        {**OPENED, "id": "e-9"},
        {**REPLIED, "ticket": "9999"},
        {**REPLIED, "id": "e-3", "at": "2027-03-02T09:30:00Z"},
        {**REPLIED, "id": "e-4", "at": "2026-03-01T09:30:00Z"},
        {**REPLIED, "id": "e-5", "at": "never"},
        {**REPLIED, "id": "e-6", "event": "severity", "severity": "dreadful"},
        REPLIED,
        {**REPLIED, "actor": "Ana", "event": "internal_note"},
    )
    assert [(one.outcome, one.refusal) for one in told] == [
        ("accepted", ""), ("refused", "case_known"), ("refused", "unknown_case"), ("refused", "from_the_future"),
        ("refused", "before_opening"), ("refused", "invalid"), ("refused", "unknown_severity"), ("accepted", ""),
        ("refused", "case_event_reused"),
    ]  # fmt: skip
    assert set(told[5].errors) == {"at"}
    assert Case.objects.get().number in told[1].detail


def test_hours_that_cannot_be_counted_refuse_their_case_alone() -> None:
    world()
    one_day = [{"on": "2026-03-02", "name": "", "hours": [[540, 1020]]}]
    CalendarVersionFactory(calendar=BusinessCalendar.objects.get(), week=[[]] * 7, days=one_day)
    first, second = take({**OPENED, "severity": "low"}, {**OPENED, "id": "e-3", "ticket": "4712", "account": "nobody"})
    assert (first.outcome, first.refusal, first.case) == ("refused", "hours_uncountable", None)
    assert "Export stops" in first.detail
    assert (second.outcome, second.case) == ("accepted", Case.objects.get())


def test_nobody_is_turned_away_because_the_customer_is_unknown() -> None:
    world()
    (told,) = take({**OPENED, "account": "nobody"})
    assert (told.outcome, told.case.account) == ("accepted", None)
    assert "without an account" in told.detail
    (mildest,) = take({**OPENED, "ticket": "2", "severity": "", "requester": ""})
    assert (mildest.case.severity.key, mildest.detail) == ("low", "Nobody is named who asks.")


def test_a_message_opens_a_case_for_whoever_wrote(team: None) -> None:
    world()
    told = mailed()
    case = told.case
    assert (told.outcome, case.account.key, case.requester, case.channel) == (
        "opened", "acme", "jo@acme.example", Channel.EMAIL
    )  # fmt: skip
    assert (case.opened_at, case.opener, case.severity.key) == (hour(10), Opener.CUSTOMER, "low")
    assert case.events.get().note == "It stops."
    assert mailed().outcome == "duplicate"
    assert Case.objects.count() == 1


def test_a_thread_is_followed_by_what_messages_answer(team: None) -> None:
    world()
    case = mailed().case
    reply = {"from": "Ana <ana@desk.example>", "to": "jo@acme.example", "in_reply_to": "<1@acme.example>"}
    answered = mailed(2, **reply, date="Mon, 2 Mar 2026 19:30:00 +0000")
    assert (answered.outcome, answered.kind, answered.case) == ("noted", EventKind.PUBLIC_REPLY, case)
    assert clock(case, "first_response").met_at == hour(10.5)
    again = mailed(3, references="<1@acme.example> <2@acme.example>", date="Mon, 2 Mar 2026 19:40:00 +0000")
    assert (again.kind, again.case) == (EventKind.CUSTOMER_MESSAGE, case)
    assert clock(case, "next_response").started_at == hour(10) + timedelta(minutes=40)
    away = mailed(4, in_reply_to="<2@acme.example>", headers={"Auto-Submitted": "auto-replied"})
    assert (away.outcome, away.kind) == ("noted", EventKind.AUTOMATIC_REPLY)
    assert mailed(2, **reply).outcome == "duplicate"


def test_a_customers_message_opens_a_closed_case_again(team: None) -> None:
    case = opened(world(), opened_at=hour(0), requester="jo@acme.example")
    happened(case, EventKind.STATE, hour(1), "closed")
    told = mailed(subject=f"Re: Export stops [{case.number}]")
    assert (told.outcome, told.case.state) == ("noted", CaseState.OPEN)


def test_a_number_that_was_guessed_leads_nowhere(team: None) -> None:
    case = opened(world(), requester="jo@acme.example")
    holder("beta")
    stranger = mailed(subject=f"[{case.number}] let me in", **{"from": "eve@beta.example"})
    assert (stranger.outcome, stranger.case.account.key) == ("opened", "beta")
    colleague = mailed(2, subject=f"[{case.number}] me too", **{"from": "kim@acme.example"})
    assert (colleague.outcome, colleague.case) == ("noted", case)
    assert mailed(3, subject="[C-999999] of nobody", **{"from": "ana@desk.example"}).outcome == "opened"


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ("jo@elsewhere.example", EventKind.PUBLIC_REPLY),
        ("kim@acme.example", EventKind.PUBLIC_REPLY),
        ("Lee@private.example", EventKind.PUBLIC_REPLY),
        ("supplier@cloud.example", EventKind.INTERNAL_NOTE),
        ("supplier@cloud.example, jo@elsewhere.example", EventKind.PUBLIC_REPLY),
        ("eve@beta.example", EventKind.INTERNAL_NOTE),
    ],
)
def test_only_what_goes_to_the_customer_answers_them(team: None, to: str, kind: EventKind) -> None:
    account = world()
    kept(Contact(account=account, email="lee@private.example", name="Lee"))
    holder("beta")
    case = opened(account, requester="jo@elsewhere.example")
    told = mailed(subject=f"[{case.number}] Export", to=to, **{"from": "ana@desk.example"})
    assert (told.kind, told.case) == (kind, case)
    assert (clock(case, "first_response").met_at is not None) == (kind is EventKind.PUBLIC_REPLY)


@pytest.mark.parametrize(
    ("requester", "kind"), [("jo@acme.example", EventKind.INTERNAL_NOTE), ("", EventKind.PUBLIC_REPLY)]
)
def test_without_an_account_the_requester_alone_is_the_customer(team: None, requester: str, kind: EventKind) -> None:
    world()
    case = opened(None, requester=requester)
    told = mailed(subject=f"[{case.number}] Export", to="kim@acme.example", **{"from": "ana@desk.example"})
    assert told.kind is kind


def test_where_no_address_of_the_customer_is_known_any_counts(team: None) -> None:
    world()
    case = opened(AccountFactory(key="gamma"))
    told = mailed(subject=f"[{case.number}] Export", to="kim@gamma.example", **{"from": "ana@desk.example"})
    assert told.kind is EventKind.PUBLIC_REPLY


def test_what_nobody_wrote_is_passed_over(team: None) -> None:
    world()
    assert mailed(headers={"Auto-Submitted": "auto-replied"}).outcome == "ignored"
    bounce = mailed(**{"from": "MAILER-DAEMON@mx.example"})
    assert (bounce.outcome, bounce.detail) == (
        "ignored", "A message came back that could not be delivered; nobody wrote it."
    )  # fmt: skip
    assert not Case.objects.exists()


@pytest.mark.parametrize("date", ["Mon, 2 Mar 2026 23:00:00 +0000", "Thu, 1 Jan 1970 00:00:00 +0000", ""])
def test_a_date_that_is_plainly_wrong_is_not_believed(team: None, date: str) -> None:
    world()
    assert mailed(date=date).case.opened_at == NOW


def test_staff_who_write_first_owe_no_first_response(team: None) -> None:
    world()
    case = mailed(**{"from": "ana@desk.example", "to": "jo@acme.example"}).case
    assert (case.opener, case.requester, case.account.key) == (Opener.AGENT, "jo@acme.example", "acme")


def test_whose_an_address_is(db: None) -> None:
    acme, beta = world(), holder("beta")
    assert account_of_sender("Jo@ACME.example").account == acme
    assert account_of_sender("jo@acme.exampl").account is None
    findable(beta, IdentifierKind.DOMAIN, "acme.example")
    several = account_of_sender("jo@acme.example")
    assert (several.account, several.why) == (None, "acme.example belongs to several accounts: acme, beta.")
    findable(beta, IdentifierKind.EMAIL, "jo@acme.example")
    assert account_of_sender("jo@acme.example").account == beta


def test_it_takes_the_permission(db: None) -> None:
    with pytest.raises(NotAllowed):
        take_events(parse_ticket_events({**OPENED, "source": "tickets"}), by=actor("sales"), at=NOW)
    with pytest.raises(NotAllowed):
        take_mail(parse_mail({"from": "jo@a.example", "message_id": "<1>"}), by=actor("sales"), at=NOW)
