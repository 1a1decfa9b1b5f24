"""Requests about use, gathered while the writer before them commits: the more there are, the more share a commit.

A batch goes as soon as its writer is free; nobody waits for it to fill. What concerns one account goes to one writer,
so that writers don't wait for each other's locks. An answer is given only after the commit, and a process that is
killed has answered nothing: whoever asked sends it again, and a repeat is counted once.
"""

import asyncio
import threading
import zlib
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import TypeAlias

from django.db import close_old_connections, connection, connections
from django.utils import timezone

from entitlements.actions.usage.recording import Contended
from entitlements.api.hot.telling import Said, Telling, tell

MOST_TOGETHER = 500  # operations in one transaction, unless a single request brings more
MOST_WAITING = 20_000  # operations that may wait in one process
LOOK_AFTER = 30.0  # seconds after which an idle connection is looked at
Waiting: TypeAlias = tuple[Telling, "asyncio.Future[Said]"]


class Overloaded(Contended):
    """More waits to be counted than can be in good time."""


class Gatherer:
    """The writers of one process. `tell` is called in the event loop that it was begun in."""

    def __init__(self, *, writers: int, most: int = MOST_WAITING) -> None:
        self.most, self.waiting = most, 0
        self._queues: list[SimpleQueue[Waiting | None]] = [SimpleQueue() for _ in range(writers)]
        self._threads: list[threading.Thread] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        for number, queue in enumerate(self._queues):
            thread = threading.Thread(target=self._write, args=(queue,), name=f"desk-writer-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    @property
    def begun(self) -> bool:
        return bool(self._threads)

    async def tell(self, telling: Telling, *, account: str) -> Said:
        """What it was answered, after the commit; Overloaded at once where too much waits. `account` picks the writer."""
        weight = len(telling.asked)
        if self.waiting + weight > self.most:
            return Overloaded(
                "The desk has more to count than it can in good time; nothing was counted. Send it again."
            )
        assert self._loop is not None, "begin it first"
        self.waiting += weight
        try:
            future: asyncio.Future[Said] = self._loop.create_future()
            self._queues[zlib.crc32(account.encode()) % len(self._queues)].put((telling, future))
            return await future
        finally:
            self.waiting -= weight

    def end(self) -> None:
        """Let the writers finish what was handed to them."""
        for queue in self._queues:
            queue.put(None)
        for thread in self._threads:
            thread.join(timeout=30)
        self._threads = []

    def _write(self, queue: "SimpleQueue[Waiting | None]") -> None:
        try:
            while (batch := _next(queue)) is not None:
                said = tell([telling for telling, _ in batch], now=timezone.now())
                assert self._loop is not None
                self._loop.call_soon_threadsafe(_answer, [future for _, future in batch], said)
        finally:
            connections.close_all()


def _next(queue: "SimpleQueue[Waiting | None]") -> list[Waiting] | None:
    """Whatever waits, by the order it came in; None at the end."""
    try:
        first = queue.get(timeout=LOOK_AFTER)
    except Empty:
        _look_after_connection()
        first = queue.get()
    if first is None:
        return None
    batch, weight = [first], len(first[0].asked)
    while weight < MOST_TOGETHER:
        try:
            more = queue.get_nowait()
        except Empty:
            break
        if more is None:
            queue.put(None)
            break
        batch.append(more)
        weight += len(more[0].asked)
    return batch


def _look_after_connection() -> None:
    """Before a long rest: what is broken or old is closed, and opened anew when something comes."""
    if connection.connection is not None:
        close_old_connections()


def _answer(futures: Sequence["asyncio.Future[Said]"], said: Sequence[Said]) -> None:
    for future, one in zip(futures, said, strict=True):
        if not future.done():  # whoever asked may have gone away
            future.set_result(one)
