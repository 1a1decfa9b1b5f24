"""The loop that takes what arrived, and what a handler may say or raise."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now

from journal import tasks
from journal.actions.notices import tell
from journal.actions.receiving import LEASE, expire_leases
from journal.domain.receiving import Later, Outcome
from journal.integrations.receiving import Takers, take
from journal.models import Inbound, InboundAttempt, Notice
from tests.fakes.console import API, SIGNING, handling
from tests.journal.factories import EPOCH, ConnectionFactory, InboundFactory
from tests.journal.side_by_side import at_once
from tests.journeys.desk import until

pytestmark = pytest.mark.django_db


@pytest.fixture
def console():
    return ConnectionFactory()


def go(at=EPOCH, **told):
    return take(clock=lambda: at, jitter=lambda: 0.0, **told)


def only():
    return Inbound.objects.get()


def test_the_handler_gets_the_row_and_its_words_stand_on_it(console):
    InboundFactory(connection=console, body=b'{"id": "evt"}')
    bodies = []
    handling.does = lambda row: bodies.append((row.raw, row.connection)) or Outcome("Acme has Team now.")
    assert go() == 1
    assert go() == 0
    assert bodies == [(b'{"id": "evt"}', console)]
    assert (only().state, only().outcome) == ("done", "Acme has Team now.")


@pytest.mark.django_db(transaction=True)
def test_a_handler_is_called_outside_of_transactions(console):
    InboundFactory(connection=console)
    inside = []
    handling.does = lambda row: inside.append(connection.in_atomic_block) or Outcome("Done.")
    go()
    assert inside == [False]


def test_what_nobody_handles_is_set_aside(console):
    InboundFactory(connection=console, type="thing.lost")
    InboundFactory(connection=ConnectionFactory(vendor="gone"))
    assert go() == 2
    assert handling.seen == []
    assert set(Inbound.objects.values_list("state", "outcome")) == {
        ("set_aside", "Nobody handles this type."),
        ("set_aside", "The desk no longer knows this system."),
    }


def test_a_failure_is_said_and_the_others_go_on(console):
    InboundFactory(connection=console, external_id="bad", subject="a")
    InboundFactory(connection=console, subject="b")

    def stumbles(row):
        if row.external_id == "bad":
            raise ValueError("It has no plan.")
        return Outcome("Done.")

    handling.does = stumbles
    assert go() == 2
    bad = Inbound.objects.get(external_id="bad")
    assert (bad.state, bad.last_error, bad.due_at) == (
        "waiting",
        "ValueError: It has no plan.",
        EPOCH + timedelta(0, 2),
    )


def test_what_went_wrong_tells_no_secret(console, caplog):
    InboundFactory(connection=console)

    def stumbles(row):
        raise RuntimeError(f"No such key: {SIGNING}")

    handling.does = stumbles
    go()
    assert only().last_error == "RuntimeError: No such key: •••"
    assert SIGNING not in caplog.text
    assert SIGNING not in str(list(InboundAttempt.objects.values()))
    assert API not in caplog.text


def test_who_asks_to_be_left_alone_is(console):
    for subject in "abc":
        InboundFactory(connection=console, subject=subject)

    def busy(row):
        raise Later("Too many requests", after=timedelta(minutes=1))

    handling.does = busy
    assert go() == 1, "the rest of the connection isn't even asked about"
    handling.does = lambda row: Outcome("Done.")
    assert go() == 0
    assert go(EPOCH + timedelta(minutes=1)) == 3
    assert set(Inbound.objects.values_list("attempts", flat=True)) == {1}


def test_the_loop_ends_in_time_and_goes_on_at_the_next_tick(console):
    for subject in "abcd":
        InboundFactory(connection=console, subject=subject)
    slow = (EPOCH + number * timedelta(seconds=10) for number in itertools.count())
    assert take(clock=lambda: next(slow), jitter=lambda: 0.0) == 1
    assert go(EPOCH + timedelta(minutes=5), most=1) == 1
    assert go(EPOCH + timedelta(minutes=5), enough=lambda: True) == 0
    assert go(EPOCH + timedelta(minutes=5)) == 2


class Killed(BaseException):
    """The process ends here, without a word."""


def killed_at(number):
    """Let so many statements through, then end; whatever was open is rolled back with the process."""
    left = itertools.count(number, -1)

    def kill(execute, sql, params, many, context):
        if next(left) == 0:
            raise Killed
        return execute(sql, params, many, context)

    return kill


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_any_statement_loses_nothing_and_does_nothing_twice():
    """The handler's own work is one transaction that finds out whether it was done: then the row is taken exactly once."""
    there, killed = ConnectionFactory(), 0
    handling.does = _once
    for number in itertools.count():
        row = InboundFactory(connection=there, due_at=EPOCH)
        try:
            with connection.execute_wrapper(killed_at(number)):
                go()
            break
        except Killed:
            killed += 1
        after = EPOCH + LEASE
        expire_leases(at=after)
        go(after)
        row.refresh_from_db()
        assert (row.state, _done(row)) == ("done", 1), f"killed at statement {number}"
    assert killed > 12, "it was to be killed in the claim, in the handler and in what is written down after it"


def _once(row):
    tell(recipient="a@b.example", subject="x", body="x", once_key=f"took:{row.seq}", kind="took", at=EPOCH)
    return Outcome("Done.")


def _done(row):
    return Notice.objects.filter(once_key=f"took:{row.seq}").count()


@pytest.mark.django_db(transaction=True)
def test_two_loops_side_by_side_take_each_arrival_once():
    there = ConnectionFactory()
    for number in range(8):
        InboundFactory(connection=there, subject=f"thing_{number % 3}", external_id=str(number))
    at_once(go, go, go)
    go()
    assert sorted(handling.seen) == [str(number) for number in range(8)]
    assert set(Inbound.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.django_db(transaction=True)
def test_whoever_watches_takes_what_arrives_at_once_and_calls_for_others():
    there, crew = ConnectionFactory(), Takers()
    together = threading.Barrier(3)

    def waits_for_the_others(row):
        together.wait(20)
        return Outcome("Done.")

    handling.does = waits_for_the_others
    try:
        assert crew.wake(clock=now, jitter=lambda: 0.0)
        assert not crew.wake(clock=now, jitter=lambda: 0.0), "one watches already"
        for subject in "abc":
            InboundFactory(connection=there, subject=subject)
        assert until(lambda: Inbound.objects.filter(state="done").count() == 3, seconds=30)
    finally:
        assert crew.end(seconds=20)
    InboundFactory(connection=there)
    assert Inbound.objects.filter(state="waiting").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_ticks_of_the_clock_watch_and_empty(monkeypatch):
    monkeypatch.setattr("journal.tasks.takers", Takers())
    InboundFactory(connection=ConnectionFactory())
    assert tasks.take_arrivals()
    assert until(lambda: only().state == "done", seconds=30)
    assert tasks.takers.end(seconds=20)
    assert tasks.empty_bodies() == 0
