"""One ticket told, decided or answered by many at the same moment: one decision, and one case or none."""

from collections.abc import Callable
from typing import Any

import pytest

from entitlements.models import Account
from journal.actions.webhooks.endpoints import set_up
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.models import AuditEvent, Outbound
from support.actions.cases.handling import SCOPE, CaseKnown
from support.actions.cases.intake import take_events
from support.actions.intake.recording import take_ticket
from support.actions.intake.resuming import AnswerKnown, AnswerLate, give_up_waiting, resume_ticket
from support.actions.intake.settling import AlreadySettled, settle_ticket
from support.domain.case_intake.ticket_events import parse_ticket_events
from support.domain.intake.outcomes import Outcome
from support.domain.intake.understood import Candidate
from support.models import Case, IntakeDecision
from tests.entitlements.factories import AccountFactory
from tests.journal.side_by_side import at_once
from tests.support.actions.intake.test_opening import EVENT, OPENING
from tests.support.casework import NOW
from tests.support.outside_world import SOON, question, waiting
from tests.support.ticket_world import meant, read, ticket_world, told

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_blocked_ticket_told_by_many_is_decided_once() -> None:
    ticket_world()
    poor = told(Account.objects.get(key="poor"))

    def take() -> tuple[str, bool]:
        taken = take_ticket(poor, read(), opening=OPENING, keeps=False, by=SYSTEM, at=NOW)
        return taken.decision.number, taken.again

    answers = at_once(*(take for _ in range(4)))
    assert sorted(again for _, again in answers) == [False, True, True, True]
    assert len({number for number, _ in answers}) == 1
    assert (Case.objects.count(), IntakeDecision.objects.count()) == (0, 1)


def test_one_accepted_ticket_told_by_many_is_one_case_with_one_decision() -> None:
    ticket = told(ticket_world())
    answers = at_once(
        *(lambda: take_ticket(ticket, read(), opening=OPENING, keeps=True, by=SYSTEM, at=NOW) for _ in range(4))
    )
    assert sum(isinstance(one, CaseKnown) for one in answers) == 3
    assert (Case.objects.count(), IntakeDecision.objects.count()) == (1, 1)


def test_one_ticket_of_nobody_known_is_one_case_with_one_decision() -> None:
    """No account is there to hold on to: the case of the ticket is what there can be but one of."""
    ticket_world()
    entries = parse_ticket_events({**EVENT, "requester": "who@unknown.example"})
    answers = at_once(
        *(lambda: take_events(entries, by=SYSTEM, at=NOW, reads=lambda _: read)[0].outcome for _ in range(4))
    )
    assert sorted(answers) == ["accepted", "duplicate", "duplicate", "duplicate"]
    assert (Case.objects.count(), IntakeDecision.objects.count()) == (1, 1)


@pytest.mark.parametrize("outcomes", [("poor", "rich"), ("poor", "acme")])
def test_one_ticket_told_under_two_accounts_is_decided_once(outcomes: tuple[str, str]) -> None:
    """Blocked for both, or for one alone: no lock is common to them but the ticket’s own number."""
    acme = ticket_world()
    others = {"acme": acme, "poor": Account.objects.get(key="poor"), "rich": AccountFactory(key="rich", name="Rich")}
    set_up(url="https://helpdesk.example/", events=["ticket.decided"], by=SYSTEM, at=NOW)

    def take(key: str) -> Callable[[], Any]:
        return lambda: take_ticket(told(others[key]), read(), opening=OPENING, keeps=False, by=SYSTEM, at=NOW)

    answers = at_once(*(take(key) for key in outcomes * 3))
    assert not [one for one in answers if isinstance(one, Exception) and not isinstance(one, CaseKnown)], answers
    row = IntakeDecision.objects.get()
    assert Case.objects.count() == int(row.outcome == "accept")
    assert sum(not getattr(one, "again", True) for one in answers) == 1
    assert Outbound.objects.filter(payload__type="ticket.decided").count() == 1
    assert AuditEvent.objects.filter(verb="ticket:decide").count() == 1


def test_of_two_people_one_decides() -> None:
    acme = ticket_world()
    row = take_ticket(told(acme), read(meant(exports=0.2)), opening=OPENING, keeps=False, by=SYSTEM, at=NOW).decision
    set_up(url="https://helpdesk.example/", events=["ticket.settled"], by=SYSTEM, at=NOW)

    def settle(outcome: Outcome) -> Callable[[], Any]:
        return lambda: settle_ticket(decision=row, outcome=outcome, labels=["exports"], by=SYSTEM, at=NOW)

    answers = at_once(*(settle(one) for one in (Outcome.ACCEPT, Outcome.REDIRECT) * 2))
    assert sum(isinstance(one, AlreadySettled) for one in answers) == 3, answers
    assert Outbound.objects.filter(payload__type="ticket.settled").count() == 1


@pytest.mark.parametrize("outcome", [Outcome.ACCEPT, Outcome.REDIRECT])
def test_a_blocked_ticket_decided_while_its_help_desk_tells_of_it_keeps_both(outcome: Outcome) -> None:
    ticket_world()
    poor = told(Account.objects.get(key="poor"))
    row = take_ticket(poor, read(), opening=OPENING, keeps=False, by=SYSTEM, at=NOW).decision
    answers = at_once(
        lambda: take_ticket(poor, read(), opening=OPENING, keeps=True, by=SYSTEM, at=NOW),
        lambda: settle_ticket(decision=row, outcome=outcome, by=SYSTEM, at=NOW),
    )
    assert not [one for one in answers if isinstance(one, Exception) and not isinstance(one, CaseKnown)], answers
    row.refresh_from_db()
    assert (row.settled_outcome, row.case) == (outcome, Case.objects.get())


def answering(row: IntakeDecision, token: str, feature: str = "exports") -> Callable[[], Any]:
    by = Actor(
        ActorKind.CONNECTION, f"validator:{token.partition('.')[0]}", "Validator", permissions=frozenset({SCOPE})
    )
    answers = [[Candidate(feature, 0.97, "It stops")]]
    return lambda: resume_ticket(number=row.pk, token=token, answers=answers, by=by, at=SOON)


def test_of_a_person_and_an_answer_one_decides() -> None:
    row, _secret = waiting()
    set_up(url="https://helpdesk.example/", events=["ticket.settled"], by=SYSTEM, at=NOW)
    answer = answering(row, question()["token"])
    answers = at_once(answer, lambda: settle_ticket(decision=row, outcome=Outcome.REDIRECT, by=SYSTEM, at=SOON), answer)
    row.refresh_from_db()
    person = row.settled_by == SYSTEM.name
    assert (row.settled_outcome, row.stage) == ("redirect" if person else "accept", "settled")
    assert sum(isinstance(one, AlreadySettled) for one in answers) == (2 if person else 1), answers
    assert Outbound.objects.filter(payload__type="ticket.settled").count() == 1


def test_of_two_answers_one_is_taken() -> None:
    row, _secret = waiting()
    token = question()["token"]
    answers = at_once(*(answering(row, token, feature) for feature in ("exports", "sso") * 2))
    assert sum(isinstance(one, AnswerKnown) for one in answers) == 2, answers
    assert AuditEvent.objects.filter(verb="ticket:answer").count() == 1


def test_an_answer_that_comes_as_its_ticket_is_given_up_is_taken_or_late() -> None:
    row, _secret = waiting(outside_within_minutes=6)
    late = SOON.replace(hour=23)
    answers = at_once(
        answering(row, question()["token"]), lambda: give_up_waiting(at=late, enough=lambda: False),
        lambda: give_up_waiting(at=late, enough=lambda: False),
    )  # fmt: skip
    row.refresh_from_db()
    taken = not isinstance(answers[0], AnswerLate)
    assert (row.stage, sum(answers[1:])) == (("settled", 0) if taken else ("held", 1)), answers
