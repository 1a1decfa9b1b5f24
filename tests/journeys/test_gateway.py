"""nginx in front of a product obeys the desk's fallbacks, with the very file of docs/gateway."""

import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from tests.journeys.desk import ROOT, until
from tests.journeys.gateway import nginx


class Desk(BaseHTTPRequestHandler):
    """A desk that says what a test tells it to, and remembers what it was asked."""

    status: ClassVar[int] = 204
    cache: ClassVar[str] = "max-age=5, stale-if-error=60"
    asked: ClassVar[list[tuple[str, ...]]] = []

    def do_GET(self) -> None:
        named = self.headers["X-Entitlement-Account"], self.headers["X-Entitlement-Feature"]
        self.asked.append((self.path, *named, self.headers["Authorization"]))
        self.send_response(self.status)
        self.send_header("Entitlement-Source", "cache")
        if self.status < 500:
            self.send_header("Cache-Control", self.cache)
        if self.status == 403:
            self.send_header("Entitlement-Why", "limit_reached")
            self.send_header("Entitlement-Because", "none left of 5")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing is written down."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with nginx(tmp_path_factory.mktemp("gateway"), desk=server.server_port, key="ed_key") as port:
        yield port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def plain() -> None:
    Desk.status, Desk.cache = 204, "max-age=5, stale-if-error=60"
    Desk.asked.clear()


def ask(port: int, path: str = "/exports/1", account: str = "acme") -> tuple[int, Any, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"X-Account": account})
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, response.headers, body


def test_who_may_is_served_and_the_desk_is_asked_once_while_the_answer_is_fresh(gateway: int) -> None:
    answers = [ask(gateway, account="once") for _ in range(3)]
    assert [(status, body) for status, _, body in answers] == [(200, "served")] * 3
    assert Desk.asked == [("/api/v1/gate?point=nginx", "once", "exports", "Bearer ed_key")]
    assert [headers["Entitlement-Source"] for _, headers, _ in answers] == ["cache MISS", "cache HIT", "cache HIT"]


def test_who_may_not_is_told_why(gateway: int) -> None:
    Desk.status = 403
    status, headers, body = ask(gateway, account="full")
    assert (status, headers["Entitlement-Why"], json.loads(body)["detail"]) == (403, "limit_reached", "none left of 5")


def test_a_kept_answer_lives_without_the_desk_as_long_as_the_desk_has_said(gateway: int) -> None:
    Desk.cache = "max-age=1, stale-if-error=2"
    ask(gateway, account="kept")
    Desk.status = 503
    assert until(lambda: ask(gateway, account="kept")[1]["Entitlement-Source"] == "cache STALE", seconds=10)
    assert ask(gateway, account="kept")[0] == 200
    assert until(lambda: ask(gateway, account="kept")[0] == 403, seconds=10)
    Desk.status = 204
    assert ask(gateway, account="kept")[0] == 200  # by itself


def test_a_refusal_is_believed_at_once_when_the_desk_is_there(gateway: int) -> None:
    Desk.cache = "max-age=1, stale-if-error=60"
    ask(gateway, account="refused")
    Desk.status = 403
    assert until(lambda: ask(gateway, account="refused")[0] == 403, seconds=10)


def test_what_is_refused_without_the_desk_is_never_kept(gateway: int) -> None:
    Desk.cache = "max-age=0, must-revalidate"
    assert ask(gateway, account="careful")[0] == 200
    Desk.status = 503
    assert ask(gateway, account="careful")[0] == 403


def test_with_nothing_kept_it_fails_closed_or_open_as_the_location_says(gateway: int) -> None:
    Desk.status = 503
    closed, opened = ask(gateway, account="new"), ask(gateway, "/reports/1", account="new")
    assert (closed[0], closed[1]["Entitlement-Why"]) == (403, "unreachable")
    assert (opened[0], opened[2], opened[1]["Entitlement-Source"]) == (200, "served", "none OPEN")


@pytest.mark.parametrize("status", [401, 404])
def test_who_is_unknown_to_the_desk_is_let_in_nowhere(gateway: int, status: int) -> None:
    Desk.status, Desk.cache = status, "no-store"
    assert [ask(gateway, path, account="nobody")[0] for path in ("/exports/1", "/reports/1")] == [403, 403]


def test_the_page_shows_the_lines_of_the_file() -> None:
    page, recipe = (ROOT / "docs" / "gateway.md").read_text(), (ROOT / "docs" / "gateway" / "nginx.conf").read_text()
    shown = page.split("```nginx\n")[1:]
    assert shown
    for block in shown:
        assert block.split("```")[0] in recipe
