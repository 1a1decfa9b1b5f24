"""One try against receivers that behave and ones that don't. No database is needed."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest

from journal.domain.webhooks.addresses import parse_networks
from journal.domain.webhooks.outcomes import Outcome
from journal.integrations.webhook.line import BEGINNING, Line
from tests.journal.integrations.webhook import receivers
from tests.journal.integrations.webhook.certificates import authority_and_server
from tests.journal.integrations.webhook.receivers import LOOPBACK, raw_server, receiver

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NETWORKS = parse_networks(LOOPBACK)
HEADERS = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}


def post(url, *, networks=NETWORKS, limit=5.0, **told):
    line = Line(url, networks=networks, limit=limit, **told)
    try:
        return line.post(b'{"a":1}', headers=HEADERS, at=AT)
    finally:
        line.close()


def answering(status, headers=None, said=b""):
    return receiver(lambda received: (status, headers or {}, said))


def test_a_message_arrives_as_it_was_signed():
    with receiver() as there:
        made = post(there.url + "?to=1")
    (got,) = there.received
    assert (made.outcome, made.status, made.error) == (Outcome.OK, 204, "")
    assert (got.path, got.body) == ("/hook?to=1", b'{"a":1}')
    assert got.headers.items() >= {**HEADERS, "content-type": "application/json", "content-length": "7"}.items()
    assert got.headers["host"] == f"127.0.0.1:{there.port}"
    assert not got.headers.keys() & {"cookie", "authorization", "transfer-encoding", "accept-encoding"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_no_and_is_not_followed(status):
    with receiver() as inner, answering(status, {"Location": inner.url}) as there:
        made = post(there.url)
    assert (made.outcome, made.status) == (Outcome.REDIRECTED, status)
    assert (inner.received, inner.connections) == ([], 0)


@pytest.mark.parametrize(("status", "outcome"), [(410, Outcome.GONE), (500, Outcome.FAILED), (404, Outcome.FAILED)])
def test_a_no_is_told_with_the_beginning_of_what_was_said(status, outcome):
    with answering(status, said="Möglich\x00".encode() + b"\xff" + b"x" * 5_000) as there:
        made = post(there.url)
    assert (made.outcome, made.status) == (outcome, status)
    assert made.response.startswith("Möglich��xxx")
    assert len(made.response) <= BEGINNING


def test_who_asks_for_less_says_for_how_long_in_either_way():
    with answering(429, {"Retry-After": "7"}) as there:
        assert post(there.url).rest == timedelta(seconds=7)
    with answering(503, {"Retry-After": "Mon, 02 Mar 2026 09:01:00 GMT"}) as there:
        assert post(there.url).rest == timedelta(minutes=1)


@pytest.mark.parametrize("talk", [receivers.hang, receivers.drip_headers, receivers.drip_body])
def test_the_deadline_ends_a_try_whatever_the_receiver_does(talk):
    with raw_server(talk) as there:
        made = post(there.url, limit=0.3)
    assert (made.outcome, made.status) == (Outcome.TIMED_OUT, None)
    assert made.error == "Nothing answered within 0.3 seconds."
    assert made.took_ms >= 250


def test_a_secure_line_that_is_never_agreed_on_ends_at_the_deadline():
    with raw_server(receivers.hang) as there:
        made = post(there.url.replace("http:", "https:"), limit=0.3)
    assert made.outcome is Outcome.TIMED_OUT


def test_a_resolver_that_never_answers_ends_at_the_deadline():
    over = threading.Event()

    def never(host, port):
        over.wait(10)
        return ["8.8.8.8"]

    assert post("https://shop.example/", limit=0.2, resolver=never).outcome is Outcome.TIMED_OUT
    over.set()


def test_of_a_gigabyte_only_the_beginning_is_read():
    with raw_server(receivers.go_on_for_ever) as there:
        made = post(there.url)
    assert (made.outcome, made.response) == (Outcome.OK, "x" * BEGINNING)


@pytest.mark.parametrize("talk", [receivers.hang_up, receivers.nonsense])
def test_what_is_no_answer_is_told_as_none(talk):
    with raw_server(talk) as there:
        made = post(there.url)
    assert (made.outcome, made.status, there.accepted) == (Outcome.UNREACHABLE, None, 1)
    assert made.error


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    made = post(f"http://127.0.0.1:{port}/")
    assert made.outcome is Outcome.UNREACHABLE
    assert "refused" in made.error


def test_messages_share_a_line():
    with receiver() as there:
        line = Line(there.url, networks=NETWORKS)
        assert [line.post(b"{}", headers=HEADERS, at=AT).status for _ in range(3)] == [204] * 3
        line.close()
    assert there.connections == 1


@pytest.mark.parametrize("talk", [receivers.answer_and_close, receivers.answer_and_hang_up_on_the_next])
def test_a_line_that_was_closed_meanwhile_is_opened_anew(talk):
    with raw_server(talk) as there:
        line = Line(there.url, networks=NETWORKS)
        assert [line.post(b"{}", headers=HEADERS, at=AT).outcome for _ in range(3)] == [Outcome.OK] * 3
        line.close()
    assert there.accepted == 3


def test_proxies_of_the_environment_are_not_asked(monkeypatch):
    with receiver() as proxy, receiver() as there:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert post(there.url).is_ok
    assert proxy.connections == 0


INNER = [
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "100.64.0.1",
    "fd00::1",
]


@pytest.mark.parametrize("address", INNER)
def test_a_name_that_leads_inwards_is_never_connected_to(address):
    """Also where other addresses of the same name are public."""
    with raw_server(receivers.hang) as inner:
        made = post(
            f"https://shop.example:{inner.port}/", networks=(), resolver=lambda host, port: ["93.184.216.34", address]
        )
    assert (made.outcome, inner.accepted) == (Outcome.FORBIDDEN, 0)
    assert made.error.startswith("shop.example leads to ")


def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(monkeypatch):
    """DNS rebinding: public when looked at, private from then on. The connection goes to what was looked at."""
    asked, dialled = [], []

    def rebinding(host, port):
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    def dial(self, address):
        dialled.append(address)
        raise ConnectionRefusedError("Not from a test")

    monkeypatch.setattr(socket.socket, "connect", dial)
    with raw_server(receivers.hang) as inner:
        url = f"https://shop.example:{inner.port}/"
        first, second = (post(url, networks=(), resolver=rebinding) for _ in range(2))
    assert (first.outcome, second.outcome) == (Outcome.UNREACHABLE, Outcome.FORBIDDEN)
    assert dialled == [("93.184.216.34", inner.port)]
    assert (asked, inner.accepted) == (["shop.example"] * 2, 0)


def test_in_the_clear_nothing_goes_to_public_addresses():
    made = post("http://shop.example/", resolver=lambda host, port: ["93.184.216.34"])
    assert made.outcome is Outcome.FORBIDDEN


def test_a_name_without_an_address():
    def unknown(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    made = post("https://shop.example/", resolver=unknown)
    assert (made.outcome, made.error) == (Outcome.UNREACHABLE, "The name shop.example has no address.")


@pytest.fixture(scope="module")
def secure():
    """A receiver's certificate for shop.example, and one who trusts it."""
    return authority_and_server("shop.example")


def test_a_certificate_of_the_name_is_taken(secure):
    trust, serving = secure
    with receiver(tls=serving) as there:
        made = post(
            f"https://shop.example:{there.port}/", resolver=lambda host, port: ["127.0.0.1"], trust=lambda: trust
        )
    assert (made.outcome, len(there.received)) == (Outcome.OK, 1)
    assert there.received[0].headers["host"] == f"shop.example:{there.port}"


@pytest.mark.parametrize("name", ["other.example", "127.0.0.1"])
def test_a_certificate_of_another_name_is_refused(secure, name):
    trust, serving = secure
    with receiver(tls=serving) as there:
        made = post(f"https://{name}:{there.port}/", resolver=lambda host, port: ["127.0.0.1"], trust=lambda: trust)
    assert (made.outcome, there.received) == (Outcome.UNREACHABLE, [])
    assert made.error.startswith("Its certificate can't be trusted")


def test_a_certificate_that_nobody_vouches_for_is_refused(secure):
    with receiver(tls=secure[1]) as there:
        made = post(f"https://shop.example:{there.port}/", resolver=lambda host, port: ["127.0.0.1"])
    assert (made.outcome, there.received) == (Outcome.UNREACHABLE, [])
    assert isinstance(secure[0], ssl.SSLContext)
