from datetime import timedelta

import pytest

from journal.actions.api_keys import PERMISSION, issue, revoke
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import ApiKey, AuditEvent
from journal.queries.api_keys import authenticate
from tests.journal.factories import EPOCH, person

pytestmark = pytest.mark.django_db
ADA = person("Ada", PERMISSION)
LATER = EPOCH + timedelta(hours=1)


def issued(**told):
    return issue(**{"name": "Web shop", "scopes": ["things:read"], "expires_at": None, "by": ADA, "at": EPOCH} | told)


def test_the_key_is_shown_once_and_kept_nowhere():
    key, plain = issued()
    assert plain.startswith(f"ed_{key.prefix}_")
    stored = str(ApiKey.objects.values().get()) + str(AuditEvent.objects.values().get())
    assert plain not in stored
    assert plain.split("_", 2)[2] not in stored


def test_a_key_acts_with_its_scopes_under_a_key_of_its_own():
    key, plain = issued(scopes=["b:write", "a:read", "a:read"])
    actor = authenticate(plain, at=EPOCH).as_actor()
    assert (actor.key, actor.name, actor.permissions) == (f"key:{key.prefix}", "Web shop", {"a:read", "b:write"})


@pytest.mark.parametrize(
    "wrong", ["", "ed", "ed_", "ed__", "ed_x_y", "{plain}x", "x{plain}", "{plain}\x00", "ed_{prefix}_", "{swapped}"]
)
def test_anything_but_the_key_is_nobody(wrong):
    key, plain = issued()
    assert authenticate(wrong.format(plain=plain, prefix=key.prefix, swapped=plain.swapcase()), at=EPOCH) is None


def test_a_key_ends_at_its_second():
    _, plain = issued(expires_at=LATER)
    assert authenticate(plain, at=LATER - timedelta(microseconds=1))
    assert authenticate(plain, at=LATER) is None


def test_a_revoked_key_stops_at_once_and_is_revoked_once():
    key, plain = issued()
    revoke(key=key, by=ADA, at=LATER)
    assert authenticate(plain, at=LATER) is None
    with pytest.raises(Stale, match="revoked already"):
        revoke(key=key, by=ADA, at=LATER)
    assert [event.verb for event in AuditEvent.objects.order_by("seq")] == ["api_key:issue", "api_key:revoke"]


def test_a_key_for_nothing_or_for_the_past_is_refused():
    with pytest.raises(Invalid, match="at least one thing"):
        issued(scopes=[])
    with pytest.raises(Invalid, match="expired already"):
        issued(expires_at=EPOCH)


def test_issuing_and_revoking_need_the_permission():
    key, _ = issued()
    with pytest.raises(NotAllowed):
        issued(by=person("Eve"))
    with pytest.raises(NotAllowed):
        revoke(key=key, by=person("Eve"), at=EPOCH)
