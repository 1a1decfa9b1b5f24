"""What arrives is stored once, claimed by one, and settled; order within a subject."""

import time
from datetime import timedelta

import pytest
from django.db import transaction

from journal.actions.receiving import (
    LEASE,
    claim_next,
    expire_leases,
    mark_done,
    mark_failed,
    mark_later,
    mark_set_aside,
    note_refused,
    receive,
    require_ours,
)
from journal.domain.arrival import DELAYS, MOST_TRIES
from journal.domain.receiving import Forged, Later, Message, Outcome, Reason, Received
from journal.models import ConnectionHealth, ConnectionRefusal, Inbound, InboundAttempt, Notice
from tests.fakes.console import CONSOLE
from tests.journal.factories import EPOCH, ConnectionFactory, InboundFactory, StaffFactory
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db
SECOND, MINUTE, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "days"))
BODY = b'{"id":   "evt_1"}\n'
MESSAGE = Message(BODY, {"console-signature": "t=1", "cookie": "mine"}, "https://desk/hooks/x")
DONE = Outcome("Done.")


@pytest.fixture
def console():
    return ConnectionFactory()


@pytest.fixture
def ledger():
    return ConnectionFactory(vendor="ledger")


def come(connection, *ids, at=EPOCH, **told):
    brought = [Received(one, "thing.made", **told) for one in ids]
    return receive(connection=connection, vendor=CONSOLE, message=MESSAGE, received=brought, at=at)


def failed(row, *, at=EPOCH, error="RuntimeError: no"):
    return mark_failed(row, error=error, jitter=0.0, took_ms=3, at=at)


def done(row, outcome=DONE, *, at=EPOCH):
    return mark_done(row, outcome, took_ms=3, at=at)


def states():
    return dict(Inbound.objects.order_by("seq").values_list("external_id", "state"))


def test_it_is_stored_exactly_as_it_came_with_the_headers_the_vendor_names(console):
    (row,) = come(console, "evt_1", subject="thing_1", occurred_at=EPOCH - DAY)
    row = Inbound.objects.get(seq=row.seq)
    assert (row.raw, row.headers) == (BODY, {"console-signature": "t=1"})
    assert (row.received_at, row.due_at, row.occurred_at) == (EPOCH, EPOCH, EPOCH - DAY)
    assert (row.state, row.subject, row.attempts) == ("waiting", "thing_1", 0)


def test_the_same_at_the_same_connection_is_stored_once(console):
    other = ConnectionFactory()
    assert len(come(console, "evt_1", "evt_1", "evt_2")) == 2
    assert [row.external_id for row in come(console, "evt_2", "evt_3")] == ["evt_3"]
    assert len(come(other, "evt_1")) == 1
    assert Inbound.objects.count() == 4


def test_each_part_of_a_message_that_brings_several_has_its_own_body(console):
    brought = [Received(f"evt_{n}", "thing.made", body=str(n).encode()) for n in range(2)]
    receive(connection=console, vendor=CONSOLE, message=MESSAGE, received=brought, at=EPOCH)
    assert [row.raw for row in Inbound.objects.order_by("seq")] == [b"0", b"1"]


@pytest.mark.parametrize(
    ("told", "reason"),
    [({"live": True}, Reason.MODE), ({"of_account": "ca_2"}, Reason.ACCOUNT)],
)
def test_what_is_another_modes_or_anothers_is_refused(told, reason):
    mine = ConnectionFactory(settings={"account": "ca_1"})
    require_ours(mine, CONSOLE, [Received("e", "t", live=False, of_account="ca_1"), Received("e", "t")])
    with pytest.raises(Forged) as refused:
        require_ours(mine, CONSOLE, [Received("e", "t"), Received("e", "t", **told)])
    assert refused.value.reason is reason
    live = ConnectionFactory(mode="live")
    require_ours(live, CONSOLE, [Received("e", "t", live=True, of_account="ca_9")])  # none was entered


def test_what_is_refused_is_counted_by_reason_and_begins_anew_after_a_quiet_week(console):
    for _ in range(3):
        note_refused(connection=console, reason=Reason.SIGNATURE, at=EPOCH)
    note_refused(connection=console, reason=Reason.TIME, at=EPOCH)
    assert dict(ConnectionRefusal.objects.values_list("reason", "count")) == {"signature": 3, "time": 1}
    note_refused(connection=console, reason=Reason.SIGNATURE, at=EPOCH + 8 * DAY)
    row = ConnectionRefusal.objects.get(reason="signature")
    assert (row.count, row.first_at) == (1, EPOCH + 8 * DAY)


def test_what_is_claimed_is_nobody_elses(console):
    InboundFactory(connection=console)
    row = claim_next(at=EPOCH)
    assert (row.state, row.attempts, row.lease_until, row.connection) == ("working", 1, EPOCH + LEASE, console)
    assert claim_next(at=EPOCH) is None


def test_the_one_that_waited_longest_comes_first_whatever_connection_it_is_of(console, ledger):
    InboundFactory(connection=console, due_at=EPOCH + SECOND, subject="a")
    first = InboundFactory(connection=ledger, due_at=EPOCH, subject="b")
    InboundFactory(connection=console, due_at=EPOCH + MINUTE, subject="c")
    assert claim_next(at=EPOCH + SECOND).seq == first.seq
    assert claim_next(at=EPOCH + SECOND) is not None
    assert claim_next(at=EPOCH + SECOND) is None


@pytest.mark.parametrize("vendor", ["console", "ledger"])
def test_of_one_subject_one_is_taken_at_a_time_in_the_order_of_arrival(vendor):
    there = ConnectionFactory(vendor=vendor)
    first, second = InboundFactory(connection=there), InboundFactory(connection=there)
    other, without = InboundFactory(connection=there, subject="b"), InboundFactory(connection=there, subject="")
    also_without = InboundFactory(connection=there, subject="")
    claimed = [claim_next(at=EPOCH) for _ in range(4)]
    assert [row.seq for row in claimed] == [first.seq, other.seq, without.seq, also_without.seq]
    assert claim_next(at=EPOCH) is None
    done(claimed[0])
    assert claim_next(at=EPOCH).seq == second.seq


def test_a_hint_that_failed_steps_aside_until_its_next_try(console):
    first, second = InboundFactory(connection=console), InboundFactory(connection=console)
    failed(claim_next(at=EPOCH))
    claimed = claim_next(at=EPOCH)
    assert claimed.seq == second.seq
    assert claim_next(at=EPOCH + MINUTE) is None, "still one at a time, when the first is due again"
    done(claimed)
    assert claim_next(at=EPOCH + MINUTE).seq == first.seq


def test_where_one_builds_on_another_a_failed_one_holds_its_subject(ledger):
    first = InboundFactory(connection=ledger)
    InboundFactory(connection=ledger)
    failed(claim_next(at=EPOCH))
    assert claim_next(at=EPOCH) is None
    assert claim_next(at=EPOCH + MINUTE).seq == first.seq


@pytest.mark.parametrize(("vendor", "taken"), [("console", True), ("ledger", False)])
def test_one_that_was_given_up_holds_its_subject_where_one_builds_on_another(vendor, taken):
    there = ConnectionFactory(vendor=vendor)
    InboundFactory(connection=there, state="given_up")
    InboundFactory(connection=there)
    assert (claim_next(at=EPOCH) is not None) is taken


def test_a_later_one_that_covers_its_subject_settles_what_was_given_up_before(console):
    InboundFactory(connection=console, external_id="old", state="given_up")
    InboundFactory(connection=console, external_id="other", subject="b", state="given_up")
    InboundFactory(connection=console, external_id="new", due_at=EPOCH)
    InboundFactory(connection=console, external_id="later", state="given_up")
    done(claim_next(at=EPOCH), Outcome("All is well.", covers_earlier=True))
    assert states() == {"old": "passed_over", "other": "given_up", "new": "done", "later": "given_up"}
    assert Inbound.objects.get(external_id="old").outcome.startswith("Passed over by the desk: new")


def test_a_later_one_that_says_nothing_of_it_settles_itself_alone(console):
    InboundFactory(connection=console, external_id="old", state="given_up")
    InboundFactory(connection=console, external_id="new")
    done(claim_next(at=EPOCH), DONE)
    assert states() == {"old": "given_up", "new": "done"}


def test_others_that_waited_as_it_was_looked_are_done_with_it(console):
    """One of them had failed and waits for its next try; what came after the look, or is another's, is left waiting."""
    InboundFactory(connection=console, external_id="first", due_at=EPOCH)
    waited = InboundFactory(connection=console, external_id="waited", last_error="no", attempts=2, due_at=EPOCH + DAY)
    InboundFactory(connection=console, external_id="after")
    other = InboundFactory(connection=console, external_id="other", subject="b")
    row = claim_next(at=EPOCH)
    assert done(row, Outcome("Acme has Team now.", account_key="acme", covers_waiting=(waited.seq, other.seq)))
    assert states() == {"first": "done", "waited": "done", "after": "waiting", "other": "waiting"}
    waited.refresh_from_db()
    assert "Done together with first" in waited.outcome
    assert "Acme has Team now." in waited.outcome
    assert (waited.account_key, waited.last_error, waited.done_at) == ("acme", "", EPOCH)


def test_whoever_lost_the_lease_speaks_for_no_other(console):
    InboundFactory(connection=console, external_id="first")
    waited = InboundFactory(connection=console, external_id="waited", due_at=EPOCH + DAY)
    row = claim_next(at=EPOCH)
    expire_leases(at=EPOCH + LEASE)
    assert not done(row, Outcome("Done.", covers_waiting=(waited.seq,)))
    assert states() == {"first": "waiting", "waited": "waiting"}


def test_one_that_somebody_else_settled_meanwhile_stays_as_it_is(console):
    InboundFactory(connection=console, external_id="first")
    waited = InboundFactory(connection=console, external_id="waited", due_at=EPOCH + DAY)
    row = claim_next(at=EPOCH)
    Inbound.objects.filter(pk=waited.pk).update(state="passed_over", done_at=EPOCH, outcome="By ana")
    done(row, Outcome("Done.", covers_waiting=(waited.seq,)))
    assert Inbound.objects.get(external_id="waited").outcome == "By ana"


def test_what_came_of_it_is_kept_with_each_try(console):
    InboundFactory(connection=console)
    failed(claim_next(at=EPOCH))
    row = Inbound.objects.get()
    assert (row.state, row.due_at, row.last_error) == ("waiting", EPOCH + DELAYS[0], "RuntimeError: no")
    assert ConnectionHealth.objects.get().failing_since == EPOCH
    assert done(claim_next(at=EPOCH + MINUTE), Outcome("Acme has Team.", account_key="acme"), at=EPOCH + MINUTE)
    row.refresh_from_db()
    assert (row.state, row.outcome, row.account_key, row.last_error) == ("done", "Acme has Team.", "acme", "")
    assert row.done_at == EPOCH + MINUTE
    tries = InboundAttempt.objects.order_by("number").values_list("number", "state", "words", "took_ms")
    assert list(tries) == [(1, "waiting", "RuntimeError: no", 3), (2, "done", "Acme has Team.", 3)]
    health = ConnectionHealth.objects.get()
    assert (health.failing_since, health.failures, health.last_ok_at) == (None, 0, EPOCH + MINUTE)


def test_after_the_last_try_it_is_given_up_and_people_hear_once_a_day(console):
    keeper = StaffFactory(permissions=["journal.manage_connections"])
    StaffFactory(permissions=["journal.view_connection"])
    for subject in "ab":
        InboundFactory(connection=console, subject=subject, attempts=MOST_TRIES - 1)
        failed(claim_next(at=EPOCH))
    assert set(Inbound.objects.values_list("state", "done_at")) == {("given_up", None)}
    notice = Notice.objects.get()
    assert (notice.recipient, console.name in notice.subject) == (keeper.email, True)
    assert "RuntimeError: no" in notice.body


def test_who_asks_to_be_left_alone_is_and_it_counts_as_no_try(console):
    for subject in "ab":
        InboundFactory(connection=console, subject=subject)
    InboundFactory(connection=ConnectionFactory())
    asked = Later("429, too many requests", after=MINUTE)
    assert mark_later(claim_next(at=EPOCH), asked, took_ms=3, at=EPOCH)
    assert claim_next(at=EPOCH).connection != console
    assert claim_next(at=EPOCH + MINUTE - SECOND) is None
    health = ConnectionHealth.objects.get(connection=console)
    assert (health.resume_at, health.last_error, health.failures) == (EPOCH + MINUTE, asked.why, 0)
    again = claim_next(at=EPOCH + MINUTE)
    assert (again.connection, again.attempts) == (console, 1)
    assert claim_next(at=EPOCH + MINUTE).attempts == 1, "the one that was asked about begins anew"


def test_of_a_paused_connection_nothing_is_taken_and_nothing_is_lost():
    there = ConnectionFactory(state="paused")
    InboundFactory(connection=there)
    InboundFactory(connection=ConnectionFactory(state="off"))
    assert claim_next(at=EPOCH) is None
    assert Inbound.objects.filter(state="waiting").count() == 2


def test_what_nobody_handles_is_set_aside(console):
    InboundFactory(connection=console)
    assert mark_set_aside(claim_next(at=EPOCH), words="Nobody handles this type.", at=EPOCH)
    row = Inbound.objects.get()
    assert (row.state, row.outcome, row.done_at) == ("set_aside", "Nobody handles this type.", EPOCH)


def test_what_a_dead_worker_had_is_taken_again_and_its_late_word_is_not_believed(console):
    InboundFactory(connection=console)
    first = claim_next(at=EPOCH)
    assert expire_leases(at=EPOCH + LEASE - SECOND) == 0
    assert expire_leases(at=EPOCH + LEASE) == 1
    again = claim_next(at=EPOCH + LEASE)
    assert again.attempts == 2
    assert not done(first)
    assert not failed(first)
    assert not mark_later(first, Later("no", after=DAY), took_ms=1, at=EPOCH)
    assert not mark_set_aside(first, words="no", at=EPOCH)
    assert done(again)
    assert InboundAttempt.objects.filter(words="The worker that took it ended unexpectedly.").count() == 1


def test_one_that_ends_worker_after_worker_is_given_up(console):
    StaffFactory(permissions=["journal.manage_connections"])
    InboundFactory(connection=console, attempts=MOST_TRIES - 1)
    claim_next(at=EPOCH)
    expire_leases(at=EPOCH + LEASE)
    assert Inbound.objects.get().state == "given_up"
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_event_from_several_hands_at_once_is_one_row():
    there = ConnectionFactory()
    stored = at_once(*[lambda: come(there, "evt_1", "evt_2")] * 4)
    assert sum(len(one) for one in stored) == Inbound.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_each_arrival_goes_to_one():
    there = ConnectionFactory()
    rows = [InboundFactory(connection=there, subject=f"thing_{n}").seq for n in range(6)]

    def take_all():
        taken = []
        while (row := claim_next(at=EPOCH)) is not None:
            taken.append(row.seq)
        return taken

    assert sorted(seq for seqs in at_once(*[take_all] * 4) for seq in seqs) == rows


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("vendor", ["console", "ledger"])
def test_of_several_workers_one_has_a_subject_at_a_time(vendor):
    there = ConnectionFactory(vendor=vendor)
    for number in range(3):
        InboundFactory(connection=there, attempts=number, due_at=EPOCH + number * SECOND)
    found = at_once(*[lambda n=n: claim_next(at=EPOCH + n * SECOND) for n in (0, 1, 2, 2)])
    assert [row.seq for row in found if row is not None] == [Inbound.objects.earliest("seq").seq]


@pytest.mark.django_db(transaction=True)
def test_refusals_counted_by_several_at_once_are_all_counted():
    there = ConnectionFactory()
    at_once(*[lambda: note_refused(connection=there, reason=Reason.SIGNATURE, at=EPOCH)] * 4)
    assert ConnectionRefusal.objects.get().count == 4


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_dont_see_each_other_yet_dont_take_one_subject_both():
    there = ConnectionFactory()
    InboundFactory(connection=there, due_at=EPOCH + MINUTE)  # it failed before, and is due to the later worker alone
    second = InboundFactory(connection=there)

    def claims_and_takes_a_moment_to_commit():
        with transaction.atomic():
            row = claim_next(at=EPOCH)
            time.sleep(0.4)
        return row

    def comes_meanwhile():
        time.sleep(0.15)
        return claim_next(at=EPOCH + MINUTE)

    first_worker, other_worker = at_once(claims_and_takes_a_moment_to_commit, comes_meanwhile)
    assert (first_worker.seq, other_worker) == (second.seq, None)
