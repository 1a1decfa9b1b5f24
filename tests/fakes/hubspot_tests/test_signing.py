"""Signatures: fixed figures, and the official client as the receiver."""

import time

import pytest
from hubspot.exceptions import InvalidSignatureTimestampError
from hubspot.utils.signature import Signature

from tests.fakes.hubspot.signing import headers, signature, uri

URL = "https://desk.example/hooks/hubspot/7?a=b"
BODY = b'[{"eventId":1,"objectId":512}]'


# Figures made once with `printf '%s' "POST$url$body$at" | openssl dgst -sha256 -hmac "$secret" -binary | base64`.
@pytest.mark.parametrize(
    ("secret", "url", "body", "at", "mark"),
    [
        ("client-secret", URL, BODY, 1772442000123, "7AHDks9Wm7ciLasynH2PkfeGPQR8IVJu+J3/PtS9Hcg="),
        (
            "ABCdef123",
            "http://127.0.0.1:8000/hooks/x",
            b"[]",
            1700000000000,
            "JyMMlrHkWDSCMI+J6h43aWIpec8x0NfWcsJl+H8upb0=",
        ),
        (
            "s",
            "https://desk.example/hooks/x",
            '[{"propertyValue":"Zoë €"}]'.encode(),
            1772442000000,
            "w9oHjqaTcluSt33zQN9MMd+Tepbmmzf3l+RrRf5UvKE=",
        ),
    ],
)
def test_signatures_are_those_of_the_vectors(secret: str, url: str, body: bytes, at: int, mark: str) -> None:
    assert signature(secret, "POST", url, body, at) == mark


def _believed(signed: dict[str, str], secret: str = "client-secret", url: str = URL, body: bytes = BODY) -> bool:
    return Signature.is_valid(
        signature=signed["X-HubSpot-Signature-v3"], client_secret=secret, request_body=body.decode(), http_uri=url,
        signature_version="v3", timestamp=signed["X-HubSpot-Request-Timestamp"],
    )  # fmt: skip


def test_the_official_client_believes_it() -> None:
    assert _believed(headers("client-secret", "POST", URL, BODY, round(time.time() * 1000)))


def test_the_official_client_refuses_what_differs() -> None:
    signed = headers("client-secret", "POST", URL, BODY, round(time.time() * 1000))
    assert not _believed(signed, secret="other")
    assert not _believed(signed, url=URL.replace("https", "http"))
    assert not _believed(signed, body=BODY + b" ")
    later = signed | {"X-HubSpot-Request-Timestamp": str(int(signed["X-HubSpot-Request-Timestamp"]) + 1)}
    assert not _believed(later)


def test_the_official_client_refuses_what_is_old_and_takes_what_is_to_come() -> None:
    """Tomorrow's signature passes there: a receiver needs an upper bound of its own."""
    now = round(time.time() * 1000)
    with pytest.raises(InvalidSignatureTimestampError):
        _believed(headers("client-secret", "POST", URL, BODY, now - 301_000))
    assert _believed(headers("client-secret", "POST", URL, BODY, now + 86_400_000))


def test_some_escapes_of_the_address_are_undone_before_it_is_signed() -> None:
    assert uri("https://desk.example/hooks?to=a%3Ab%2Fc%20d%26e") == "https://desk.example/hooks?to=a:b/c%20d%26e"
    plain, escaped = "https://desk.example/hooks?to=a:b", "https://desk.example/hooks?to=a%3Ab"
    assert signature("s", "POST", escaped, b"[]", 1) == signature("s", "POST", plain, b"[]", 1)


def test_the_oldest_signature_is_beside_it() -> None:
    signed = headers("client-secret", "POST", URL, b"[]", 1)
    assert signed["X-HubSpot-Signature"] == "245b6eab5a043e278c190a784f522fded8b2d0fa8201be6d3a4c7477312e3796"
    assert Signature.is_valid(signed["X-HubSpot-Signature"], "client-secret", "[]", signature_version="v1")
