"""Messages that come in: signed as the specification's own package signs, and refused otherwise."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from journal.domain.webhooks.checking import is_signed
from journal.domain.webhooks.signing import spelled

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
OLD, NEW = spelled(b"o" * 32), spelled(b"n" * 32)


def signed(body: str = "{}", *, secret: str = NEW, at: datetime = AT, **more) -> bool:
    told = {"name": "msg_1", "timestamp": str(int(at.timestamp())), "body": body.encode(), "at": AT}
    told |= {"signatures": Webhook(secret).sign("msg_1", at, body), "secrets": [NEW, OLD]}
    return is_signed(**{**told, **more})


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_what_others_sign_is_known(body):
    assert signed(body)


def test_either_secret_in_force_will_do_and_any_of_the_signatures():
    assert signed(secret=OLD)
    assert signed(signatures=f"v1,AAAA v1a,x {Webhook(NEW).sign('msg_1', AT, '{}')}")
    assert not signed(secrets=[])
    assert not signed(secret=spelled(b"x" * 32))


@pytest.mark.parametrize(("minutes", "good"), [(-5, True), (5, True), (-5.1, False), (5.1, False)])
def test_five_minutes_either_way(minutes, good):
    assert signed(at=AT + timedelta(minutes=minutes)) is good


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"name": "msg_2"}, {"timestamp": ""}, {"timestamp": "-1"}, {"timestamp": "1e9"}, {"timestamp": "٣"},
        {"timestamp": "9" * 400}, {"signatures": ""}, {"signatures": "v1,é"}, {"at": AT.replace(year=2027)},
    ],
)  # fmt: skip
def test_whatever_is_otherwise_is_not_signed(wrong):
    assert not signed(**wrong)


@pytest.mark.parametrize("body", [b"{ }", b"\xff", b""])
def test_other_bytes_are_not_what_was_signed(body):
    told = {"name": "msg_1", "timestamp": str(int(AT.timestamp())), "signatures": Webhook(NEW).sign("msg_1", AT, "{}")}
    assert is_signed(**told, body=b"{}", secrets=[NEW], at=AT)
    assert not is_signed(**told, body=body, secrets=[NEW], at=AT)
