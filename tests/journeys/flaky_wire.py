"""A wire between two programs on this machine that can go silent, or take its time."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

SILENT = 3600.0
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Wire:
    """Listens at `port` and passes on what comes. While `delay` is set, each piece takes so long; SILENT: nothing comes
    through until the wire is mended, and then all of it does, as TCP would send it again."""

    def __init__(self, connect: Connect) -> None:
        self._connect, self.delay, self.port = connect, 0.0, 0
        self._loop = asyncio.new_event_loop()
        self._mended: asyncio.Event | None = None
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)

    def cut(self, delay: float = SILENT) -> None:
        self._loop.call_soon_threadsafe(self._set, delay)

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._set, 0.0)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _set(self, delay: float) -> None:
        assert self._mended is not None
        self.delay = delay
        if delay:
            self._mended.clear()
        else:
            self._mended.set()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._mended = asyncio.Event()
        self._mended.set()
        server = self._loop.run_until_complete(asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await self._connect()
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        assert self._mended is not None
        try:
            while piece := await source.read(65_536):
                if self.delay:
                    await self._wait()
                sink.write(piece)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()

    async def _wait(self) -> None:
        assert self._mended is not None
        with suppress(TimeoutError):
            await asyncio.wait_for(self._mended.wait(), self.delay)
