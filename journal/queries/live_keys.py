"""Keys known by heart: who asks is found without the database, and a revoked key is still soon forgotten.

Kept per process: the digest of each key in use, when its row was read, and what it may do. A row that was read more
than FRESH seconds ago is read again, so a key revoked in another process works on for less than FRESH at most; in the
process that revokes it, `forget` ends it with the commit. A key's own end needs no reading: it is compared exactly.
Nothing is kept of a text that is no key, so nobody fills the memory by guessing; and secrets are never kept at all.

`now` is the time in seconds since 1970 (`time.time` of the edge).
"""

import hmac
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from math import inf
from typing import Final, NamedTuple

from journal.domain.actor import Actor
from journal.domain.key_text import digest_of, prefix_of
from journal.models import ApiKey

FRESH = 1.5  # seconds; 2 is promised
MINUTE = 60
_NOBODY = bytes(32)


class LiveKey(NamedTuple):
    """A key as every request needs it. `expires_at` is in seconds since 1970, infinite where it has no end."""

    prefix: str
    name: str
    scopes: frozenset[str]
    expires_at: float
    rate_limit: int | None
    actor: Actor


class Recalled(Enum):
    """What memory can say where it names no key."""

    NOBODY = "certainly no live key"
    ASK = "the rows have to be asked"


class _Kept:
    """One row in memory. `used_at` is noted here and written by `journal.actions.key_use`."""

    __slots__ = ("digest", "ends_at", "key", "read_at", "used_at", "written_until")

    def __init__(self, row: ApiKey, *, read_at: float, before: "_Kept | None") -> None:
        self.key = _live_key(row)
        self.digest = bytes.fromhex(row.digest)
        self.ends_at = min(self.key.expires_at, row.revoked_at.timestamp() if row.revoked_at else inf)
        self.read_at = read_at
        self.used_at: float = before.used_at if before else 0.0
        self.written_until = row.last_used_at.timestamp() + MINUTE if row.last_used_at else 0.0


_kept: dict[str, _Kept] = {}
_changes = 0  # counts what was forgotten, so that a row read before isn't kept after
_lock: Final = threading.Lock()


def recall(plain: str, *, now: float) -> LiveKey | Recalled:
    """Who this text is, from memory alone: for an event loop, which may not touch the database."""
    prefix = prefix_of(plain)
    if not prefix:
        return Recalled.NOBODY
    kept = _kept.get(prefix)
    if kept is None or not 0 <= now - kept.read_at < FRESH:  # a clock that was put back makes nothing fresh
        return Recalled.ASK
    return _checked(kept, plain, now=now) or Recalled.NOBODY


def recall_last(plain: str, *, now: float) -> LiveKey | None:
    """Who this text was when its row could last be read, however long ago: only for whoever answers by a fallback while
    no row can be read, when a key can't be revoked either. A key's own end is kept."""
    prefix = prefix_of(plain)
    return _checked(_kept.get(prefix), plain, now=now) if prefix else None


def authenticate_cached(plain: str, *, now: float) -> LiveKey | None:
    """The live key that this text is, or None; the rows are asked only where memory can't say."""
    found = recall(plain, now=now)
    if found is Recalled.ASK:
        return _from_row(plain, now=now)
    return None if found is Recalled.NOBODY else found


def refresh(*, now: float) -> int:
    """Read all keys in memory again with one query, those gone fall out; how many stayed.

    A background thread that calls it each second keeps requests from ever waiting for a row.
    """
    known, before = list(_kept), _changes
    if known:
        rows = {row.prefix: row for row in ApiKey.objects.filter(prefix__in=known)}
        _keep(known, rows, read_at=now, before=before)
    return len(_kept)


def forget(prefix: str) -> None:
    """The row of this key changed in this process: nothing read before counts any more."""
    global _changes
    with _lock:
        _changes += 1
        _kept.pop(prefix, None)


def forget_all() -> None:
    """For tests, whose keys are rolled back and put back."""
    global _changes
    with _lock:
        _changes += 1
        _kept.clear()


def uses_to_write() -> dict[str, datetime]:
    """The minute each key was last used in, for those whose row doesn't know of it yet."""
    return {
        prefix: datetime.fromtimestamp(kept.used_at // MINUTE * MINUTE, tz=UTC)
        for prefix, kept in list(_kept.items())
        if kept.used_at and kept.used_at >= kept.written_until
    }


def uses_written(uses: dict[str, datetime]) -> None:
    """These stand in the rows now: the next is due in the minute after."""
    for prefix, minute in uses.items():
        if kept := _kept.get(prefix):
            kept.written_until = minute.timestamp() + MINUTE


def _checked(kept: _Kept | None, plain: str, *, now: float) -> LiveKey | None:
    """Compared in the same time whether there is such a prefix or not."""
    same = hmac.compare_digest(digest_of(plain), kept.digest if kept else _NOBODY)
    if kept is None or not same or now >= kept.ends_at:
        return None
    kept.used_at = now
    return kept.key


def _from_row(plain: str, *, now: float) -> LiveKey | None:
    prefix, before = prefix_of(plain), _changes
    rows = {row.prefix: row for row in ApiKey.objects.filter(prefix=prefix)}
    return _checked(_keep([prefix], rows, read_at=now, before=before).get(prefix), plain, now=now)


def _keep(prefixes: Iterable[str], rows: dict[str, ApiKey], *, read_at: float, before: int) -> dict[str, _Kept]:
    """What was read, and in memory too unless something was forgotten since it was begun to be read."""
    with _lock:
        made = {prefix: _Kept(row, read_at=read_at, before=_kept.get(prefix)) for prefix, row in rows.items()}
        if before == _changes:
            for prefix in prefixes:
                if prefix in made:
                    _kept[prefix] = made[prefix]
                else:
                    _kept.pop(prefix, None)
    return made


def _live_key(row: ApiKey) -> LiveKey:
    return LiveKey(
        prefix=row.prefix,
        name=row.name,
        scopes=frozenset(row.scopes),
        expires_at=row.expires_at.timestamp() if row.expires_at else inf,
        rate_limit=row.rate_limit,
        actor=row.as_actor(),
    )
