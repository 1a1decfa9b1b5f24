"""Signing keys: the private half is sealed, the first is made on first use, and a new one takes over."""

import pytest

from entitlements.actions.licences.keys import (
    mark_compromised,
    private_half,
    rotate_signing_key,
    signing_key_in_use,
)
from entitlements.models.licence import SigningKey
from entitlements.queries.licences.signing import key_set
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Stale
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def test_the_first_is_made_on_first_use_and_sealed() -> None:
    assert key_set(AT) == {"keys": []}
    key = signing_key_in_use(at=AT)
    assert signing_key_in_use(at=AT) == key
    private = private_half(key)
    assert private.private_bytes_raw().hex() not in key.sealed
    [published] = key_set(AT)["keys"]
    assert (published["kid"], published["x"]) == (key.kid, key.public)


def test_it_is_renewed_by_who_may_and_says_why(administrator: Actor, finance: Actor) -> None:
    first = signing_key_in_use(at=AT)
    with pytest.raises(NotAllowed):
        rotate_signing_key(reason="Yearly", by=finance, at=AT)
    with pytest.raises(Invalid):
        rotate_signing_key(reason=" ", by=administrator, at=AT)
    second = rotate_signing_key(reason="Yearly", by=administrator, at=AT)
    assert signing_key_in_use(at=AT) == second
    assert SigningKey.objects.get(pk=first.pk).retired_at == AT
    assert [one["kid"] for one in key_set(AT)["keys"]] == [second.kid]  # the first has signed nothing
    rotate_signing_key(reason="Stolen", compromised=True, by=SYSTEM, at=AT)
    assert SigningKey.objects.get(pk=second.pk).compromised
    assert not SigningKey.objects.get(pk=first.pk).compromised


def test_one_that_was_retired_long_ago_can_be_told_to_be_compromised(administrator: Actor, finance: Actor) -> None:
    first = signing_key_in_use(at=AT)
    second = rotate_signing_key(reason="Yearly", by=administrator, at=AT)
    with pytest.raises(NotAllowed):
        mark_compromised(key=first, reason="Posted in a forum", by=finance, at=AT)
    mark_compromised(key=first, reason="Posted in a forum", by=administrator, at=AT)
    assert signing_key_in_use(at=AT) == second
    assert {one["kid"]: one.get("compromised", False) for one in key_set(AT)["keys"]} == {
        first.kid: True,
        second.kid: False,
    }
    with pytest.raises(Stale):
        mark_compromised(key=first, reason="Again", by=administrator, at=AT)
    assert mark_compromised(key=second, reason="This one too", by=administrator, at=AT).compromised
    assert signing_key_in_use(at=AT) not in {first, second}
