"""Tickets as they come in: a blocked one has no case unless its help desk has it, and nothing is decided twice."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.models import Account
from journal.domain.actor import SYSTEM
from support.actions.cases.handling import CaseKnown
from support.actions.cases.intake import take_events, take_mail
from support.actions.intake.opening import Came, take_told
from support.actions.intake.recording import check_ticket, take_ticket
from support.domain.case_events import Channel, Opener
from support.domain.case_intake.mail import parse_mail
from support.domain.case_intake.ticket_events import parse_ticket_events
from support.domain.intake.tickets import Attachment
from support.models import Case, IntakeDecision
from support.queries.intake.deciding import Told, ticket_of
from tests.support.casework import NOW, OPENED, world
from tests.support.factories import AssetFactory, CoverFactory, CoverScopeFactory, TeamFactory
from tests.support.ticket_world import meant, read, ticket_world, told

pytestmark = pytest.mark.django_db
OPENING = {"subject": "Export stops", "severity": "high"}
EVENT = {
    "source": "tickets", "id": "e-1", "ticket": "4711", "event": "opened", "at": "2026-03-02T09:00:00Z",
    "subject": "Export stops", "severity": "high",
}  # fmt: skip


def came(ticket: Told, *, keeps: bool = False, opening: Any = OPENING, **how: Any) -> Came:
    return take_told(ticket, opening=opening, keeps=keeps, reads=lambda _: lambda: read(**how), by=SYSTEM, at=NOW)


def test_an_accepted_ticket_has_its_case_and_its_decision() -> None:
    found = came(told(ticket_world()))
    assert (found.decision.outcome, found.decision.reason, found.decision.stage) == ("accept", "covered", "decided")
    assert (found.case, found.case.external_id) == (found.decision.case, "4711")


def test_a_channel_that_is_not_checked_opens_as_before() -> None:
    found = take_told(told(ticket_world()), opening=OPENING, keeps=False, reads=lambda _: None, by=SYSTEM, at=NOW)
    assert (found.decision, found.case.tier) == (None, "standard")
    assert not IntakeDecision.objects.exists()


def test_what_staff_open_by_themselves_is_nobodys_request() -> None:
    ticket_world()
    found = came(told(Account.objects.get(key="poor")), opening={**OPENING, "opener": Opener.AGENT})
    assert (found.decision, found.case.opener) == (None, "agent")


def test_a_blocked_ticket_opens_nothing_and_is_decided_once() -> None:
    ticket_world()
    poor = told(Account.objects.get(key="poor"))
    first, again = came(poor), came(poor)
    assert (first.case, first.decision.outcome, first.decision.reason) == (None, "block", "not_covered")
    assert again.decision == first.decision
    assert (Case.objects.count(), IntakeDecision.objects.count()) == (0, 1)


def test_a_blocked_ticket_that_its_help_desk_tells_of_has_its_case_under_the_same_decision() -> None:
    ticket_world()
    poor = told(Account.objects.get(key="poor"))
    blocked = came(poor).decision
    kept = came(poor, keeps=True)
    assert (kept.decision, kept.case.tier) == (blocked, "")
    assert IntakeDecision.objects.get().case == kept.case
    with pytest.raises(CaseKnown):
        came(poor)


def test_a_ticket_without_a_number_is_each_time_another() -> None:
    acme = ticket_world()
    for _ in range(2):
        came(told(acme, external_id=""))
    assert (Case.objects.count(), IntakeDecision.objects.count()) == (2, 2)


def test_what_a_device_is_covered_by_is_owed_on_it() -> None:
    """Turned away by its account alone, somebody under warranty would lose what was paid for."""
    ticket_world()
    poor, fields = Account.objects.get(key="poor"), {"channel": Channel.PHONE, "external_id": ""}
    asset = AssetFactory(account=poor, serial="SN-1")
    CoverScopeFactory(cover=CoverFactory(account=poor, tier="standard"), kind="asset", product=None, asset=asset)
    unnamed = came(told(poor, **fields)).decision
    assert (unnamed.outcome, unnamed.reason, unnamed.parts[0]["proposed"]) == ("hold", "unsure", None)
    found = came(told(poor, asset=asset.serial, **fields))
    assert (found.decision.outcome, found.case.tier, found.case.asset) == ("hold", "standard", asset)


def test_a_team_that_was_named_goes_before_the_route() -> None:
    TeamFactory(key="exports")
    assert came(told(ticket_world()), opening={**OPENING, "team": "exports"}).case.team.key == "exports"


def test_what_no_database_can_keep_is_left_out() -> None:
    acme = ticket_world()
    odd = ticket_of("A\x00B", "half \ud800", [Attachment("a\x00", "\ud800", "")])
    row = check_ticket(Told(odd, Channel.EMAIL, acme, requester="Jo@ACME.example"), read(), by=SYSTEM, at=NOW)
    assert (row.subject, row.text, row.attachments[0][0], row.requester) == ("AB", "half ?", "a", "jo@acme.example")


def test_help_is_asked_of_the_instant_it_was_opened() -> None:
    """Told late, a ticket of somebody whose cover ended meanwhile is still one that was covered."""
    acme = ticket_world()
    late = OPENED.replace(year=2031)
    taken = take_ticket(
        told(acme, opened_at=OPENED), read(), opening=OPENING, keeps=False, by=SYSTEM, at=late
    )  # fmt: skip
    assert taken.decision.engine["help"]["covered"]
    assert taken.case.tier == "standard"


@given(turns=st.lists(st.tuples(st.sampled_from(["4711", "4712"]), st.sampled_from(["acme", "poor"])), max_size=6))
def test_whatever_is_told_again_in_whatever_order_is_one_case_and_one_decision(turns: list[tuple[str, str]]) -> None:
    if not Account.objects.filter(key="acme").exists():
        ticket_world()
    before = Case.objects.count(), IntakeDecision.objects.count()
    owners: dict[str, str] = {}
    for number, key in turns:
        owner = owners.setdefault(number, key)
        ticket = told(Account.objects.get(key=owner), external_id=f"{before}:{number}")
        try:
            came(ticket)
        except CaseKnown:
            assert owner == "acme"
    opened = sum(owner == "acme" for owner in owners.values())
    assert (Case.objects.count() - before[0], IntakeDecision.objects.count() - before[1]) == (opened, len(owners))


def test_events_and_mail_keep_their_case_and_are_read_once() -> None:
    ticket_world()
    seen = []

    def reads(ticket: Told) -> Any:
        return lambda: seen.append(ticket.ticket.subject) or read(meant(exports=0.2))

    opened = parse_ticket_events({**EVENT, "account": "poor"})
    outcomes = [take_events(opened, by=SYSTEM, at=NOW, reads=reads)[0].outcome for _ in range(2)]
    mail = parse_mail({"from": "jo@acme.example", "subject": "Hm", "text": "Well", "message_id": "<1@acme.example>"})
    outcomes += [take_mail(mail, by=SYSTEM, at=NOW, reads=reads).outcome for _ in range(2)]
    assert outcomes == ["accepted", "duplicate", "opened", "duplicate"]
    assert seen == ["Export stops", "Hm"]
    decided = IntakeDecision.objects.order_by("pk").values_list("outcome", "stage", "case__channel")
    assert list(decided) == [("block", "decided", "api"), ("hold", "held", "email")]


def test_without_anybody_who_reads_events_are_as_they_were() -> None:
    world()
    assert take_events(parse_ticket_events({**EVENT, "account": "acme"}), by=SYSTEM, at=NOW)[0].outcome == "accepted"
    assert not IntakeDecision.objects.exists()
