"""Signatures: fixed figures, and the official client as the receiver."""

import hashlib
import hmac
import json
import time

import pytest
import stripe

from tests.fakes.stripe.signing import header, signature

BODY = json.dumps(
    {"id": "evt_1", "object": "event", "type": "customer.created", "data": {"object": {"object": "customer"}}}
).encode()
SECRET = "whsec_test_secret"


# Figures made once with `printf '%s' "$at.$body" | openssl dgst -sha256 -hmac "$secret"`.
@pytest.mark.parametrize(
    ("secret", "at", "body", "mark"),
    [
        (
            "whsec_test_secret",
            1492774577,
            b'{"id":"evt_1"}',
            "799c4ba7bb339f3c8601adfd112f0e477c930a268be1243d341abb8286501c2f",
        ),
        ("whsec_test_secret", 1492774577, b"{}", "53140ab8fa70c511cc40d5c9198af7dde7bbaee877038c056d8250c3bd3b2e11"),
        (
            "whsec_ABCdef123",
            1772442000,
            '{"name":"Zoë €"}'.encode(),
            "3f245b9138d8d3b357ce5ecc002ff867843aea812eb5bc03ccf3391f940b1962",
        ),
        ("whsec_ABCdef123", 1772442000, b"", "c5722cef683e9c7e40e17c2f3a3e37ffc01e56eab64ea34586ba670af3b948b1"),
    ],
)
def test_signatures_are_those_of_the_vectors(secret: str, at: int, body: bytes, mark: str) -> None:
    assert signature(body, secret, at) == mark


def test_the_key_is_the_whole_secret_as_text() -> None:
    assert signature(BODY, SECRET, 5) == hmac.new(b"whsec_test_secret", b"5." + BODY, hashlib.sha256).hexdigest()


def test_the_official_client_believes_it() -> None:
    at = int(time.time())
    assert stripe.Webhook.construct_event(BODY, header(BODY, [SECRET], at), SECRET).id == "evt_1"


def test_while_a_secret_is_rolled_both_are_believed() -> None:
    signed = header(BODY, ["whsec_new", SECRET], int(time.time()))
    for secret in ("whsec_new", SECRET):
        assert stripe.Webhook.construct_event(BODY, signed, secret).id == "evt_1"


@pytest.mark.parametrize(
    ("secrets", "at", "body"),
    [(["whsec_other"], 0, BODY), ([SECRET], -301, BODY), ([SECRET], 0, BODY + b" "), (["v0"], 0, BODY)],
    ids=["another secret", "too old", "a changed body", "only what v0 is made of"],
)
def test_the_official_client_refuses(secrets: list[str], at: int, body: bytes) -> None:
    signed = header(BODY, secrets, int(time.time()) + at)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signed, SECRET)


def test_the_weak_scheme_is_there_and_worth_nothing() -> None:
    signed = header(BODY, [SECRET], int(time.time()))
    time_part, _, weak = signed.split(",")
    assert weak.startswith("v0=")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(BODY, f"{time_part},{weak}", SECRET)
