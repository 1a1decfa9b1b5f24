import time

import pytest
from django.db.models import F

from journal.actions.audit import seal
from journal.actions.deeds import sealed_fields
from journal.domain.chain import Mark, canonical, link
from journal.domain.entry import SEALED
from journal.models import AuditEvent, AuditHead, AuditSeal
from journal.queries.audit import Finding, verbs_in_use, verify
from tests.journal.factories import EPOCH, AuditEventFactory, tampered

pytestmark = pytest.mark.django_db


@pytest.fixture
def events():
    return [AuditEventFactory(reason=f"reason {number}") for number in range(1, 7)]


def row(seq):
    return AuditEvent.objects.filter(seq=seq)


def rewrite(seq, **values):
    """Alter an event and everything the chain says of it, up to the head: only a seal can tell."""
    row(seq).update(**values)
    previous = row(seq - 1).get().digest if seq > 1 else "0" * 64
    for event in AuditEvent.objects.filter(seq__gte=seq).order_by("seq"):
        digest = link(previous, canonical(sealed_fields(event)))
        row(event.seq).update(previous_digest=previous, digest=digest)
        previous = digest
    AuditHead.objects.update(last_digest=previous)


def numbers():
    return [finding.seq for finding in verify()]


def test_an_audit_nobody_touched_is_whole(events):
    seal(at=EPOCH)
    assert verify() == []


def test_an_empty_audit_is_whole():
    assert verify() == []


@pytest.mark.parametrize("column", [name for name in SEALED if name not in ("id", "seq", "at", "changes")])
def test_an_altered_column_is_found(events, column):
    tampered(lambda: row(3).update(**{column: "forged"}))
    assert verify() == [Finding(3, "Event 3: was altered after it was written.")]


def test_an_altered_moment_or_change_is_found(events):
    tampered(lambda: row(2).update(at=F("at") + (EPOCH - EPOCH.replace(year=2025))))
    tampered(lambda: row(4).update(changes={"x": [1, 2]}))
    assert numbers() == [2, 4]


@pytest.mark.parametrize("seq", [1, 3, 6])
def test_a_removed_event_is_found_also_the_first_and_the_last(events, seq):
    tampered(lambda: row(seq).delete())
    assert numbers() == [seq]


def test_the_last_event_removed_together_with_its_count_is_found_through_the_seal(events):
    seal(at=EPOCH)
    tampered(lambda: (row(6).delete(), AuditHead.objects.update(last_seq=5, last_digest=events[4].digest)))
    assert numbers() == [6]


def test_an_end_cut_off_with_its_seals_is_found_through_the_log(events):
    known = Mark(seal(at=EPOCH).seq_to, events[5].digest)
    tampered(
        lambda: (
            AuditSeal.objects.all().delete(),
            row(6).delete(),
            AuditHead.objects.update(last_seq=5, last_digest=events[4].digest),
        )
    )
    assert verify() == []
    assert [finding.seq for finding in verify(known_seal=known)] == [6]


def test_swapped_events_are_found(events):
    def swap():
        row(2).update(seq=99)
        row(4).update(seq=2)
        row(99).update(seq=4)

    tampered(swap)
    assert numbers()[0] == 2


def test_a_history_rewritten_to_the_end_no_longer_meets_its_seal(events):
    seal(at=EPOCH)
    tampered(lambda: rewrite(4, reason="forged"))
    assert verify() == [Finding(6, "Event 6: is not the event that was sealed.")]


def test_an_event_put_in_at_the_end_is_found(events):
    forged = AuditEvent(**{name: getattr(events[5], name) for name in SEALED} | {"id": None, "seq": 7})
    forged.id, forged.previous_digest = events[0].id.__class__(int=7), events[5].digest
    forged.digest = link(forged.previous_digest, canonical(sealed_fields(forged)))
    forged.save(force_insert=True)
    assert numbers() == [7]


def test_an_altered_or_removed_seal_is_found(events):
    first = seal(at=EPOCH)
    AuditEventFactory()
    second = seal(at=EPOCH)
    tampered(lambda: AuditSeal.objects.filter(pk=second.pk).update(digest="0" * 64))
    assert "its signature fails" in str(verify()[0])
    tampered(lambda: AuditSeal.objects.filter(pk=second.pk).update(digest=second.digest))
    tampered(lambda: AuditSeal.objects.filter(pk=first.pk).delete())
    assert "the seal before it was removed" in str(verify()[0])


def test_seals_of_a_retired_secret_still_hold(events, settings):
    seal(at=EPOCH)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret " * 4
    assert verify() == []
    settings.SECRET_KEY_FALLBACKS = []
    assert len(verify()) == 1


def test_the_verbs_in_use_are_each_named_once():
    for verb in ("b:b", "a:a", "b:b", "c:c"):
        AuditEventFactory(verb=verb)
    assert verbs_in_use() == ["a:a", "b:b", "c:c"]


def test_the_walk_is_fast_and_holds_no_more_than_a_page(events, django_assert_max_num_queries):
    """100,000 events in 10 seconds is 10,000 a second; here a fiftieth of that is walked with room to spare."""
    template = events[0]
    fields = {name: getattr(template, name) for name in SEALED}
    copies, previous = [], events[-1].digest
    for seq in range(7, 2007):
        copy = AuditEvent(**fields | {"seq": seq, "id": template.id.__class__(int=seq)}, previous_digest=previous)
        copy.digest = previous = link(previous, canonical(sealed_fields(copy)))
        copies.append(copy)
    AuditEvent.objects.bulk_create(copies, batch_size=500)
    AuditHead.objects.update(last_seq=2006, last_digest=previous)
    start = time.perf_counter()
    with django_assert_max_num_queries(6):
        assert verify() == []
    assert time.perf_counter() - start < 2
