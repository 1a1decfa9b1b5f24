"""Django behind an ASGI server: a WSGI application answered by a few threads of its own.

Synchronous Django under its own ASGI handler does a fraction of what it does as WSGI (docs/adr/0004), so a request is
handed whole to a thread that keeps its database connection, as under a WSGI server. Small bodies are read before a
thread is taken, so that a slow sender keeps none busy; large ones are read as the application asks for them.
"""

import asyncio
import io
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias
from urllib.parse import unquote_to_bytes

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

READ_AHEAD = 1_100_000  # bytes of a body that are read before a thread is taken; all that anybody may post to a hook
UNTOLD = "100000000"  # Django reads nothing of a body whose length isn't told; such a one ends by itself, or here
BLOCK = 65_536
PATIENCE = 60.0  # seconds; a client that takes nothing for so long keeps no thread any longer
LONGEST = 120.0  # seconds that a body may take to come, so that one who sends it bit by bit keeps no place either
LOGGER = logging.getLogger("config.bridge")
BUSY = b"The desk is busy. Try again in a second.\n"
SLOW = b"The request took too long to come. Try again.\n"
BROKEN = b"Something broke here. The error was logged.\n"


class Bridge:
    """An ASGI application that answers by a WSGI one, `threads` requests at a time; at most `waiting` more may wait."""

    def __init__(self, application: Callable[..., Iterable[bytes]], *, threads: int, waiting: int) -> None:
        self.application = application
        self.most = threads + waiting
        self.taken = 0
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="desk")

    async def __call__(self, scope: Scope, receive: Receive, send: Send, *, body: bytes | None = None) -> None:
        """`body` is what somebody has read of the request already, all of it."""
        if self.taken >= self.most:
            await answer(send, 503, BUSY, [(b"retry-after", b"1")])
            return
        self.taken += 1
        try:
            exchange = Exchange(receive, send)
            if body is None:
                body = await exchange.read_in_time()
            else:
                exchange.all_read = True
            if body is not None:
                environ = environ_of(scope, body, exchange)
                await exchange.loop.run_in_executor(self.pool, exchange.run, self.application, environ)
        finally:
            self.taken -= 1

    def end(self) -> None:
        """End the threads; what they have begun is answered, through the event loop, so that this is no work for it."""
        self.pool.shutdown(wait=True)


class Exchange(io.RawIOBase):
    """One request and its answer, as a thread sees them; as a file it is a body too large to be read ahead."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.loop = asyncio.get_running_loop()
        self._receive, self._send = receive, send
        self.all_read = False
        self._until = self.loop.time() + LONGEST
        self._left = b""
        self._gone = threading.Event()
        self._start: Message | None = None
        self._started = False

    async def read_in_time(self) -> bytes | None:
        """The body, or of a large one its beginning; None where the client has gone away, or was too slow."""
        try:
            async with asyncio.timeout_at(self._until):
                return await self.read_ahead()
        except TimeoutError:
            await answer(self._send, 408, SLOW, [(b"connection", b"close")])
            return None

    async def read_ahead(self) -> bytes | None:
        """The body, or of a large one its beginning; None where the client has gone away."""
        parts, size = [], 0
        while not self.all_read and size < READ_AHEAD:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            self.all_read = not message.get("more_body", False)
        return b"".join(parts)

    def after(self, ahead: bytes) -> "Exchange":
        """The body as a file: what was read ahead, and then the rest."""
        self._left = ahead
        return self

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """The next of the body, by waiting for the client in this thread."""
        while not self._left and not self.all_read:
            message = self._in_loop(self._rest())
            if message["type"] == "http.disconnect":
                raise ConnectionResetError("The client went away before the end of its request.")
            self._left, self.all_read = message.get("body", b""), not message.get("more_body", False)
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size

    async def _rest(self) -> Message:
        """A coroutine of our own, as a server's may be awaited in its loop alone; TimeoutError once it took too long."""
        async with asyncio.timeout_at(min(self._until, self.loop.time() + PATIENCE)):
            return await self._receive()

    def run(self, application: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> None:
        """Answer the request in this thread, from the first to the last byte."""
        try:
            response = application(environ, self._start_response)
            try:
                self._answer(response)
            finally:
                if hasattr(response, "close"):
                    response.close()
        except Exception:
            LOGGER.exception("%s %s broke", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            if self._started:
                return  # cut off: the client sees that the answer isn't whole
            self._in_loop(answer(self._send, 500, BROKEN))

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        if exc_info and self._started:
            raise exc_info[1].with_traceback(exc_info[2])
        told = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._start = {"type": "http.response.start", "status": int(status.split(" ", 1)[0]), "headers": told}
        return self._write

    def _answer(self, response: Iterable[bytes]) -> None:
        if not getattr(response, "streaming", True):
            self._in_loop(self._send_whole(b"".join(response)))
            return
        watching = asyncio.run_coroutine_threadsafe(self._watch(), self.loop) if self.all_read else None
        try:
            for chunk in response:
                if self._gone.is_set():
                    return
                self._write(chunk)
            self._in_loop(self._send_part(b"", more=False))
        finally:
            if watching is not None:
                watching.cancel()

    def _write(self, chunk: bytes) -> None:
        self._in_loop(self._send_part(chunk, more=True))

    async def _send_whole(self, body: bytes) -> None:
        assert self._start is not None, "the application has to start its answer before it gives it"
        self._started = True
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})

    async def _send_part(self, body: bytes, *, more: bool) -> None:
        if not self._started:
            assert self._start is not None, "the application has to start its answer before it gives it"
            self._started = True
            await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def _watch(self) -> None:
        """Nobody works on for a client that has gone away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone.set()

    def _in_loop(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)


def environ_of(scope: Scope, body: bytes, rest: Exchange) -> dict[str, Any]:
    """The request as PEP 3333 has it. A header with an underscore would pass for one with a hyphen, so it is dropped."""
    client, server = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body) if rest.all_read else io.BufferedReader(rest.after(body), BLOCK),
        "wsgi.errors": _Errors(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" not in name:
            _add_header(environ, name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1"))
    if "CONTENT_LENGTH" not in environ:  # it comes in pieces, of which all are here, or the first
        environ["CONTENT_LENGTH"] = str(len(body)) if rest.all_read else UNTOLD
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    key = name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{name}"
    between = "; " if name == "COOKIE" else ","
    environ[key] = f"{environ[key]}{between}{value}" if key in environ else value


class _Errors(io.TextIOBase):
    """What an application writes to wsgi.errors goes where all logs go."""

    def write(self, words: str) -> int:
        LOGGER.error(words.rstrip())
        return len(words)


async def answer(send: Send, status: int, body: bytes, headers: Headers | None = None) -> None:
    """A short answer in plain words, where there is no application to give one."""
    told = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})
