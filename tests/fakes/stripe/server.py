"""The counterpart over HTTP: Stripe's addresses, and beside them the pages that a person sees."""

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.stripe.api import Answer, Api
from tests.fakes.stripe.endpoints import LOOPBACK
from tests.fakes.stripe.errors import ConnectionCut

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


def handler(api: Api, pages: Pages) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_message(self, *words: Any) -> None:
            """Quietly."""

        def do_GET(self) -> None:
            self._turn()

        do_POST = do_DELETE = do_GET

        def _turn(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                if self.path.startswith(("/v1/", "/v2/")):
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    self._say(api.answer(self.command, self.path, headers, body))
                elif self._from_here():
                    self._say(pages(self.command, self.path, body))
                else:
                    self._say(Answer(403, b"", {}))  # a page from elsewhere pushes no button here
            except ConnectionCut:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

        def _from_here(self) -> bool:
            """Neither a page from elsewhere nor a name that somebody pointed at this machine."""
            origin = self.headers.get("Origin")
            named = {
                urlsplit(f"//{self.headers.get('Host', '')}").hostname,
                (urlsplit(origin).hostname or origin) if origin else None,
            }
            return named - {None} <= LOOPBACK

        def _say(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body)
            self.wfile.flush()

    return Handler


class Serving:
    """The server in a thread of its own, from start to end."""

    def __init__(self, api: Api, pages: Pages, port: int = 0) -> None:
        self._server = Server(("127.0.0.1", port), handler(api, pages))
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
