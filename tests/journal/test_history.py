from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from journal.actions.deeds import begin, keep, keep_many, remove
from journal.domain.actor import SYSTEM
from journal.history import UnattributedChange, as_known
from tests.journal.factories import EPOCH
from tests.journal.parcels import Parcel

pytestmark = pytest.mark.usefixtures("parcels")
DAY = timedelta(days=1)


def deed_on(day: int):
    return begin(by=SYSTEM, at=EPOCH + day * DAY)


def known_on(day: float, **filters):
    return [(row.label, row.weight) for row in as_known(Parcel, known_at=EPOCH + day * DAY, **filters)]


def test_each_version_bears_the_moment_and_the_id_of_its_deed():
    deed = deed_on(0)
    parcel = keep(Parcel(label="a"), deed=deed)
    version = parcel.history.get()
    assert (version.history_date, version.history_change_reason, version.history_type) == (EPOCH, str(deed.id), "+")
    assert not hasattr(parcel, "_deed")


def test_a_save_without_a_deed_never_reaches_the_table():
    with pytest.raises(UnattributedChange, match=r"keep\(\), remove\(\) or keep_many\(\)"):
        Parcel(label="a").save()
    with pytest.raises(UnattributedChange):
        Parcel.objects.create(label="a")
    assert not Parcel.objects.exists()


def test_a_delete_without_a_deed_never_reaches_the_table():
    parcel = keep(Parcel(label="a"), deed=deed_on(0))
    for delete in (parcel.delete, Parcel.objects.all().delete):
        with pytest.raises(UnattributedChange), transaction.atomic():
            delete()
    assert Parcel.objects.exists()


def test_a_fixture_cannot_be_loaded_past_history():
    with pytest.raises(UnattributedChange):
        Parcel(pk=1, label="a").save_base(raw=True)  # what loaddata calls
    assert not Parcel.objects.exists()


def test_the_librarys_own_ways_round_are_gone():
    assert not hasattr(Parcel, "save_without_historical_record")
    parcel = Parcel(label="a")
    parcel.skip_history_when_saving = True
    keep(parcel, deed=deed_on(0))
    assert parcel.history.count() == 1


def test_the_past_is_read_as_it_was_known():
    parcel = keep(Parcel(label="a", weight=1), deed=deed_on(0))
    parcel.weight = 2
    keep(parcel, deed=deed_on(2))
    remove(parcel, deed=deed_on(4))
    assert known_on(-1) == []
    assert known_on(0) == known_on(1.9) == [("a", 1)]
    assert known_on(2) == known_on(3) == [("a", 2)]
    assert known_on(4) == []


def test_of_two_saves_in_one_instant_the_later_one_counts_and_only_once():
    parcel = keep(Parcel(label="a", weight=1), deed=deed_on(0))
    parcel.weight = 2
    keep(parcel, deed=deed_on(0))
    assert known_on(0) == [("a", 2)]


def test_a_filter_holds_for_the_version_found_not_for_an_earlier_one():
    parcel = keep(Parcel(label="a", weight=1), deed=deed_on(0))
    parcel.weight = 2
    keep(parcel, deed=deed_on(1))
    assert known_on(1, weight=1) == []
    assert known_on(1, weight=2) == known_on(1, weight__in=[2, 3]) == [("a", 2)]


def test_rows_come_in_order_of_their_key_and_can_be_named():
    rows = keep_many([Parcel(label=label) for label in "cab"], deed=deed_on(0))
    assert [label for label, _ in known_on(0)] == ["c", "a", "b"]
    assert [label for label, _ in known_on(0, ids=[rows[1].pk])] == ["a"]
    assert [label for label, _ in known_on(0, pk=rows[2].pk)] == ["b"]
    assert known_on(0, ids=[]) == []


def test_many_rows_are_kept_in_few_queries_with_the_same_history(django_assert_max_num_queries):
    deed = deed_on(0)
    with django_assert_max_num_queries(8):
        rows = keep_many([Parcel(label=str(number)) for number in range(100)], deed=deed)
    versions = Parcel.history.all()
    assert {version.id for version in versions} == {row.pk for row in rows}
    assert {(v.history_date, v.history_change_reason) for v in versions} == {(EPOCH, str(deed.id))}
    assert keep_many([], deed=deed) == []


MOMENT = timedelta(microseconds=1)


def test_what_waited_for_a_lock_is_believed_only_once_it_landed():
    parcel = keep(Parcel(label="a", weight=1), deed=deed_on(0))
    parcel.weight = 2
    keep(parcel, deed=deed_on(2))
    parcel.weight = 3
    keep(parcel, deed=deed_on(1))  # begun earlier, but landed last
    assert known_on(1) == [("a", 1)]
    assert known_on(2) == [("a", 2)]
    assert known_on(3) == [("a", 3)]
    assert parcel.history.first().history_date == EPOCH + 2 * DAY + MOMENT


def test_what_was_removed_after_a_wait_stays_removed():
    parcel = keep(Parcel(label="a"), deed=deed_on(2))
    remove(parcel, deed=deed_on(1))
    assert known_on(3) == []


def test_the_waits_of_other_rows_do_not_matter():
    keep(Parcel(label="b"), deed=deed_on(5))
    parcel = keep(Parcel(label="a", weight=1), deed=deed_on(0))
    parcel.weight = 2
    keep(parcel, deed=deed_on(1))
    assert known_on(1) == [("a", 2)]


def test_a_new_row_asks_nothing_of_history_and_a_change_asks_once():
    with CaptureQueriesContext(connection) as first:
        parcel = keep(Parcel(label="a"), deed=deed_on(0))
    parcel.weight = 2
    with CaptureQueriesContext(connection) as second:
        keep(parcel, deed=deed_on(1))
    asked = [
        len([query for query in queries if query["sql"].startswith("SELECT") and "historicalparcel" in query["sql"]])
        for queries in (first, second)
    ]
    assert asked == [0, 1]
