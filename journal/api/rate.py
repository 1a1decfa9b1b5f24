"""The limit on requests, kept in this process (ADR 0018). `take` is plain enough for a raw ASGI application."""

import threading
from time import monotonic
from typing import Final

from django.conf import settings

from journal.domain.rate import MOST, RateWindow, Taken, share_of
from journal.queries.live_keys import LiveKey

MANY = 1_000  # windows; above that, those of keys at rest are let go before another is begun

_windows: dict[str, RateWindow] = {}
_lock: Final = threading.Lock()


def take(key_prefix: str, limit: int, now: float) -> Taken:
    """One more request of this key, in this process. `now`: seconds of a clock that never goes back (monotonic)."""
    with _lock:
        window = _windows.get(key_prefix)
        if window is None:
            _make_room(now)
            window = _windows[key_prefix] = RateWindow()
        return window.take(limit, now)


def take_for(key: LiveKey) -> Taken:
    """One more request of this key, by its own limit or else the installation's, at this moment."""
    return take(key.prefix, limit_of(key), monotonic())


def limit_of(key: LiveKey) -> int:
    """What this process lets in a minute: its share of the key's limit."""
    whole = min(MOST, settings.DESK_API_RATE) if key.rate_limit is None else key.rate_limit
    return share_of(whole, processes=settings.DESK_WEB_PROCESSES)


def forget_rates() -> None:
    """For tests."""
    with _lock:
        _windows.clear()


def _make_room(now: float) -> None:
    if len(_windows) >= MANY:
        for prefix in [prefix for prefix, window in _windows.items() if window.is_idle(now=now)]:
            del _windows[prefix]
