"""What people do with arrivals, and the emptying of old bodies."""

from datetime import timedelta

import pytest

from journal.actions import arrivals
from journal.actions.arrival_bodies import BODIES_KEPT, empty_bodies
from journal.actions.arrivals import pass_over, replay, replay_many
from journal.actions.receiving import claim_next, mark_done
from journal.domain.arrival import ArrivalState
from journal.domain.receiving import Outcome
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent, ConnectionRefusal, Inbound, InboundAttempt
from tests.journal.factories import (
    EPOCH,
    ConnectionFactory,
    ConnectionRefusalFactory,
    InboundAttemptFactory,
    InboundFactory,
    person,
)

pytestmark = pytest.mark.django_db
CARER = person("Ada", arrivals.PERMISSION)
DAY = timedelta(days=1)


@pytest.fixture
def console():
    return ConnectionFactory()


def arrived(connection, state="given_up", **told):
    finished = {"done_at": EPOCH} if state in {"done", "set_aside", "passed_over"} else {}
    return InboundFactory(connection=connection, state=state, attempts=9, **(finished | told))


@pytest.mark.parametrize("state", ["done", "set_aside", "given_up", "passed_over", "waiting"])
def test_it_is_taken_again_with_its_tries_begun_anew(console, state):
    row = arrived(console, state, due_at=EPOCH + DAY)
    replay(arrival=row, by=CARER, at=EPOCH)
    assert (row.state, row.attempts, row.due_at, row.done_at) == ("waiting", 0, EPOCH, None)
    event = AuditEvent.objects.get(verb="arrival:replay")
    assert (event.changes, event.subject_label) == ({"state": [state, "waiting"]}, str(row))
    assert claim_next(at=EPOCH).seq == row.seq


def test_what_cant_be_taken_again_says_why(console):
    emptied = arrived(console, "done", emptied_at=EPOCH, body=b"")
    with pytest.raises(Refusal, match="Have the other system send it anew"):
        replay(arrival=emptied, by=CARER, at=EPOCH)
    with pytest.raises(Refusal, match="is turned off"):
        replay(arrival=arrived(ConnectionFactory(state="off")), by=CARER, at=EPOCH)
    InboundFactory(connection=console)
    with pytest.raises(Stale, match="being taken just now"):
        replay(arrival=claim_next(at=EPOCH), by=CARER, at=EPOCH)


def test_many_are_taken_again_at_once(console):
    other = ConnectionFactory()
    for there, state, kind in (
        (console, "given_up", "a"), (console, "set_aside", "b"), (console, "done", "a"), (other, "given_up", "a")
    ):  # fmt: skip
        arrived(there, state, type=kind)
    assert replay_many(connection=console, type="a", by=CARER, at=EPOCH) == 1
    assert replay_many(type="a", by=CARER, at=EPOCH) == 1
    assert replay_many(connection=console, states=[ArrivalState.SET_ASIDE], by=CARER, at=EPOCH) == 1
    assert replay_many(by=CARER, at=EPOCH) == 0
    assert Inbound.objects.filter(state="waiting").count() == 3
    told = AuditEvent.objects.filter(verb="arrival:replay_arrivals").order_by("seq").first()
    assert told.changes["arrivals"] == [None, 1]
    assert told.changes["that were"] == [None, ["given_up", "set_aside"]]


def test_no_more_go_at_once_than_can_be_meant(console, monkeypatch):
    monkeypatch.setattr(arrivals, "MOST", 1)
    for _ in range(2):
        arrived(console)
    with pytest.raises(Invalid, match="That would be 2 arrivals"):
        replay_many(connection=console, by=CARER, at=EPOCH)


def test_what_is_turned_off_or_emptied_stays_as_it_is(console):
    arrived(console, "set_aside", emptied_at=EPOCH)
    arrived(ConnectionFactory(state="off"))
    assert replay_many(by=CARER, at=EPOCH) == 0
    assert not AuditEvent.objects.filter(verb="arrival:replay_arrivals").exists()


def test_one_that_is_passed_over_holds_nothing_up_any_more():
    ledger = ConnectionFactory(vendor="ledger")
    stuck, following = arrived(ledger), InboundFactory(connection=ledger)
    assert claim_next(at=EPOCH) is None
    pass_over(arrival=stuck, reason="It was entered by hand.", by=CARER, at=EPOCH)
    assert (stuck.state, stuck.outcome) == ("passed_over", "Passed over by Ada: It was entered by hand.")
    assert AuditEvent.objects.get(verb="arrival:pass_over").reason == "It was entered by hand."
    assert claim_next(at=EPOCH).seq == following.seq


def test_passing_over_needs_a_reason_and_something_to_pass_over(console):
    row = arrived(console)
    with pytest.raises(Invalid, match="Say why"):
        pass_over(arrival=row, reason=" ", by=CARER, at=EPOCH)
    with pytest.raises(Stale, match="no longer waits"):
        pass_over(arrival=arrived(console, "done"), reason="x", by=CARER, at=EPOCH)


def test_what_was_replayed_is_taken_behind_nobody_it_should_precede():
    ledger = ConnectionFactory(vendor="ledger")
    first, second = arrived(ledger, "done"), InboundFactory(connection=ledger)
    replay(arrival=first, by=CARER, at=EPOCH)
    claimed = claim_next(at=EPOCH)
    assert claimed.seq == first.seq
    mark_done(claimed, Outcome("Again."), took_ms=1, at=EPOCH)
    assert claim_next(at=EPOCH).seq == second.seq


def test_only_who_may_decides_about_arrivals(console):
    row, eve = arrived(console), person("Eve", "journal.view_inbound")
    for act in (
        lambda: replay(arrival=row, by=eve, at=EPOCH),
        lambda: replay_many(by=eve, at=EPOCH),
        lambda: pass_over(arrival=row, reason="x", by=eve, at=EPOCH),
    ):
        with pytest.raises(NotAllowed, match="may not replay inbound"):
            act()


def test_bodies_of_what_is_long_finished_are_emptied_and_that_is_recorded(console):
    at = EPOCH + BODIES_KEPT + DAY
    old = [arrived(console, state) for state in ("done", "set_aside", "passed_over")]
    kept = [
        arrived(console, "given_up"),
        arrived(console, "done", done_at=EPOCH + 2 * DAY),
        arrived(console, "waiting"),
    ]
    InboundAttemptFactory(inbound=old[0])
    InboundAttemptFactory(inbound=kept[0])
    ConnectionRefusalFactory(connection=console)
    assert empty_bodies(at=at, enough=lambda: False) == 3
    assert set(Inbound.objects.filter(emptied_at=at).values_list("seq", flat=True)) == {row.seq for row in old}
    assert [bytes(row.body) for row in Inbound.objects.filter(emptied_at=at)] == [b""] * 3
    assert all(row.raw for row in Inbound.objects.filter(emptied_at=None))
    assert InboundAttempt.objects.get().inbound_id == kept[0].seq
    assert not ConnectionRefusal.objects.exists()
    assert AuditEvent.objects.get(verb="connection:empty_bodies").changes["bodies"] == [3, 0]
    assert empty_bodies(at=at, enough=lambda: False) == 0
    assert AuditEvent.objects.filter(verb="connection:empty_bodies").count() == 1


def test_emptying_ends_when_it_is_told_to(console):
    arrived(console, "done")
    assert empty_bodies(at=EPOCH + 2 * BODIES_KEPT, enough=lambda: True) == 0
