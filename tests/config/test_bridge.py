"""Django's threads behind the ASGI server: requests come in whole, answers go out whole, and nobody waits for nobody."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest

from config import bridge
from config.bridge import READ_AHEAD, Bridge
from journal.api.hooks import LARGEST
from tests.loops import in_a_loop

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
SCOPE = {
    "type": "http", "method": "POST", "http_version": "1.1", "scheme": "http", "raw_path": b"/a%20b/%C3%A9", "path": "/a b/é",
    "query_string": b"x=1&y=%20", "client": ("10.1.2.3", 4711), "server": ("127.0.0.1", 8000), "headers": [],
}  # fmt: skip


class Client:
    """What a server would hand over, and what it was handed."""

    def __init__(self, *parts: bytes, stays: bool = True) -> None:
        self.messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts or (b"",)]
        if stays:
            self.messages[-1]["more_body"] = False
        self.told: list[dict[str, Any]] = []
        self.gone = not stays

    async def receive(self) -> dict[str, Any]:
        if not self.messages and not self.gone:
            await asyncio.Event().wait()
        return self.messages.pop(0) if self.messages else {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.told.append(message)

    @property
    def status(self) -> int:
        return int(self.told[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.told[1:])


def asked(application: Wsgi, client: Client, *, headers: Iterable[tuple[bytes, bytes]] = (), **more: Any) -> Client:
    behind = Bridge(application, threads=1, waiting=0)
    in_a_loop(behind(SCOPE | {"headers": list(headers)}, client.receive, client.send, **more))
    behind.end()
    return client


def environ_for(*headers: tuple[bytes, bytes], client: Client | None = None) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def look(environ: dict[str, Any], start: Any) -> list[bytes]:
        seen.update(environ)
        start("204 No Content", [])
        return []

    asked(look, client or Client(), headers=headers)
    return seen


def echo(environ: dict[str, Any], start: Any) -> list[bytes]:
    start("200 OK", [("Content-Type", "application/octet-stream")])
    return [environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))]


def test_the_address_arrives_as_it_was_asked_for() -> None:
    environ = environ_for()
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/a b/é"
    assert (environ["QUERY_STRING"], environ["REMOTE_ADDR"]) == ("x=1&y=%20", "10.1.2.3")


def test_headers_arrive_by_their_names_and_repeated_ones_together() -> None:
    environ = environ_for((b"x-forwarded-proto", b"https"), (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"x"))
    assert (environ["HTTP_X_FORWARDED_PROTO"], environ["HTTP_COOKIE"]) == ("https", "a=1; b=2")


def test_a_header_with_an_underscore_never_passes_for_a_proxys_word() -> None:
    assert "HTTP_X_FORWARDED_PROTO" not in environ_for((b"x_forwarded_proto", b"https"))


def test_a_body_in_pieces_is_one_body_with_a_length() -> None:
    assert asked(echo, Client(b"ab", b"", b"cd")).body == b"abcd"


def test_a_large_body_is_read_as_it_is_asked_for_and_whole() -> None:
    parts = [bytes([number]) * 300_000 for number in range(8)]
    length = (b"content-length", b"2400000")
    assert READ_AHEAD < 2_400_000
    assert asked(echo, Client(*parts), headers=[length]).body == b"".join(parts)


def test_a_large_body_of_untold_length_is_read_whole_as_django_reads_it() -> None:
    parts = [bytes([number]) * 300_000 for number in range(8)]

    def limited(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "application/octet-stream")])
        return [WSGIRequest(environ).read()]

    assert asked(limited, Client(*parts)).body == b"".join(parts)


class Server(Client):
    """Hands over what may be awaited in its loop alone, and is no coroutine, as granian does."""

    def receive(self) -> Any:
        return asyncio.get_running_loop().create_task(super().receive())


def test_a_large_body_is_read_whole_from_a_server_whose_messages_are_no_coroutines() -> None:
    parts = [bytes([number]) * 300_000 for number in range(8)]
    length = (b"content-length", b"2400000")
    assert asked(echo, Server(*parts), headers=[length]).body == b"".join(parts)


def test_no_thread_waits_for_the_largest_that_may_come_to_a_hook() -> None:
    assert READ_AHEAD > LARGEST


def test_who_sends_bit_by_bit_is_sent_away_and_keeps_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "LONGEST", 0.05)
    client = Client(b"a" * 10, stays=True)
    client.messages[-1]["more_body"] = True
    assert asked(echo, client).status == 408


def test_who_sends_the_rest_of_a_large_body_bit_by_bit_keeps_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "LONGEST", 0.05)
    client = Client(b"a" * READ_AHEAD, stays=True)
    client.messages[-1]["more_body"] = True
    assert asked(echo, client, headers=[(b"content-length", b"2400000")]).status == 500


def test_a_body_that_somebody_read_before_is_not_asked_for_again() -> None:
    client = Client()
    client.messages = []
    assert asked(echo, client, body=b"known").body == b"known"


def test_a_client_that_goes_away_while_sending_reaches_no_application() -> None:
    assert asked(echo, Client(b"ab", stays=False)).told == []


def test_a_stream_is_sent_piece_by_piece() -> None:
    def count(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        start("200 OK", [])
        yield from (b"one", b"two")

    client = asked(count, Client())
    assert [message.get("body") for message in client.told[1:]] == [b"one", b"two", b""]


def test_nobody_works_on_for_a_client_that_has_gone() -> None:
    class Endless:
        closed, given = False, 0

        def __iter__(self) -> Iterator[bytes]:
            while self.given < 100_000:
                self.given += 1
                yield b"more"

        def close(self) -> None:
            self.closed = True

    endless = Endless()

    def talk(environ: dict[str, Any], start: Any) -> Any:
        start("200 OK", [])
        return endless

    client = Client()
    client.gone = True
    asked(talk, client)
    assert endless.closed
    assert endless.given < 100_000


def test_an_application_that_breaks_is_answered_with_500_and_the_next_request_is_served() -> None:
    def broken(environ: dict[str, Any], start: Any) -> list[bytes]:
        raise RuntimeError("oh")

    assert asked(broken, Client()).status == 500


def test_who_comes_when_all_threads_are_taken_and_the_queue_is_full_is_told_to_come_back() -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(environ: dict[str, Any], start: Any) -> list[bytes]:
        entered.set()
        assert leave.wait(10)
        start("200 OK", [])
        return [b"done"]

    first, second = Client(), Client()
    behind = Bridge(slow, threads=1, waiting=0)

    async def both() -> None:
        begun = asyncio.create_task(behind(SCOPE, first.receive, first.send))
        await asyncio.to_thread(entered.wait, 10)
        await behind(SCOPE, second.receive, second.send)
        leave.set()
        await begun

    in_a_loop(both())
    behind.end()
    assert (first.status, second.status) == (200, 503)
    assert (b"retry-after", b"1") in second.told[0]["headers"]


def test_it_can_end_while_an_answer_is_on_its_way() -> None:
    def slow(environ: dict[str, Any], start: Any) -> list[bytes]:
        entered.set()
        start("200 OK", [])
        return [b"done"]

    entered, client = threading.Event(), Client()
    behind = Bridge(slow, threads=1, waiting=0)

    async def end_early() -> None:
        begun = asyncio.create_task(behind(SCOPE, client.receive, client.send))
        await asyncio.to_thread(entered.wait, 10)
        await asyncio.to_thread(behind.end)
        await begun

    in_a_loop(end_early())
    assert client.body == b"done"


@pytest.mark.django_db(transaction=True)
def test_django_answers_through_it() -> None:
    from config.wsgi import application

    client = Client()
    scope = {"method": "GET", "raw_path": b"/healthz", "headers": [(b"host", b"localhost")]}
    behind = Bridge(application, threads=1, waiting=0)

    async def ask() -> None:
        await behind(SCOPE | scope, client.receive, client.send)
        await asyncio.get_running_loop().run_in_executor(behind.pool, _hang_up)

    in_a_loop(ask())
    behind.end()
    assert (client.status, client.body) == (200, b'{"status": "pass"}')


def _hang_up() -> None:
    from django.db import connections

    connections.close_all()
