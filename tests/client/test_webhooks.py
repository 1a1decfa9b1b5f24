"""Webhooks as receivers read them: a good one is read, and whatever is wrong with one has a code; nothing else is raised."""

import json
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings
from standardwebhooks import Webhook as Standard

from entitlement_client.webhooks import CODES, SeenHere, WebhookRefused, read_webhook
from journal.domain.webhooks import signing

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRET, FORMER, OTHER = (signing.spelled(bytes([number]) * 32) for number in (1, 2, 3))
BODY = json.dumps({"type": "seat.assigned", "timestamp": "2026-03-02T09:00:00Z", "data": {"account": "acme"}}).encode()


def sent(body=BODY, *, at=NOW, secrets=(SECRET,), name="msg_1"):
    return signing.headers(name=name, at=at, body=body, secrets=secrets)


def read(body=BODY, headers=None, **more):
    return read_webhook(body, sent(body) if headers is None else headers, **{"secrets": [SECRET], "now": NOW, **more})


def code_of(*told, **more):
    with pytest.raises(WebhookRefused) as refused:
        read(*told, **more)
    assert refused.value.because
    return refused.value.code


def test_what_the_desk_signed_is_read():
    found = read()
    assert (found.id, found.type, found.data) == ("msg_1", "seat.assigned", {"account": "acme"})


def test_headers_are_found_however_they_are_spelt():
    assert read(BODY, {name.title(): value for name, value in sent().items()}).id == "msg_1"


def test_what_any_sender_of_the_standard_signs_is_read():
    signature = Standard(SECRET).sign("msg_7", NOW, BODY.decode())
    headers = {"webhook-id": "msg_7", "webhook-timestamp": str(int(NOW.timestamp())), "webhook-signature": signature}
    assert read(BODY, headers).id == "msg_7"


def test_a_secret_renewed_mid_flight_loses_nothing():
    both = sent(secrets=(SECRET, FORMER))
    assert read(BODY, both, secrets=[FORMER]).id == read(BODY, both, secrets=[SECRET]).id
    assert read(BODY, sent(secrets=(FORMER,)), secrets=[SECRET, FORMER]).id == "msg_1"
    assert code_of(BODY, sent(secrets=(FORMER,)), secrets=[SECRET]) == "webhook_forged"


def test_one_sent_again_is_known_by_its_id():
    seen = SeenHere()
    assert read(seen=seen)
    again = sent(at=NOW + timedelta(minutes=1))
    assert code_of(BODY, again, seen=seen, now=NOW + timedelta(minutes=1)) == "webhook_seen_before"


def test_a_forged_one_is_not_remembered():
    seen = SeenHere()
    assert code_of(BODY, sent(secrets=(OTHER,)), seen=seen) == "webhook_forged"
    assert read(seen=seen)


def test_only_the_last_so_many_are_remembered():
    seen = SeenHere(most=2)
    assert [seen.first(one) for one in ("a", "b", "a", "c", "a")] == [True, True, False, True, True]


@pytest.mark.parametrize(
    ("off", "code"),
    [(timedelta(minutes=5, seconds=1), "webhook_too_old"), (-timedelta(minutes=5, seconds=1), "webhook_too_early")],
)
def test_one_that_was_signed_at_another_time_is_refused(off, code):
    assert code_of(now=NOW + off) == code
    assert read(now=NOW + off * 0.9)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_without_one_of_its_headers_it_is_unsigned(missing):
    assert code_of(BODY, {name: value for name, value in sent().items() if name != missing}) == "webhook_unsigned"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("webhook-id", "a.b"), ("webhook-id", "é"), ("webhook-timestamp", "²"), ("webhook-timestamp", "-1"),
        ("webhook-timestamp", "9" * 13), ("webhook-signature", "v2,AAAA"), ("webhook-signature", "v1,é"),
        ("webhook-signature", "v1"), ("webhook-signature", ","),
    ],
)  # fmt: skip
def test_headers_that_say_nothing_are_malformed(header, value):
    assert code_of(BODY, {**sent(), header: value}) == "webhook_malformed"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"type": 1}', b"[" * 60_000, b"x" * 70_000])
def test_a_body_that_is_no_message_is_malformed_though_it_is_signed(body):
    assert code_of(body, sent(body)) == "webhook_malformed"


@pytest.mark.parametrize("secret", ["", "abc", "whsec_*", "whsec_é"])
def test_a_secret_that_is_none_is_told_at_once(secret):
    with pytest.raises(ValueError, match="secret"):
        read(secrets=[secret])


@settings(max_examples=200)
@given(
    body=st.binary(max_size=60) | st.just(BODY),
    headers=st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "Webhook-Id"]),
        st.text(max_size=40) | st.sampled_from([*sent().values(), f"v1,{'A' * 44}", "v1, v1,a v1a,b"]),
    ),
)
@example(body=BODY, headers={"webhook-id": "msg_1", "webhook-timestamp": "\u0661", "webhook-signature": "v1,\ud800"})
def test_whatever_comes_it_is_refused_by_a_code_of_the_list(body, headers):
    with pytest.raises(WebhookRefused) as refused:
        read_webhook(body, headers, secrets=[OTHER], now=NOW)
    assert refused.value.code in CODES
