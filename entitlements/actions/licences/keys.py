"""The keys that licence files are signed with. The first is made when the first file is; the private half is sealed."""

import base64
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from entitlements.models.licence import SigningKey
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, Stale
from journal.vault import seal, unseal

PERMISSION = "entitlements.rotate_signing_key"


@transaction.atomic
def rotate_signing_key(*, reason: str, by: Actor, at: datetime, compromised: bool = False) -> SigningKey:
    """Renewed the key that licence files are signed with; the new one is returned.

    Files signed with the old one stay good until their end, for as long as it is published. `compromised`: somebody
    else may have it, so it is published no more, and software that asks is told not to trust its files.
    """
    by.require(PERMISSION)
    if not reason.strip():
        raise Invalid("Say why: whoever looks after the software will ask.", field="reason")
    deed = begin(by=by, at=at)
    old = list(SigningKey.objects.select_for_update().filter(retired_at=None))
    for key in old:
        key.retired_at, key.compromised = at, compromised
        keep(key, deed=deed)
    made = _make(deed=deed)
    changes = {"key": [", ".join(key.kid for key in old) or None, made.kid], "compromised": [None, compromised]}
    record(deed, "signing_key:rotate", subject=made, reason=reason.strip(), changes=changes)
    return made


@transaction.atomic
def mark_compromised(*, key: SigningKey, reason: str, by: Actor, at: datetime) -> SigningKey:
    """Told that somebody else may have this very key. One that was retired before is believed no more, and what signs
    now goes on; the one in use is renewed. Answers the key."""
    by.require(PERMISSION)
    if not reason.strip():
        raise Invalid("Say why: whoever looks after the software will ask.", field="reason")
    row = SigningKey.objects.select_for_update().get(pk=key.pk)
    if row.compromised:
        raise Stale("This key was marked as compromised already.")
    if row.retired_at is None:
        rotate_signing_key(reason=reason, compromised=True, by=by, at=at)
        row.refresh_from_db()
        return row
    row.compromised = True
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, "signing_key:compromise", subject=row, reason=reason.strip(), changes={"compromised": [False, True]})
    return row


def signing_key_in_use(*, at: datetime) -> SigningKey:
    """The newest one that isn't retired; the first is made here. Two that come at once may make two, and both are good."""
    found = SigningKey.objects.filter(retired_at=None).order_by("-created_at", "-pk").first()
    if found is not None:
        return found
    deed = begin(by=SYSTEM, at=at)
    made = _make(deed=deed)
    record(deed, "signing_key:make", subject=made)
    return made


def private_half(key: SigningKey) -> Ed25519PrivateKey:
    """What signs; the vault's Unreadable where the desk lost the key it was sealed with."""
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(unseal(key.sealed)))


def _make(*, deed: Deed) -> SigningKey:
    private = Ed25519PrivateKey.generate()
    public = base64.urlsafe_b64encode(private.public_key().public_bytes_raw()).decode().rstrip("=")
    sealed = seal(base64.urlsafe_b64encode(private.private_bytes_raw()).decode())
    key = SigningKey(kid=secrets.token_hex(8), public=public, sealed=sealed, created_at=deed.at)
    key.full_clean()
    key.save()
    return key
