"""Who tells the memory of this process what other processes change: one thread, with a connection of its own.

On PostgreSQL it listens, and is woken by the commit itself; in any case it reads the log each second, so that a cut
connection costs no more than that. On SQLite it looks each 10 ms whether another connection has written at all
(`PRAGMA data_version`, no read of a table), and reads the log if so.

It begins with the first check of a process that was *allowed* to watch: the web processes are. Whoever is not, such as
a worker or a test, reads the rows. A process made by fork begins anew.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import InterfaceError

from entitlements.fact_triggers import CHANNEL
from entitlements.queries.check.memory import Memory, memory

LOOK_EVERY = 0.01  # seconds between two looks at SQLite's data_version
READ_EVERY = 1.0  # seconds between two readings of the log in any case, and of counters
LISTEN_FOR = 0.2  # seconds until the thread looks whether it is to end
TRY_AGAIN = 0.5
SILENCE = 0.7  # seconds without a word to a question that takes a few milliseconds; before memory is believed no more
FORGOTTEN_AFTER = 600.0  # seconds without a reading, after which the log may have been pruned

logger = logging.getLogger(__name__)


class Watch:
    """Watches for one memory. `allow` once, `begin` at any check, `end` before the database goes away.

    `cuts` counts how often its connection was lost, `backend` is PostgreSQL's number of the one it has.
    """

    def __init__(self, watched: Memory, *, alias: str = DEFAULT_DB_ALIAS) -> None:
        self.memory, self.alias = watched, alias
        self.allowed, self.cuts, self.backend = False, 0, 0
        self._thread: Thread | None = None
        self._lock, self._ending = Lock(), Event()
        self._last_read = self._last_use = monotonic()
        self._cut = False
        self._asked_at: float | None = None  # when it began to wait for the database
        watched.wanted, watched.away = self.wanted, self.away

    def allow(self) -> None:
        """This process may keep answers in memory: it lives long and is asked often."""
        self.allowed = True

    def wanted(self) -> None:
        if self.allowed:
            self.begin()

    def away(self) -> bool:
        """Whether the database can't be reached: the connection broke and couldn't be made anew, or it says nothing. Who
        asks then is answered from memory, and waits for nothing."""
        asked_at = self._asked_at
        return self._cut or (asked_at is not None and monotonic() - asked_at > SILENCE)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Around each wait for the database."""
        self._asked_at = monotonic()
        try:
            yield
        finally:
            self._asked_at = None

    def begin(self, *, wait: float = 0.0) -> None:
        """Begin to watch, if nobody does yet; with `wait`, until the log was read once or so many seconds passed."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._ending = Event()
                self._thread = Thread(target=self._run, args=(self._ending,), name="desk-watch", daemon=True)
                self._thread.start()
        if wait:
            until = monotonic() + wait
            while not self.memory.trusted and monotonic() < until:
                self._ending.wait(0.002)

    def end(self) -> None:
        """Stop watching and let go of the connection; the memory reads rows from now on."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._ending.set()
        if thread is not None:
            thread.join(timeout=5)
        self._cut, self._asked_at = False, None
        self.memory.forget_everything()

    def forked(self) -> None:
        """The thread stayed with the parent, and so did its word: begin anew."""
        self._lock, self._thread, self._ending = Lock(), None, Event()
        self._cut, self._asked_at = False, None
        self.memory.begin_anew()

    def committed(self) -> None:
        """After a commit of this process: what it changed is taken up at once."""
        if self._thread is not None and self.memory.trusted:
            self.memory.take_up_changes()

    def _run(self, ending: Event) -> None:
        while not ending.is_set():
            connected = False
            own = connections.create_connection(self.alias)
            connections[self.alias] = own  # this thread has no other, so that closing it closes all
            try:
                with own.wrap_database_errors:
                    with self._asking():
                        own.connect()
                    connected = True
                    (self._listen if own.vendor == "postgresql" else self._look)(own, ending)
            except (DatabaseError, InterfaceError) as error:
                self.cuts += 1
                self._cut = not connected  # a connection that broke is made anew at once, and only then it is known
                logger.warning("The log of changes can't be read, so checks read rows: %s", error)
                ending.wait(0 if connected else TRY_AGAIN)
            finally:
                own.close()

    def _look(self, own: BaseDatabaseWrapper, ending: Event) -> None:
        version = None
        while not ending.is_set():
            with own.cursor() as cursor:
                cursor.execute("PRAGMA data_version")
                ((now,),) = cursor.fetchall()
            # As long as nobody wrote, the log is as it was: that is as good as having read it.
            if now != version or self._due():
                version = now
                self._read()
            else:
                self.memory.nothing_changed()
            ending.wait(LOOK_EVERY)

    def _listen(self, own: BaseDatabaseWrapper, ending: Event) -> None:
        raw = own.connection
        assert raw is not None
        raw.execute(f"LISTEN {CHANNEL}")
        self.backend = raw.info.backend_pid
        self._read()
        while not ending.is_set():
            woken = any(True for _ in raw.notifies(timeout=LISTEN_FOR, stop_after=1))
            if woken or self._due():
                self._read()

    def _due(self) -> bool:
        return monotonic() - self._last_read >= READ_EVERY

    def _read(self) -> None:
        now = monotonic()
        if now - self._last_read > FORGOTTEN_AFTER:
            self.memory.forget_everything()
        with self._asking():
            self.memory.take_up_changes()
        self._cut = monotonic() - now > SILENCE  # so slow, nobody can wait for it
        with self._asking():
            self.memory.store.read_ahead()
        self._last_read = now
        if now - self._last_use >= READ_EVERY:
            with self._asking():
                self.memory.take_up_use()
            self._last_use = now


watch = Watch(memory)
os.register_at_fork(after_in_child=watch.forked)
