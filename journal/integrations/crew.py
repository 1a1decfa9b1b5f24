"""Threads beside a worker's other duties, so that an outside system that hangs holds up neither them nor each other.

A tick of the clock only wakes them. They end when there is nothing to do; whatever one had claimed when its process
ended is brought back by its lease.
"""

import logging
import threading
from collections.abc import Callable

from django.db import connections


class Crew:
    """At most so many threads of one process at one kind of work.

    `work` is called with what it tells once it has found something, so that one more may start looking.
    """

    def __init__(self, name: str, *, most: int) -> None:
        self.name = name
        self.most = most
        self._lock = threading.Lock()
        self._busy: set[threading.Thread] = set()

    def start(self, work: Callable[[Callable[[], object]], object]) -> bool:
        """Whether there was room for one more."""
        thread = threading.Thread(target=self._run, args=(work,), name=self.name, daemon=True)
        with self._lock:
            if len(self._busy) >= self.most:
                return False
            self._busy.add(thread)
        thread.start()
        return True

    def wait(self, seconds: float) -> bool:
        """Whether all of them came to an end in so many seconds."""
        for thread in list(self._busy):
            thread.join(seconds)
        return not self._busy

    def _run(self, work: Callable[[Callable[[], object]], object]) -> None:
        try:
            work(lambda: self.start(work))
        except Exception:  # the database was away; the next tick starts another, and leases bring back what was claimed
            logging.getLogger(self.name).exception("One of %s stopped", self.name)
        finally:
            connections.close_all()
            with self._lock:
                self._busy.discard(threading.current_thread())
