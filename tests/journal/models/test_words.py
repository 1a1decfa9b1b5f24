import pytest

from journal.models import AuditHead
from tests.journal.factories import (
    ApiKeyFactory,
    ApprovalFactory,
    AuditEventFactory,
    AuditSealFactory,
    IdempotencyRecordFactory,
    NoticeFactory,
    OutboundFactory,
    StaffFactory,
    person,
)

pytestmark = pytest.mark.django_db


def test_every_row_says_what_it_is():
    event = AuditEventFactory(verb="lamp:light", label="Lamp 7", by=person("Grace"))
    assert str(event) == "#1 Grace: Light lamp Lamp 7"
    assert str(AuditHead.objects.get()) == "Audit head at #1"
    assert str(AuditSealFactory()) == "Seal up to #2"
    assert str(ApiKeyFactory(prefix="1f")) == "Web shop (ed_1f_…)"
    assert str(IdempotencyRecordFactory(key="8e03")) == "POST /api/v1/parcels as 8e03"
    assert str(ApprovalFactory()) == "A thing: asked by Ada, waiting"
    assert str(NoticeFactory()) == "A trial ends (bob@example.com)"
    assert str(OutboundFactory()).endswith("(waiting to be sent)")


def test_a_person_is_called_by_name_or_else_by_user_name():
    assert str(StaffFactory(first_name="Ada", last_name="Lovelace")) == "Ada Lovelace"
    assert str(StaffFactory(username="ada", first_name="", last_name="")) == "ada"
