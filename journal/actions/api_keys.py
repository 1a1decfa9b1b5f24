"""Keys for programs."""

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.key_text import MARK, digest_of
from journal.domain.refusal import Invalid, Stale
from journal.models import ApiKey
from journal.queries.live_keys import forget

PERMISSION = "journal.issue_api_key"
SECRET_BYTES = 32  # 256 random bits, so a plain digest is enough: there is nothing to guess


@transaction.atomic
def issue(
    *,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None,
    by: Actor,
    at: datetime,
    rate_limit: int | None = None,
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
        digest=digest_of(plain).hex(),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        rate_limit=rate_limit,
        created_at=at,
        created_by=by.name,
    )
    keep(key, deed=deed)
    told = {"scopes": key.scopes, "expires": expires_at, "requests a minute": rate_limit}
    record(deed, "api_key:issue", subject=key, changes={word: [None, value] for word, value in told.items()})
    return key, plain


@transaction.atomic
def set_rate_limit(*, key: ApiKey, rate_limit: int | None, by: Actor, at: datetime) -> ApiKey:
    """Set how many requests a minute a key may make; None leaves it at what every key may."""
    by.require(PERMISSION)
    held = _held(key)
    before, held.rate_limit = held.rate_limit, rate_limit
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    record(deed, "api_key:set_rate_limit", subject=held, changes={"requests a minute": [before, rate_limit]})
    _forgotten(held)
    return held


@transaction.atomic
def revoke(*, key: ApiKey, reason: str, by: Actor, at: datetime) -> ApiKey:
    """Revoked a key for good: at once in this process, within two seconds in any other."""
    by.require(PERMISSION)
    if not reason.strip():
        raise Invalid("Say why: whoever looks after the program will ask.", field="reason")
    held = _held(key)
    held.revoked_at = at
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    record(deed, "api_key:revoke", subject=held, reason=reason.strip(), changes={"revoked": [None, at]})
    _forgotten(held)
    return held


def _held(key: ApiKey) -> ApiKey:
    """The row as it stands, locked; Stale where it was revoked meanwhile."""
    held = ApiKey.objects.select_for_update().get(pk=key.pk)
    if held.revoked_at is not None:
        raise Stale("This key was revoked already.")
    return held


def _forgotten(key: ApiKey) -> None:
    """Now, for what this transaction still asks; and once it is committed, for what others read meanwhile."""
    forget(key.prefix)
    transaction.on_commit(lambda: forget(key.prefix))
