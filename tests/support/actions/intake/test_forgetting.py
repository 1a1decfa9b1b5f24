"""The words of old tickets are let go; what was decided of them stays."""

from dataclasses import replace
from datetime import timedelta

import pytest

from journal.domain.actor import SYSTEM
from support.actions.intake.forgetting import forget_tickets
from support.actions.intake.recording import take_ticket
from support.actions.intake.resuming import give_up_waiting
from support.domain.case_events import Channel
from support.domain.intake.tickets import Attachment, Request
from support.models import IntakeDecision, Teaching
from support.queries.intake.deciding import Told, ticket_of
from support.queries.intake.replaying import replayed
from support.tasks import forget, late_answers, teach, teach_asked
from tests.support.actions.intake.test_opening import OPENING
from tests.support.casework import NOW
from tests.support.factories import IntakeDecisionFactory
from tests.support.outside_world import taken, waiting
from tests.support.ticket_world import checking, meant, read, ticket_world, told

pytestmark = pytest.mark.django_db


def test_words_go_and_decisions_stay():
    checking(text_days=30)
    old = IntakeDecisionFactory(at=NOW - timedelta(days=31), attachments=[["a.txt", "sso", ""]])
    young = IntakeDecisionFactory(at=NOW - timedelta(days=29))
    assert forget_tickets(at=NOW, enough=lambda: False) == 1
    assert forget_tickets(at=NOW, enough=lambda: False) == 0
    kept = IntakeDecision.objects.get(pk=old.pk)
    assert (kept.subject, kept.text, kept.attachments, kept.forgotten_at) == ("", "", [], NOW)
    assert [one["text"] for one in kept.readings] == [""]
    assert kept.readings[0]["candidates"] == [["sso", 0.87, ""], ["storage", 0.06, ""], ["", 0.04, ""]]
    assert (kept.outcome, kept.text_digest, kept.parts) == (old.outcome, old.text_digest, old.parts)
    assert IntakeDecision.objects.get(pk=young.pk).text == young.text


def test_what_a_file_is_called_goes_with_it_and_the_decision_made_again_is_the_same():
    """“passport of Jo Doe.png” says who wrote, and what about."""
    acme = ticket_world()
    file = Attachment("passport of Jo.png", "", "a picture")
    read_in_it = replace(meant(exports=0.95), request=Request("It stops.", "passport of Jo.png"))
    ticket = Told(ticket_of("Export", "It stops.", [file]), Channel.EMAIL, acme, requester="jo@acme.example")
    row = take_ticket(ticket, read(read_in_it), opening=OPENING, keeps=False, by=SYSTEM, at=NOW).decision
    assert row.reason == "unreadable"
    assert forget_tickets(at=NOW + timedelta(days=91), enough=lambda: False) == 1
    kept = IntakeDecision.objects.get()
    assert "passport" not in str(IntakeDecision.objects.values().get())
    again = replayed(kept)
    assert (again.outcome, again.reason, again.words) == (kept.outcome, kept.reason, kept.words)
    assert [part.words for part in again.parts] == [part["words"] for part in kept.parts]


@pytest.mark.parametrize("given_up", [True, False])
def test_what_nobody_answered_is_made_again_as_it_stands(given_up):
    if given_up:
        row, _secret = waiting()
        give_up_waiting(at=NOW + timedelta(hours=2), enough=lambda: False)
    else:
        row = taken(told(ticket_world(read_by="outside")))  # nobody is there to ask
    row.refresh_from_db()
    again = replayed(row)
    assert (row.reason, again.reason, again.words) == ("not_read", "not_read", row.words)


def test_the_tasks_run_where_there_is_nothing_to_do():
    assert (late_answers(), forget(), teach_asked()) == (0, 0, False)
    assert (teach(), teach(), Teaching.objects.count()) == (True, True, 1)


@pytest.mark.parametrize("task", ["late_answers", "forget_tickets", "teach", "teach_asked"])
def test_they_are_called_by_the_clock(task, settings):
    assert f"support.{task}" in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
