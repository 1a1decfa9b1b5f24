"""What runs beside the requests of a web process: the watch over what changed, keys read again, notes written down."""

import logging
import threading
from collections.abc import Callable, Sequence
from time import monotonic, time

from django.db import close_old_connections, connections

from entitlements.actions.usage.access import keep_flushing
from entitlements.queries.check.watch import watch
from journal.actions.key_use import flush_last_used
from journal.queries.live_keys import refresh

KEYS_EVERY, USES_EVERY = 0.5, 20.0  # seconds; keys are promised to be no staler than two
LOGGER = logging.getLogger("config.beside")
Duty = tuple[float, Callable[[], object]]


def _refresh_keys() -> None:
    refresh(now=time())


class Beside:
    """One thread for what has to be done now and then, and the watch with a thread of its own."""

    def __init__(self, duties: Sequence[Duty] = ((KEYS_EVERY, _refresh_keys), (USES_EVERY, flush_last_used))) -> None:
        self._duties, self._ending = duties, threading.Event()
        self._thread = threading.Thread(target=self._run, name="desk-beside", daemon=True)

    def begin(self) -> None:
        watch.allow()
        watch.begin()
        keep_flushing()
        self._thread.start()

    def end(self) -> None:
        self._ending.set()
        self._thread.join(timeout=5)
        watch.end()

    def _run(self) -> None:
        due = [monotonic()] * len(self._duties)
        try:
            while not self._ending.wait(KEYS_EVERY):
                for number, (every, act) in enumerate(self._duties):
                    if monotonic() >= due[number]:
                        _tried(act)
                        due[number] = monotonic() + every
        finally:
            connections.close_all()


def _tried(act: Callable[[], object]) -> None:
    """A database that is away is back at the next turn."""
    try:
        close_old_connections()
        act()
    except Exception:
        LOGGER.exception("%s failed, and is tried again", act.__name__)
