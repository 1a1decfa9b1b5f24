from datetime import timedelta

import pytest

from journal.actions.api_keys import PERMISSION, issue, revoke, set_rate_limit
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import ApiKey, AuditEvent
from journal.queries.api_keys import authenticate_cached
from tests.journal.factories import EPOCH, person

pytestmark = pytest.mark.django_db
ADA = person("Ada", PERMISSION)
LATER = EPOCH + timedelta(hours=1)


def authenticate(plain, *, at):
    return authenticate_cached(plain, now=at.timestamp())


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
    actor = authenticate(plain, at=EPOCH).actor
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
    revoke(key=key, reason=" It leaked. ", by=ADA, at=LATER)
    assert authenticate(plain, at=LATER) is None
    with pytest.raises(Stale, match="revoked already"):
        revoke(key=key, reason="Again.", by=ADA, at=LATER)
    told = AuditEvent.objects.order_by("seq").values_list("verb", "reason")
    assert list(told) == [("api_key:issue", ""), ("api_key:revoke", "It leaked.")]


def test_a_key_is_not_revoked_without_saying_why():
    key, plain = issued()
    with pytest.raises(Invalid, match="Say why"):
        revoke(key=key, reason="  ", by=ADA, at=LATER)
    assert authenticate(plain, at=LATER)


def test_the_limit_of_a_key_is_set_and_lifted():
    key, _ = issued(rate_limit=60)
    set_rate_limit(key=key, rate_limit=600, by=ADA, at=LATER)
    assert ApiKey.objects.get().rate_limit == 600
    assert AuditEvent.objects.order_by("-seq")[0].changes == {"requests a minute": [60, 600]}
    assert set_rate_limit(key=key, rate_limit=None, by=ADA, at=LATER).rate_limit is None


@pytest.mark.parametrize("rate_limit", [0, -1, 100_000_001])
def test_a_limit_beyond_reason_is_refused(rate_limit):
    key, _ = issued()
    with pytest.raises(Invalid, match="minute"):
        set_rate_limit(key=key, rate_limit=rate_limit, by=ADA, at=LATER)


def test_a_revoked_key_gets_no_other_limit():
    key, _ = issued()
    revoke(key=key, reason="Lost.", by=ADA, at=LATER)
    with pytest.raises(Stale):
        set_rate_limit(key=key, rate_limit=600, by=ADA, at=LATER)


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
        revoke(key=key, reason="Mine now.", by=person("Eve"), at=EPOCH)
    with pytest.raises(NotAllowed):
        set_rate_limit(key=key, rate_limit=9, by=person("Eve"), at=EPOCH)
