"""Keys for programs."""

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale
from journal.models import ApiKey
from journal.queries.api_keys import MARK, digest_of

PERMISSION = "journal.issue_api_key"
SECRET_BYTES = 32  # 256 random bits, so a plain digest is enough: there is nothing to guess


@transaction.atomic
def issue(
    *, name: str, scopes: Collection[str], expires_at: datetime | None, by: Actor, at: datetime
) -> tuple[ApiKey, str]:
    """Issued a key for a program. The key itself is returned this once and kept nowhere."""
    by.require(PERMISSION)
    if not scopes:
        raise Invalid("Choose at least one thing the key may be used for.", field="scopes")
    if expires_at is not None and expires_at <= at:
        raise Invalid("The key would have expired already. Choose a later moment, or none.", field="expires_at")
    deed = begin(by=by, at=at)
    prefix = secrets.token_hex(4)
    plain = f"{MARK}_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey(
        name=name,
        prefix=prefix,
        digest=digest_of(plain),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        created_at=at,
        created_by=by.name,
    )
    keep(key, deed=deed)
    record(deed, "api_key:issue", subject=key, changes={"scopes": [None, key.scopes], "expires": [None, expires_at]})
    return key, plain


@transaction.atomic
def revoke(*, key: ApiKey, by: Actor, at: datetime) -> ApiKey:
    """Revoked a key; it stops working this second, for good."""
    by.require(PERMISSION)
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at):
        raise Stale("This key was revoked already.")
    key.refresh_from_db()
    record(begin(by=by, at=at), "api_key:revoke", subject=key, changes={"revoked": [None, at]})
    return key
