"""The address that outside systems post to: proved on the raw bytes, stored, acknowledged; it tells next to nothing."""

import dataclasses
import json
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from journal import vendors
from journal.api.hooks import LARGEST
from journal.models import ConnectionRefusal, Inbound
from journal.queries.connections import address_of
from journal.vault import seal
from tests.fakes.console import HEADER, SIGNING, event, sign
from tests.journal.factories import ConnectionFactory, ConnectionSecretFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def console():
    return ConnectionFactory(settings={"account": "ca_1"})


def post(there, body=None, *, secret=SIGNING, off=timedelta(0), signed=None, **options):
    body = json.dumps(event()).encode() if body is None else body
    signature = sign(body if signed is None else signed, secret=secret, at=now() + off)
    url = reverse("hook", args=[getattr(there, "key", there)]) + options.pop("query", "")
    return Client(enforce_csrf_checks=True).post(
        url, body, content_type="application/json", headers={HEADER: signature}, **options
    )


def said(response):
    return response.status_code, json.loads(response.content)


def refused():
    return dict(ConnectionRefusal.objects.values_list("reason", "count"))


def test_what_is_theirs_is_stored_as_it_came_and_acknowledged(console):
    body = b'{ "id": "evt_1",\n"type": "thing.made", "about": "thing_1", "note": "\xc3\xa9\\u00e9" }\n'
    assert said(post(console, body)) == (200, {"received": True})
    row = Inbound.objects.get()
    assert (row.raw, row.connection, row.external_id, row.state) == (body, console, "evt_1", "waiting")
    assert list(row.headers) == [HEADER]


def test_it_needs_no_session_and_no_token_and_leaves_none(console):
    response = post(console)
    assert response.status_code == 200
    assert not response.cookies


def test_the_signature_is_over_the_bytes_and_not_over_what_they_mean(console):
    told = event()
    assert said(post(console, json.dumps(told, indent=1).encode(), signed=json.dumps(told).encode()))[0] == 400


def test_a_repeat_is_acknowledged_and_stored_once(console):
    assert [post(console).status_code for _ in range(3)] == [200] * 3
    assert Inbound.objects.count() == 1


def test_a_message_may_bring_several(console):
    body = json.dumps([event("evt_1"), event("evt_2")]).encode()
    assert post(console, body).status_code == 200
    assert [json.loads(row.raw)["id"] for row in Inbound.objects.order_by("seq")] == ["evt_1", "evt_2"]


@pytest.mark.parametrize("renewed", [SIGNING, "console_sign_new"])
def test_while_a_secret_is_renewed_both_are_good(console, renewed):
    console.secrets.update(ends_at=now() + timedelta(hours=1))
    ConnectionSecretFactory(connection=console, sealed=seal("console_sign_new"), created_at=now())
    assert post(console, secret=renewed).status_code == 200


def test_an_ended_secret_is_no_good(console):
    console.secrets.update(ends_at=now())
    ConnectionSecretFactory(connection=console, sealed=seal("console_sign_new"), created_at=now())
    assert said(post(console)) == (400, {"error": "signature"})


@pytest.mark.parametrize(
    ("posted", "word"),
    [
        ({"secret": "console_sign_wrong"}, "signature"),
        ({"off": timedelta(minutes=-6)}, "time"),
        ({"off": timedelta(minutes=6)}, "time"),
        ({"body": b"nonsense"}, "unreadable"),
        ({"body": b'{"type": "thing.made"}'}, "unreadable"),
        ({"body": json.dumps(event(live=True)).encode()}, "mode"),
        ({"body": json.dumps(event(account="ca_2")).encode()}, "account"),
        ({"body": json.dumps([event("evt_1"), event("evt_2", live=True)]).encode()}, "mode"),
    ],
)
def test_what_is_not_theirs_is_refused_in_one_word_and_counted(console, posted, word):
    assert said(post(console, **posted)) == (400, {"error": word})
    assert refused() == {word: 1}
    assert not Inbound.objects.exists()


def test_nobody_learns_more_than_that_it_is_unknown(console):
    for there in ("nobody", ConnectionFactory(state="off"), ConnectionFactory(vendor="gone")):
        assert said(post(there)) == (404, {"error": "unknown"})
    assert not refused()


def test_what_comes_while_it_is_paused_is_stored(console):
    paused = ConnectionFactory(state="paused")
    assert post(paused).status_code == 200
    assert Inbound.objects.get().connection == paused


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "head", "options"])
def test_it_is_posted_to_and_nothing_else(console, method):
    assert getattr(Client(), method)(reverse("hook", args=[console.key])).status_code == 405


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
def test_a_body_has_one_mebibyte_at_most(console, more, status):
    told = json.dumps(event(filling="")).encode()
    body = told.replace(b'"filling": ""', b'"filling": "' + b"x" * (LARGEST - len(told) + more) + b'"')
    assert len(body) == LARGEST + more
    assert post(console, body).status_code == status
    assert refused() == ({} if more == 0 else {"too_large": 1})


def test_where_no_secret_can_be_opened_the_sender_is_asked_to_come_again(console, settings):
    settings.DESK_VAULT_KEYS = ["lost"]
    response = post(console)
    assert said(response) == (503, {"error": "unavailable"})
    assert response["Retry-After"] == "30"
    assert refused() == {"unchecked": 1}


def test_while_the_database_is_away_the_sender_is_asked_to_come_again(console):
    def gone(*_):
        raise OperationalError("gone")

    with connection.execute_wrapper(gone):
        response = post(console)
    assert said(response) == (503, {"error": "unavailable"})
    assert post(console).status_code == 200


def test_where_it_cant_be_stored_nothing_of_it_is_and_the_sender_comes_again(console):
    body = json.dumps([event("evt_1"), event("evt_2")]).encode()

    def breaks(execute, sql, params, many, context):
        if sql.startswith("INSERT INTO") and "journal_inbound" in sql and "evt_2" in params:
            raise OperationalError("disk full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(breaks):
        assert post(console, body).status_code == 503
    assert not Inbound.objects.exists()


def test_a_vendor_that_stumbles_over_a_message_refuses_it(console, monkeypatch):
    def stumbles(message, *, secrets, at):
        raise KeyError("4711")

    broken = dataclasses.replace(vendors.vendor_of("console"), verify=stumbles)
    monkeypatch.setitem(vendors._vendors, "console", broken)
    response = post(console)
    assert said(response) == (400, {"error": "unreadable"})
    assert "4711" not in response.content.decode()


def test_a_vendor_is_told_the_address_as_it_knows_it_and_hears_what_it_wants(console, monkeypatch, settings):
    settings.DESK_URL = "https://desk.example/"
    seen = []

    def remembers(message, **_):
        seen.append(message.url)
        return []

    told = dataclasses.replace(
        vendors.vendor_of("console"),
        verify=remembers,
        acknowledgement=vendors.Acknowledgement(b"<Ack>true</Ack>", "text/xml"),
    )
    monkeypatch.setitem(vendors._vendors, "console", told)
    response = post(console, query="?v=3")
    assert (response.content, response["Content-Type"]) == (b"<Ack>true</Ack>", "text/xml")
    assert seen == [f"https://desk.example/hooks/{console.key}?v=3"]
    assert address_of(console) == f"https://desk.example/hooks/{console.key}"


def test_a_mail_of_errors_says_nothing_of_the_body(console, caplog):
    post(console, b'{"card": "4711"', secret="console_sign_wrong")
    post(console, b'{"card": "4711"')
    assert "4711" not in caplog.text
    assert SIGNING not in caplog.text
    assert console.key in caplog.text
