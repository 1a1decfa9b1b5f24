"""A request as the raw application sees it: the few headers that matter, the key that came with it, and its answer."""

from collections.abc import Iterable
from time import monotonic, time
from typing import Any, NamedTuple, TypeAlias

from django.conf import settings
from django.http import HttpResponse

from entitlements.api.runtime.requests import MOST_BYTES
from entitlements.queries.check import memory
from journal.api.problems import _refused, broken_problem
from journal.api.rate import limit_of, take
from journal.domain.rate import RateLimited, Taken
from journal.domain.refusal import Refusal
from journal.queries.live_keys import LiveKey, Recalled, recall, recall_last

Headers: TypeAlias = Iterable[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")
BEARER = b"bearer "
ONLY_TLS: bool = settings.SECURE_SSL_REDIRECT
MOST_KEYS = 10_000
_NO_LIMIT: tuple[LiveKey | None, int] = (None, 0)
_limits: dict[str, tuple[LiveKey | None, int]] = {}


class Asking(NamedTuple):
    """Who asks, and what of the headers matters."""

    key: LiveKey
    headers: dict[bytes, bytes]


class Answer(NamedTuple):
    """Ready to be sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def asking(scope: Any, *, scope_needed: str, query: bool = False) -> Asking | None:
    """Who asks, by memory alone; None where Django has to look at it: no live key known by heart, another scope, a body
    too large or of unknown length, plain HTTP where that is turned away; and, but for a `query`, words after a “?”.

    While the database is away a key is believed that was live when its row could last be read."""
    headers = dict(scope["headers"])
    token = headers.get(b"authorization", b"")
    if token[:7].lower() != BEARER or (scope["query_string"] and not query):
        return None
    plain = token[7:].strip().decode("latin-1")
    key = recall(plain, now=time())
    if key is Recalled.ASK and memory.away():
        key = recall_last(plain, now=time()) or key
    if isinstance(key, Recalled) or scope_needed not in key.scopes:
        return None
    if b"transfer-encoding" in headers or len(headers.get(b"content-length", b"")) > 7:
        return None
    if ONLY_TLS and headers.get(b"x-forwarded-proto") != b"https":
        return None
    return Asking(key, headers)


def is_small(asked: Asking) -> bool:
    """False also where nobody says how much will come: HTTP/2 needn't."""
    length = asked.headers.get(b"content-length", b"")
    return length.isdigit() and int(length) <= MOST_BYTES


def let_in(asked: Asking) -> Taken:
    """One more request of this key; its limit is worked out once for each time its row was read."""
    key = asked.key
    known, limit = _limits.get(key.prefix, _NO_LIMIT)
    if known is not key:
        if len(_limits) >= MOST_KEYS:
            _limits.clear()
        limit = limit_of(key)
        _limits[key.prefix] = key, limit
    return take(key.prefix, limit, monotonic())


def limited(taken: Taken) -> Answer:
    return refused(RateLimited(taken), taken)


def given(body: bytes, taken: Taken) -> Answer:
    return Answer(200, [JSON, *taken.headers], body)


def unchanged(taken: Taken, headers: Headers) -> Answer:
    """The asker has just this already."""
    return Answer(304, [*taken.headers, *((name, value) for name, value in headers if name != b"content-type")], b"")


def broken(taken: Taken) -> Answer:
    """The fault was ours, and is in the log."""
    return _told(broken_problem(), taken)


def refused(refusal: Refusal, taken: Taken) -> Answer:
    """The problem document that Django's routes answer with."""
    return _told(_refused(None, refusal), taken)  # type: ignore[arg-type]  # it looks at the refusal only


def _told(response: HttpResponse, taken: Taken) -> Answer:
    told = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    return Answer(response.status_code, [*told, *taken.headers], response.content)
