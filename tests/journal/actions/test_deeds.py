import time
from datetime import timedelta, timezone
from functools import partial

import pytest
from django.db import transaction

from journal.actions.deeds import begin, keep, keep_many, pending_changes, record
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import AuditEvent, AuditHead, Staff, WebhookSecret
from journal.queries.audit import verify
from tests.journal.factories import EPOCH, AuditEventFactory, StaffFactory, WebhookEndpointFactory, person
from tests.journal.parcels import Parcel
from tests.journal.side_by_side import at_once


def write(number: int, *, label: str = "", **told):
    with transaction.atomic():
        return record(begin(by=SYSTEM, at=EPOCH), "thing:change", subject=Staff(pk=number), label=label, **told)


def test_an_event_tells_who_did_what_to_what_when_and_why(db):
    deed = begin(by=person("Ada"), at=EPOCH)
    with transaction.atomic():
        event = record(
            deed, "staff:hire", subject=StaffFactory(), account_key="acme", reason="Needed", changes={"pay": (None, 1)}
        )
    event.refresh_from_db()
    assert (event.id, event.seq, event.at) == (deed.id, 1, EPOCH)
    assert (event.actor_kind, event.actor_key, event.actor_name) == ("staff", "staff:Ada", "Ada")
    assert (event.subject_type, event.account_key, event.reason) == ("staff", "acme", "Needed")
    assert event.changes == {"pay": [None, 1]}


def test_further_events_of_a_deed_have_ids_of_their_own(db):
    deed = begin(by=SYSTEM, at=EPOCH)
    with transaction.atomic():
        first, second = (record(deed, "a:b", subject=StaffFactory()) for _ in range(2))
    assert first.id == deed.id != second.id
    assert (second.seq, second.previous_digest) == (2, first.digest)


def test_what_is_undone_leaves_no_event_and_no_gap(db):
    AuditEventFactory()
    with transaction.atomic():
        write(1)
        transaction.set_rollback(True)
    assert AuditEventFactory().seq == 2
    assert AuditHead.objects.get().last_seq == 2


@pytest.mark.django_db(transaction=True)
def test_an_event_is_written_in_the_transaction_of_what_it_tells():
    with pytest.raises(RuntimeError, match=r"use @transaction\.atomic"):
        record(begin(by=SYSTEM, at=EPOCH), "a:b", subject=Staff(pk=1))


@pytest.mark.django_db(transaction=True)
def test_many_hands_at_once_leave_one_unbroken_sequence():
    def several(first: int):
        return [write(first + number) for number in range(8)]

    outcomes = at_once(*(partial(several, worker * 100) for worker in range(4)))
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert list(AuditEvent.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 33))
    assert verify() == []


def test_a_long_label_is_cut_rather_than_losing_the_event(db):
    assert len(write(1, label="x" * 1000).subject_label) == 400


def test_an_event_reads_back_with_the_same_digest_whatever_it_holds(db):
    write(1, label="naïve 💶", reason="nul\x00l", changes={"x": (1e300, {"deep": [float("nan"), -0.0, 10**30]})})
    in_tokyo = begin(by=SYSTEM, at=EPOCH.astimezone(timezone(timedelta(hours=9))))
    with transaction.atomic():
        record(in_tokyo, "a:b", subject=StaffFactory())
    assert verify() == []


def test_an_event_costs_four_queries(db, django_assert_num_queries):
    AuditEventFactory()
    with transaction.atomic(), django_assert_num_queries(4):
        record(begin(by=SYSTEM, at=EPOCH), "a:b", subject=Staff(pk=1))


def test_a_row_that_cannot_be_right_is_refused_in_words(db):
    with pytest.raises(Invalid) as refused:
        keep(Staff(username="", zone="Mars/Phobos", password="!"), deed=begin(by=SYSTEM, at=EPOCH))
    assert set(refused.value.errors) == {"username", "zone"}
    assert "No time zone has this name" in refused.value.errors["zone"][0]
    assert refused.value.field in {"username", "zone"}
    assert not Staff.objects.exists()


def test_a_fault_of_the_whole_row_belongs_to_no_field(parcels):
    deed = begin(by=SYSTEM, at=EPOCH)
    keep(Parcel(label="a"), deed=deed)
    with pytest.raises(Invalid, match="already exists") as refused:
        keep(Parcel(label="a"), deed=deed)
    assert refused.value.field == "label"


def test_pending_changes_compare_with_the_table(parcels):
    parcel = Parcel(label="a", weight=2)
    assert pending_changes(parcel) == {"label": [None, "a"], "weight": [None, 2]}
    keep(parcel, deed=begin(by=SYSTEM, at=EPOCH))
    parcel.weight = 3
    assert pending_changes(parcel) == {"weight": [2, 3]}


def test_the_head_is_one_row(db):
    AuditEventFactory()
    AuditEventFactory()
    assert AuditHead.objects.count() == 1
    assert str(AuditHead.objects.get()) == "Audit head at #2"


def hire(username: str):
    with transaction.atomic():
        staff = keep(Staff(username=username, password="!"), deed=begin(by=SYSTEM, at=EPOCH))
        time.sleep(0.3)  # long enough for the others to look for the name and not to find it
        return staff


@pytest.mark.django_db(transaction=True)
def test_of_several_hands_keeping_the_same_one_does_and_the_others_are_told():
    outcomes = at_once(*[partial(hire, "ada")] * 3)
    assert sorted(isinstance(outcome, Refusal) for outcome in outcomes) == [False, True, True]
    assert Staff.objects.count() == 1


def test_many_rows_of_which_one_stands_already_are_refused_in_words(parcels):
    deed = begin(by=SYSTEM, at=EPOCH)
    keep(Parcel(label="b"), deed=deed)
    with pytest.raises(Stale, match="Someone else has just saved the same parcel"):
        keep_many([Parcel(label="a"), Parcel(label="b")], deed=deed)
    assert Parcel.objects.count() == 1
    assert keep(Parcel(label="c"), deed=deed).pk  # the transaction goes on


def test_a_related_row_at_hand_is_not_asked_of_the_database_again(db, django_assert_num_queries):
    endpoint = WebhookEndpointFactory()
    with transaction.atomic(), django_assert_num_queries(3):  # a savepoint, the row, its release
        keep(WebhookSecret(endpoint=endpoint, sealed="x", created_at=EPOCH), deed=begin(by=SYSTEM, at=EPOCH))


def test_a_related_row_known_by_number_alone_must_exist(db):
    unknown = WebhookSecret(endpoint_id=999_999, sealed="x", created_at=EPOCH)
    with transaction.atomic(), pytest.raises(Invalid) as refused:
        keep(unknown, deed=begin(by=SYSTEM, at=EPOCH))
    assert refused.value.field == "endpoint"
