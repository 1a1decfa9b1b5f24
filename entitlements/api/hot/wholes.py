"""The whole set of an account, as Django's route wrote it last, for as long as memory knows that nothing changed.

The route also keeps what each key was told (`remember_answer`); so its text is kept for each key by itself, and for as
long as the account's facts and the catalog are the very ones it was written from. Where it says how far the account has
come it is believed for `FRESH` seconds, says in `at` when that was so, and is forgotten when this process counts more.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec

from entitlements.api.hot.checks import compiled_for
from entitlements.queries.check import memory
from entitlements.queries.check.bounded import Bounded
from entitlements.queries.check.holding import Compiled, Held
from journal.api.conditional import is_unchanged

FRESH, BEARABLE = 1.0, 2.0  # seconds: then somebody asks the route again, and so long others are told what is kept
MOST = 2_000  # some 30 kB each
MOST_USED = 100_000
PREFIX, SUFFIX = "/api/v1/accounts/", "/entitlements"
TOLD = frozenset({b"content-type", b"etag", b"cache-control"})
Headers = tuple[tuple[bytes, bytes], ...]


class State(NamedTuple):
    """What an answer is written from; it is the same as long as these are the same objects."""

    held: Held
    compiled: Compiled

    def still(self, other: "State | None") -> bool:
        return other is not None and other.held is self.held and other.compiled is self.compiled


class Kept(NamedTuple):
    """`counts`: it says how far the account has come, as of `written_at`."""

    state: State
    written_at: float
    counts: bool
    before: bytes
    moment: bytes
    after: bytes
    headers: Headers
    etag: str

    def said(self, moment: bytes) -> bytes:
        return b"".join((self.before, self.moment if self.counts else moment, self.after))


class _Feature(msgspec.Struct):
    use: Any = None


class _Whole(msgspec.Struct):
    at: msgspec.Raw
    entitlements: list[_Feature]


_kept: Bounded[tuple[str, str], Kept] = Bounded(MOST)
_used_at: Bounded[int, float] = Bounded(MOST_USED)
_learning: dict[tuple[str, str], asyncio.Event] = {}


def asked_for(path: str) -> str:
    """The account's name in the address; empty where it is another address."""
    if not path.startswith(PREFIX) or not path.endswith(SUFFIX):
        return ""
    name = path[len(PREFIX) : -len(SUFFIX)]  # the server has decoded it already
    return "" if "/" in name else name


def state_of(name: str, now: float) -> State | None:
    """What memory knows for certain at this moment; None where it doesn't know the account."""
    compiled, held = compiled_for(name, now), memory.store.names.get(name)
    return None if compiled is None or held is None else State(held, compiled)


def kept_for(name: str, prefix: str, state: State, now: float) -> Kept | None:
    """What this key was told, if it still holds."""
    kept = _kept.get((name, prefix))
    if kept is None or not kept.state.still(state):
        return None
    age = now - kept.written_at
    if not kept.counts or (age <= FRESH and not _counted_since(kept)):
        return kept
    others = (name, prefix) in _learning
    return kept if others and age <= BEARABLE and not _counted_since(kept) else None


def _counted_since(kept: Kept) -> bool:
    return (_used_at.get(kept.state.held.id) or 0.0) >= kept.written_at


@contextmanager
def learning(name: str, prefix: str) -> Iterator[None]:
    """While somebody asks the route, others needn't: they are told what is kept, or wait for it."""
    learned = _learning.setdefault((name, prefix), asyncio.Event())
    try:
        yield
    finally:
        learned.set()
        _learning.pop((name, prefix), None)


def being_learned(name: str, prefix: str) -> asyncio.Event | None:
    return _learning.get((name, prefix))


def is_same(kept: Kept, if_none_match: bytes | None) -> bool:
    return if_none_match is not None and is_unchanged(if_none_match.decode("latin-1"), kept.etag)


def keep(name: str, prefix: str, state: State, now: float, said: list[Any]) -> None:
    """What the route has just written, cut where the moment stands. `now` is before it began to read."""
    if len(said) != 2 or said[0]["status"] != HTTPStatus.OK or not state.still(state_of(name, now)):
        return
    headers = tuple((key, value) for key, value in said[0]["headers"] if key in TOLD)
    whole = msgspec.json.decode(said[1]["body"], type=_Whole)
    before, moment, after = said[1]["body"].partition(bytes(whole.at))
    counts = any(one.use is not None for one in whole.entitlements)
    _kept[name, prefix] = Kept(state, now, counts, before, moment, after, headers, dict(headers)[b"etag"].decode())


def used(account_id: int, now: float) -> None:
    """This process has counted something of the account."""
    _used_at[account_id] = now


def forget_wholes() -> None:
    """For tests."""
    _kept.clear()
    _used_at.clear()
