"""Accounts that somebody asked about and memory doesn't know yet: read by a thread, so that the next asker needs no row."""

import logging
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections, connections

from entitlements.api.hot.names import names_of

MOST = 1_000  # names that wait to be read
LOGGER = logging.getLogger("entitlements.hot")


class Warmer:
    def __init__(self) -> None:
        self._wanted: set[str] = set()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="desk-warmer")

    def want(self, name: str) -> None:
        """Read it soon; called in the event loop, and returns at once."""
        if name not in self._wanted and len(self._wanted) < MOST:
            self._wanted.add(name)
            self._pool.submit(self._read, name)

    def end(self) -> None:
        self._pool.submit(connections.close_all)
        self._pool.shutdown(wait=True)

    def _read(self, name: str) -> None:
        try:
            close_old_connections()
            names_of([name])
        except Exception:
            LOGGER.exception("An account could not be read ahead.")
        finally:
            self._wanted.discard(name)
