"""Receivers on this machine: one that keeps what it gets and answers as told, and ones that misbehave."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], bytes]
LOOPBACK = ["127.0.0.1/32"]


@dataclass
class Receiver:
    """What came in, and what is answered: `answer` is asked for each message."""

    port: int
    answer: Callable[["Received"], Answer] = lambda received: (204, {}, b"")
    received: list["Received"] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.received]


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@contextmanager
def receiver(
    answer: Callable[[Received], Answer] | None = None, *, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """A well-behaved HTTP/1.1 server that keeps its lines open."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.handle_error = lambda *told: None  # a sender that was killed takes no answer
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.receiver = Receiver(server.server_address[1])
    if answer is not None:
        server.receiver.answer = answer
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5

    def setup(self) -> None:
        super().setup()
        self.server.receiver.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.server.receiver.received.append(received)
        status, headers, said = self.server.receiver.answer(received)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *told: object) -> None:
        pass


@dataclass
class Raw:
    port: int
    accepted: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@contextmanager
def raw_server(talk: Callable[[socket.socket, threading.Event], None]) -> Iterator[Raw]:
    """Whatever `talk` does with each line; it ends when the event is set. Counts the lines it was asked for."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over, raw = threading.Event(), Raw(listening.getsockname()[1])
        listening.settimeout(0.02)
        threads: list[threading.Thread] = []

        def one(line: socket.socket) -> None:
            with line, suppress(OSError):
                talk(line, over)

        def accept() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    line, _ = listening.accept()
                    line.settimeout(5)
                    raw.accepted += 1
                    threads.append(threading.Thread(target=one, args=(line,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield raw
        finally:
            over.set()
            for thread in (accepting, *threads):
                thread.join(10)


def hang(line: socket.socket, over: threading.Event) -> None:
    """Takes everything and never answers."""
    over.wait(30)


def drip_headers(line: socket.socket, over: threading.Event) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    _drip(line, over, b"X-Slow: yes\r\n")


def drip_body(line: socket.socket, over: threading.Event) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    _drip(line, over, b"x")


def go_on_for_ever(line: socket.socket, over: threading.Event) -> None:
    """A gigabyte, of which the reader should take little."""
    line.recv(65_536)
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while not over.is_set():
        line.sendall(b"x" * 65_536)


def hang_up(line: socket.socket, over: threading.Event) -> None:
    line.recv(65_536)


def answer_and_close(line: socket.socket, over: threading.Event) -> None:
    """Says nothing of closing the line, and does."""
    line.recv(65_536)
    line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def answer_and_hang_up_on_the_next(line: socket.socket, over: threading.Event) -> None:
    answer_and_close(line, over)
    line.recv(65_536)


def nonsense(line: socket.socket, over: threading.Event) -> None:
    line.recv(65_536)
    line.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


def _drip(line: socket.socket, over: threading.Event, drop: bytes) -> None:
    while not over.wait(0.02):
        line.sendall(drop)
