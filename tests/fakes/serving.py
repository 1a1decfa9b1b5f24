"""What every counterpart is served by: a server on loopback, the lines it keeps, and the answers that go over them."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ConnectionCut(Exception):
    """The caller hears nothing more: what the injectors of time-outs and resets raise."""


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Answering = Callable[[str, str, dict[str, str], bytes], Answer]  # method, target, headers by their small names, body
Pages = Callable[[str, str, bytes], Answer]


class Server(ThreadingHTTPServer):
    """Ends what it began: the lines that clients keep open are closed with it."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._lines: set[socket.socket] = set()  # before all else: what can't begin is closed again
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._lines.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for line in list(self._lines):
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up early is no fault of ours."""


class Handler(BaseHTTPRequestHandler):
    """One line to a client; `handler` says who answers."""

    answering: Answering
    pages: Pages
    prefixes: tuple[str, ...]
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *words: Any) -> None:
        """Quietly."""

    def do_GET(self) -> None:
        kind = type(self)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if self.path.startswith(self.prefixes):
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._say(kind.answering(self.command, self.path, headers, body))
            elif self._from_here():
                self._say(kind.pages(self.command, self.path, body))
            else:
                self._say(Answer(403))  # a page from elsewhere pushes no button here
        except ConnectionCut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET

    def _from_here(self) -> bool:
        """Neither a page from elsewhere nor a name that somebody pointed at this machine."""
        origin = self.headers.get("Origin")
        named = {
            urlsplit(f"//{self.headers.get('Host', '')}").hostname,
            (urlsplit(origin).hostname or origin) if origin else None,
        }
        return named - {None} <= LOOPBACK

    def _say(self, answer: Answer) -> None:
        """A counterpart may say its own `Date`: its clock need not be this machine's."""
        self.send_response_only(answer.status)
        said = {"Content-Type": "application/json", "Date": self.date_time_string(), **answer.headers}
        if answer.status != 204:
            said["Content-Length"] = str(len(answer.body))
        if self.close_connection:
            said["Connection"] = "close"
        for name, value in said.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and answer.status != 204:
            self.wfile.write(answer.body)
        self.wfile.flush()


def handler(answering: Answering, pages: Pages, prefixes: tuple[str, ...]) -> type[Handler]:
    """Addresses that begin with one of the prefixes are the vendor's; all others are pages for a person."""
    told = {"answering": staticmethod(answering), "pages": staticmethod(pages), "prefixes": prefixes}
    return type("Handler", (Handler,), told)


class Serving:
    """The server in a thread of its own, from start to end."""

    def __init__(self, answering: Answering, pages: Pages, prefixes: tuple[str, ...], port: int = 0) -> None:
        self._server = Server(("127.0.0.1", port), handler(answering, pages, prefixes))
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
