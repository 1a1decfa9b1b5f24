"""Somebody who listens to what a counterpart tells: keeps what comes, and answers as told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

Reply = int | tuple[int, str]  # a status, and what is said with it


@dataclass
class Receiver:
    url: str = ""
    path: str = "/hooks/vendor?a=b"
    otherwise: Reply = 200  # where no answer is left
    answers: list[Reply] = field(default_factory=list)  # the next ones
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    def met(self, fits: Callable[[bytes], bool], seconds: float = 20) -> bool:
        """Whether such a body came, sooner or later."""
        until = time.monotonic() + seconds
        while not any(fits(body) for body in list(self.bodies)):
            if time.monotonic() > until:
                return False
            self.arrived.wait(0.1)
            self.arrived.clear()
        return True

    def take(self, headers: dict[str, str], body: bytes) -> Reply:
        self.bodies.append(body)
        self.headers.append(headers)
        self.arrived.set()
        return self.answers.pop(0) if self.answers else self.otherwise


Told = TypeVar("Told", bound=Receiver)


@contextmanager
def listening(told: Told) -> Iterator[Told]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *words: Any) -> None:
            """Quietly."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = told.take({name.lower(): value for name, value in self.headers.items()}, body)
            status, words = reply if isinstance(reply, tuple) else (reply, "")
            self.send_response(status)
            self.send_header("Content-Length", str(len(words.encode())))
            self.end_headers()
            self.wfile.write(words.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_address[1]}{told.path}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
