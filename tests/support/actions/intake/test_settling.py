"""What a person decides: told to the help desk in words that fit, for whoever the customer is by now, and never lost."""

from typing import Any

import pytest

from catalog.models import Feature
from entitlements.models import Account
from journal.actions.webhooks.endpoints import set_up
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent, Outbound
from support.actions.cases.opening import open_case, set_account
from support.actions.intake.articles import set_article, set_route
from support.actions.intake.opening import take_told
from support.actions.intake.recording import take_ticket
from support.actions.intake.settling import settle_ticket
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Outcome, Plays
from support.models import Case, IntakeDecision
from tests.entitlements.actions.test_merging import merged
from tests.support.casework import NOW
from tests.support.factories import AssetFactory, TeamFactory
from tests.support.ticket_world import meant, read, ticket_world, told

pytestmark = pytest.mark.django_db
OPENING = {"subject": "Export stops", "severity": "high"}
URL = "https://help.example/exports"


def taken(account: Account | None, *, keeps: bool = False, number: str = "4711", **more: Any) -> IntakeDecision:
    what = read(meant(**more.pop("sure", {"exports": 0.2})))
    ticket = told(account, external_id=number, **more)
    return take_ticket(ticket, what, opening=OPENING, keeps=keeps, by=SYSTEM, at=NOW).decision


def settled(row: IntakeDecision, outcome: Outcome, *labels: str | None) -> IntakeDecision:
    return settle_ticket(decision=row, outcome=outcome, labels=labels or None, by=SYSTEM, at=NOW)


def poor() -> Account:
    return Account.objects.get(key="poor")


def test_what_a_customer_may_be_told_is_what_was_decided() -> None:
    """A colleague looks at nothing any more."""
    acme = ticket_world()
    set_article(
        feature=Feature.objects.get(key="exports"), title="Exports", url=URL, plays=Plays.INSTEAD, by=SYSTEM, at=NOW
    )
    set_up(url="https://helpdesk.example/", events=["ticket.settled"], by=SYSTEM, at=NOW)
    said = {}
    for number, outcome in enumerate((Outcome.ACCEPT, Outcome.REDIRECT, Outcome.SUGGEST, Outcome.BLOCK)):
        row = taken(acme, number=str(number))
        assert "A colleague will look" in row.customer_words
        said[outcome] = settled(row, outcome, "exports").customer_words
    assert "We have taken up your request" in said[Outcome.ACCEPT]
    assert f"This article answers it: “Exports”, {URL}" in said[Outcome.REDIRECT]
    assert said[Outcome.SUGGEST] == ""  # nothing on sale would help, so nobody knows what to say
    assert "can’t take up" in said[Outcome.BLOCK]
    messages = Outbound.objects.filter(payload__type="ticket.settled").order_by("pk")
    assert [one.payload["data"]["customer_words"] for one in messages] == list(said.values())


def test_what_the_desk_had_said_of_the_same_outcome_stands() -> None:
    ticket_world()
    row = taken(poor())
    assert settled(row, Outcome.BLOCK).customer_words == row.customer_words != ""


def test_an_offer_is_that_of_the_feature_that_was_meant() -> None:
    row = taken(ticket_world(), sure={"sso": 0.6})
    row.engine["features"]["sso"]["offers"] = [{"key": "gold", "name": "Gold", "words": "€9", "add_on": False}]
    IntakeDecision.objects.filter(pk=row.pk).update(engine=row.engine)
    assert "“Gold” would give it" in settled(row, Outcome.SUGGEST, "sso").customer_words


def test_a_ticket_of_an_account_that_was_merged_goes_on_where_it_went() -> None:
    acme = ticket_world()
    set_up(url="https://acme.example/", events=["ticket.settled"], account_key="acme", by=SYSTEM, at=NOW)
    blocked, kept = taken(poor()), taken(poor(), keeps=True, number="4712")
    merged(poor(), acme, at=NOW)
    for row in (blocked, kept):
        settled(IntakeDecision.objects.get(pk=row.pk), Outcome.ACCEPT)
    assert set(Case.objects.values_list("account__key", flat=True)) == {"acme"}
    assert {event.account_key for event in AuditEvent.objects.filter(verb="ticket:settle")} == {"acme"}
    told_of = Outbound.objects.filter(payload__type="ticket.settled")
    assert [one.payload["data"]["account"] for one in told_of] == ["acme", "acme"]


def test_whose_account_was_found_later_is_routed_by_that() -> None:
    acme, team = ticket_world(), TeamFactory(key="exports")
    set_route(team=team, by=SYSTEM, at=NOW)
    row = taken(None, requester="jo@nobody.example")
    set_account(case=row.case, account=acme, by=SYSTEM, at=NOW)
    settled(IntakeDecision.objects.get(pk=row.pk), Outcome.ACCEPT)
    assert Case.objects.get().team == team


def test_a_blocked_ticket_whose_case_its_help_desk_has_opened_is_that_case() -> None:
    """Opened while nothing was checked: it is one ticket all the same."""
    ticket_world()
    row = taken(poor())
    case = open_case(
        **OPENING, channel=Channel.EMAIL, source="tickets", external_id="4711", account=poor(), by=SYSTEM, at=NOW
    )
    assert settled(row, Outcome.ACCEPT).case == case


def test_a_blocked_ticket_that_comes_by_a_channel_that_is_not_checked_any_more_has_its_case() -> None:
    ticket_world()
    row = taken(poor())
    came = take_told(told(poor()), opening=OPENING, keeps=False, reads=lambda _: None, by=SYSTEM, at=NOW)
    row.refresh_from_db()
    assert (came.decision, came.case) == (row, row.case)
    assert came.case is not None
    assert AuditEvent.objects.filter(verb="ticket:give_case").count() == 1


def test_what_it_was_about_and_is_gone_keeps_nobody_from_accepting_it() -> None:
    acme = ticket_world()
    asset = AssetFactory(account=poor(), serial="SN-1")
    row = taken(poor(), channel=Channel.PHONE, asset="SN-1")
    assert row.outcome == "block"
    type(asset).objects.filter(pk=asset.pk).update(account=acme)
    case = settled(row, Outcome.ACCEPT).case
    assert (case.account, case.asset) == (poor(), None)
