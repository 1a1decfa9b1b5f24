import logging
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from journal.actions.audit import seal
from journal.models import AuditSeal
from tests.journal.factories import EPOCH, AuditEventFactory

pytestmark = pytest.mark.django_db


def test_nothing_new_is_not_sealed():
    assert seal(at=EPOCH) is None
    AuditEventFactory()
    assert seal(at=EPOCH) is not None
    assert seal(at=EPOCH) is None


def test_a_seal_covers_what_came_since_the_last_one_and_follows_it():
    AuditEventFactory()
    first = seal(at=EPOCH)
    AuditEventFactory()
    last = AuditEventFactory()
    second = seal(at=EPOCH + timedelta(minutes=1))
    assert (second.seq_to, second.count, second.digest) == (3, 2, last.digest)
    assert second.previous_signature == first.signature != second.signature


def test_the_seal_also_goes_to_the_log(caplog, django_capture_on_commit_callbacks):
    AuditEventFactory()
    with caplog.at_level(logging.INFO, "journal.seal"), django_capture_on_commit_callbacks(execute=True):
        made = seal(at=EPOCH)
    assert f"sealed 1:{made.digest}" in caplog.text


def test_one_stretch_is_sealed_once():
    AuditEventFactory()
    made = seal(at=EPOCH)
    made.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)
    assert AuditSeal.objects.count() == 1
