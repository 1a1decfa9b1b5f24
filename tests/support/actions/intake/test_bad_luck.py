"""A process that ends at any statement: what it was at is whole or was never begun, and done again it is done once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from entitlements.models import Account
from journal.actions.webhooks.endpoints import set_up
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent, Outbound
from support.actions.cases.handling import CaseKnown
from support.actions.intake.forgetting import forget_tickets
from support.actions.intake.recording import take_ticket
from support.actions.intake.resuming import give_up_waiting
from support.actions.intake.settling import settle_ticket
from support.domain.intake.outcomes import Outcome
from support.models import Case, ExamplePhrase, IntakeDecision
from tests.support.actions.intake.test_opening import OPENING
from tests.support.actions.intake.test_side_by_side import answering
from tests.support.casework import NOW
from tests.support.outside_world import SOON, question, validator, waiting
from tests.support.ticket_world import meant, read, ticket_world, told

pytestmark = pytest.mark.django_db
TABLES = (IntakeDecision, Case, Outbound, AuditEvent, ExamplePhrase)
LATE = SOON.replace(year=2027)


class Killed(BaseException):
    """Nobody catches it, as nobody catches a signal."""


@contextmanager
def ending_at(statement: int) -> Iterator[None]:
    """The statement of that number is never carried out; ROLLBACKs are the database's own doing."""
    count = 0

    def cut(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        if sql.startswith(("ROLLBACK", "RELEASE", "SAVEPOINT")):
            return execute(sql, params, many, context)
        count += 1
        if count == statement:
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(cut):
        yield


def rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in TABLES]


def killed_everywhere(act: Callable[[], Any]) -> int:
    """Until it ends by itself; how many statements it has."""
    before = rows()
    for statement in range(1, 1_000):
        try:
            with ending_at(statement):
                act()
        except Killed:
            assert rows() == before, statement
        else:
            return statement - 1
    raise AssertionError("It never ended.")


@pytest.fixture(autouse=True)
def _listening(db: None) -> None:
    set_up(url="https://helpdesk.example/", events=["ticket.decided", "ticket.settled"], by=SYSTEM, at=NOW)


def events(kind: str) -> int:
    return Outbound.objects.filter(payload__type=kind).count()


@pytest.mark.parametrize("key", ["acme", "poor"])
def test_a_ticket_taken_in(key: str) -> None:
    ticket_world()
    ticket = told(Account.objects.get(key=key))

    def take() -> None:
        take_ticket(ticket, read(), opening=OPENING, keeps=False, by=SYSTEM, at=NOW)

    assert killed_everywhere(take) > 10
    try:
        take()  # its help desk wasn't told that it went well, and tells again
    except CaseKnown:
        assert key == "acme"
    assert (IntakeDecision.objects.count(), Case.objects.count()) == (1, int(key == "acme"))
    assert events("ticket.decided") == 1


def test_a_ticket_that_is_to_be_answered_from_outside() -> None:
    from tests.support.outside_world import taken

    acme = ticket_world(read_by="outside")
    validator()
    assert killed_everywhere(lambda: taken(told(acme))) > 10
    assert (IntakeDecision.objects.get().stage, events("ticket.answer_asked")) == ("waiting", 1)


@pytest.mark.parametrize("key", ["acme", "poor"])
def test_a_ticket_decided_by_a_person(key: str) -> None:
    ticket_world()
    account = Account.objects.get(key=key)
    row = take_ticket(told(account), read(meant(exports=0.2)), opening=OPENING, keeps=False, by=SYSTEM, at=NOW).decision
    assert killed_everywhere(
        lambda: settle_ticket(decision=row, outcome=Outcome.ACCEPT, labels=["exports"], by=SYSTEM, at=NOW)
    )
    assert (Case.objects.count(), events("ticket.settled"), ExamplePhrase.objects.count()) == (1, 1, 1)


def test_an_answer_and_its_lateness() -> None:
    row, _secret = waiting()
    assert killed_everywhere(answering(row, question()["token"]))
    row.refresh_from_db()
    assert (row.stage, events("ticket.settled")) == ("settled", 1)
    IntakeDecision.objects.filter(pk=row.pk).update(
        stage="waiting", settled_at=None, settled_by="", settled_outcome="", resumed_at=None
    )
    assert killed_everywhere(lambda: give_up_waiting(at=LATE, enough=lambda: False))
    assert events("ticket.decided") == 2


def test_words_that_are_let_go() -> None:
    ticket_world()
    take_ticket(told(None), read(), opening=OPENING, keeps=False, by=SYSTEM, at=NOW)
    once = (False, True)
    assert killed_everywhere(lambda: forget_tickets(at=LATE, enough=iter(once).__next__))
    assert IntakeDecision.objects.get().text == ""
