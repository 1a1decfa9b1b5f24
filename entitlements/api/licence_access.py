"""Who asks about a licence: whoever has its key, with or without an API key, and no more often than is sensible.

A licence key is a credential, for that licence alone: it comes in the body, and stands in no address and no log. Who
brings an API key is limited by that; else each licence is, and each prefix under which wrong keys are tried: so whoever
tries keys locks nobody out who has the right one.
"""

import threading
import time
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

from entitlements.actions.licences.locking import USE
from entitlements.actions.licences.refusals import KeyMalformed, UnknownKey
from entitlements.domain.licences.codes import Code
from entitlements.domain.licences.key_text import LicenceKey, parse_key
from entitlements.queries.check.bounded import Bounded
from entitlements.queries.licences.known import Known, licence_known
from journal.api.auth import KeyAuth
from journal.domain.actor import Actor, ActorKind
from journal.domain.rate import RateLimited, RateWindow, Taken, share_of

A_LICENCE, WRONG_KEYS = 600, 60  # requests a minute
MOST_WINDOWS = 100_000
ANYBODY = Actor(kind=ActorKind.CONNECTION, key="licence", name="Whoever has a licence key")

_windows: Bounded[str, RateWindow] = Bounded(MOST_WINDOWS)
_lock: Final = threading.Lock()


class KeyOrLicence(KeyAuth):
    """An API key where one comes, which then must be alive and of the scope; else the licence key in the body."""

    def __init__(self) -> None:
        super().__init__(USE)

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if "Authorization" in request.headers else ANYBODY


def software_of(known: Known) -> Actor:
    """Software that has nothing but a licence key: for that licence, all there is to do with it."""
    name = f"Licence {known.facts.prefix}…"
    permissions = frozenset({USE, "entitlements:read"})
    return Actor(kind=ActorKind.CONNECTION, key=f"licence:{known.facts.prefix}", name=name, permissions=permissions)


def asker(request: HttpRequest, known: Known) -> Actor:
    """The API key that came, or the software itself."""
    by: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts it there
    return software_of(known) if by is ANYBODY else by


def licence_asked(request: HttpRequest, text: str) -> Known:
    """The licence of this key, which may be asked about so often; KeyMalformed, UnknownKey, RateLimited."""
    key = parse_key(text)
    known = None if key is None else licence_known(key, now=time.time())
    _let_in(request, key, known)
    if key is None:
        raise KeyMalformed(Code.KEY_MALFORMED.words, field="key")
    if known is None:
        raise UnknownKey(Code.UNKNOWN_KEY.words, field="key")
    return known


def _let_in(request: HttpRequest, key: LicenceKey | None, known: Known | None) -> None:
    if request.auth is not ANYBODY:  # type: ignore[attr-defined]  # the door has counted it
        return
    taken = take_known(known) if known is not None else _take("?" + (key.prefix if key else ""), WRONG_KEYS)
    request.taken = taken  # type: ignore[attr-defined]  # the door writes its headers
    if not taken.allowed:
        raise RateLimited(taken)


def take_known(known: Known) -> Taken:
    """One more request with nothing but this licence's key, in this process."""
    return _take(known.facts.prefix, A_LICENCE)


def forget_windows() -> None:
    """For tests."""
    with _lock:
        _windows.clear()


def _take(name: str, limit: int) -> Taken:
    with _lock:
        window = _windows.get(name)
        if window is None:
            window = _windows[name] = RateWindow()
        return window.take(share_of(limit, processes=settings.DESK_WEB_PROCESSES), time.monotonic())
