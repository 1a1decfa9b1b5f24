from datetime import timedelta
from functools import partial

import pytest

from journal.actions import outbound
from journal.actions.outbound import LEASE, claim_next, expire_leases, mark_doubtful, mark_failed, mark_sent, promise
from journal.domain.delivery import MOST_ATTEMPTS, DeliveryState
from journal.domain.refusal import NotAllowed, Stale
from journal.models import AuditEvent, Outbound
from tests.journal.factories import EPOCH, OutboundFactory, person
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db
LATER = EPOCH + timedelta(days=1)
CARER = person("Ada", outbound.PERMISSION)


def make(once_key: str = "k"):
    return promise(kind="email", destination="bob@example.com", payload={}, once_key=once_key, at=EPOCH)


def test_the_same_promise_is_made_once():
    assert make().state == DeliveryState.PENDING
    assert make() is None
    assert Outbound.objects.count() == 1


def test_a_claimed_message_is_nobody_elses():
    row = OutboundFactory()
    claimed = claim_next(at=EPOCH)
    assert (claimed.seq, claimed.state, claimed.attempts, claimed.lease_until) == (row.seq, "sending", 1, EPOCH + LEASE)
    assert claim_next(at=EPOCH) is None


def test_nothing_is_claimed_before_it_is_due():
    OutboundFactory(due_at=LATER)
    assert claim_next(at=EPOCH) is None


def test_only_the_oldest_unfinished_message_of_a_stream_is_claimed():
    first, second = OutboundFactory(due_at=LATER), OutboundFactory()
    assert claim_next(at=EPOCH) is None
    assert mark_sent(claim_next(at=LATER), at=LATER)
    assert claim_next(at=LATER).seq == second.seq > first.seq


def test_streams_do_not_wait_for_each_other():
    rows = [OutboundFactory(), OutboundFactory(account_key="acme"), OutboundFactory(destination="eve@example.com")]
    assert {claim_next(at=EPOCH).seq for _ in rows} == {row.seq for row in rows}


@pytest.mark.parametrize("state", [DeliveryState.DEAD, DeliveryState.DOUBTFUL])
def test_an_email_given_up_or_doubtful_stops_nobody(state):
    OutboundFactory(state=state)
    assert claim_next(at=EPOCH) is None
    following = OutboundFactory()
    assert claim_next(at=EPOCH).seq == following.seq


def test_what_must_keep_its_order_waits_behind_what_was_given_up():
    dead = OutboundFactory(kind="push", state=DeliveryState.DEAD)
    OutboundFactory(kind="push")
    assert claim_next(at=LATER) is None
    outbound.resend(outbound=dead, by=CARER, at=LATER)
    assert claim_next(at=LATER).seq == dead.seq


def test_a_failure_is_tried_again_later():
    OutboundFactory()
    assert mark_failed(claim_next(at=EPOCH), error="No route", jitter=0, at=EPOCH)
    row = Outbound.objects.get()
    assert (row.state, row.due_at, row.last_error) == ("pending", EPOCH + timedelta(seconds=30), "No route")


def test_the_last_failure_gives_up():
    OutboundFactory(attempts=MOST_ATTEMPTS - 1)
    assert mark_failed(claim_next(at=EPOCH), error="No route", jitter=0, at=EPOCH)
    assert Outbound.objects.get().state == DeliveryState.DEAD


def test_an_email_whose_worker_died_becomes_doubtful_and_is_not_sent_again():
    OutboundFactory()
    claim_next(at=EPOCH)
    assert expire_leases(at=EPOCH + LEASE - timedelta(seconds=1)) == 0
    assert expire_leases(at=EPOCH + LEASE) == 1
    assert Outbound.objects.get().state == DeliveryState.DOUBTFUL
    assert claim_next(at=LATER) is None


def test_another_kind_of_message_whose_worker_died_is_sent_again():
    OutboundFactory(kind="push")
    claim_next(at=EPOCH)
    assert expire_leases(at=EPOCH + LEASE) == 1
    assert claim_next(at=EPOCH + LEASE).attempts == 2


def test_a_slow_worker_that_lives_after_all_is_believed():
    OutboundFactory()
    claimed = claim_next(at=EPOCH)
    expire_leases(at=EPOCH + LEASE)
    assert mark_sent(claimed, at=LATER)
    assert Outbound.objects.get().state == DeliveryState.SENT


def test_a_worker_whose_message_was_released_again_is_not_believed():
    OutboundFactory()
    claimed = claim_next(at=EPOCH)
    expire_leases(at=EPOCH + LEASE)
    outbound.resend(outbound=Outbound.objects.get(), by=CARER, at=LATER)
    assert not mark_sent(claimed, at=LATER)
    assert not mark_failed(claimed, error="", jitter=0, at=LATER)
    assert not mark_doubtful(claimed, error="")


def test_a_person_settles_a_doubtful_message_and_the_audit_tells():
    row = OutboundFactory(state=DeliveryState.DOUBTFUL)
    outbound.settle(outbound=row, by=CARER, at=LATER)
    assert (row.state, row.sent_at) == ("sent", LATER)
    assert AuditEvent.objects.get(verb="outbound:settle").changes == {"state": ["doubtful", "sent"]}


def with_secret(**told):
    return OutboundFactory(payload={"subject": "Your key", "body": "{secret}", "sealed": "gAAA"}, **told)


def test_a_secret_is_kept_until_it_was_sent_and_no_longer():
    with_secret()
    mark_failed(claim_next(at=EPOCH), error="No route", jitter=0, at=EPOCH)
    assert Outbound.objects.get().payload["sealed"] == "gAAA"
    mark_sent(claim_next(at=LATER), at=LATER)
    assert Outbound.objects.get().payload == {"subject": "Your key", "body": "{secret}", "sealed": None}


def test_what_a_person_settles_as_sent_loses_its_secret_and_is_never_sent_again():
    row = with_secret(state=DeliveryState.DOUBTFUL)
    outbound.settle(outbound=row, by=CARER, at=LATER)
    assert Outbound.objects.get().payload["sealed"] is None
    with pytest.raises(outbound.SecretGone, match="can't be sent again"):
        outbound.resend(outbound=row, by=CARER, at=LATER)


def test_only_who_may_touches_a_message_and_only_one_that_waits_for_a_person():
    row = OutboundFactory(state=DeliveryState.DOUBTFUL)
    with pytest.raises(NotAllowed, match="may not resend outbound"):
        outbound.resend(outbound=row, by=person("Eve"), at=LATER)
    outbound.resend(outbound=row, by=CARER, at=LATER)
    for act in (outbound.resend, outbound.settle):
        with pytest.raises(Stale, match="no longer waits for a person"):
            act(outbound=row, by=CARER, at=LATER)


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_each_message_goes_to_one():
    rows = [OutboundFactory(destination=f"{n}@example.com") for n in range(6)]

    def take_all():
        taken = []
        while (row := claim_next(at=EPOCH)) is not None:
            taken.append(row.seq)
        return taken

    taken = [seq for seqs in at_once(*[take_all] * 4) for seq in seqs]
    assert sorted(taken) == [row.seq for row in rows]


@pytest.mark.django_db(transaction=True)
def test_of_several_hands_making_one_promise_one_does():
    outcomes = at_once(*[partial(make, "same")] * 4)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] * 3 + ["Outbound"]


def test_a_slow_worker_that_knows_the_message_did_not_go_out_is_believed():
    OutboundFactory()
    claimed = claim_next(at=EPOCH)
    expire_leases(at=EPOCH + LEASE)
    assert mark_failed(claimed, error="No route", jitter=0, at=LATER)
    assert Outbound.objects.get().state == DeliveryState.PENDING
