"""Signed as the specification has it, and as its own library reads it."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from journal.domain.webhooks.signing import bytes_of, headers, name_of, seconds_of, signature, spelled

# The vector that the libraries of seven languages share.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NAME, SECONDS, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_shared_vector():
    assert signature(name=NAME, seconds=SECONDS, body=BODY, secret=bytes_of(SECRET)) == SIGNATURE


def test_the_specifications_library_signs_the_same():
    at = datetime.fromtimestamp(SECONDS, UTC)
    assert Webhook(SECRET).sign(NAME, at, BODY.decode()) == SIGNATURE


def test_each_secret_gives_a_signature_in_the_order_given():
    other = spelled(bytes(range(32)))
    told = headers(name=NAME, at=datetime.fromtimestamp(SECONDS, UTC), body=BODY, secrets=[SECRET, other])
    first, second = told["webhook-signature"].split(" ")
    assert first == SIGNATURE != second
    assert (told["webhook-id"], told["webhook-timestamp"]) == (NAME, str(SECONDS))


def test_nothing_goes_out_unsigned():
    with pytest.raises(ValueError, match="unsigned"):
        headers(name=NAME, at=datetime(2026, 1, 1, tzinfo=UTC), body=BODY, secrets=[])


def test_a_secret_has_24_to_64_bytes():
    assert bytes_of(spelled(bytes(24))) == bytes(24)
    assert bytes_of(spelled(bytes(64))) == bytes(64)
    for size in (0, 23, 65):
        with pytest.raises(ValueError, match="24 to 64 bytes"):
            spelled(bytes(size))


@pytest.mark.parametrize("text", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_!!!!", "whsec_AAAA"])
def test_what_is_no_secret_is_refused(text):
    with pytest.raises(ValueError):
        bytes_of(text)


def test_an_instant_counts_the_same_in_every_zone():
    """The library's own `sign` takes the digits for UTC; a receiver would refuse what it signs so."""
    summer = timezone(timedelta(hours=2))
    assert seconds_of(datetime(2026, 3, 2, 11, 0, tzinfo=summer)) == seconds_of(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    with pytest.raises(ValueError, match="zone"):
        seconds_of(datetime(2026, 3, 2))  # noqa: DTZ001


def test_a_name_holds_no_full_stop():
    assert name_of(UUID(int=7)) == "msg_00000000000000000000000000000007"


@given(
    st.lists(st.binary(min_size=24, max_size=64), min_size=1, max_size=3), st.text(max_size=200), st.integers(0, 2**33)
)
def test_whoever_knows_one_of_the_secrets_finds_its_signature(secrets, body, seconds):
    at = datetime.fromtimestamp(seconds, UTC)
    spelt = [spelled(secret) for secret in secrets]
    told = headers(name=NAME, at=at, body=body.encode("utf-8", "replace"), secrets=spelt)
    found = told["webhook-signature"].split(" ")
    assert found == [Webhook(secret).sign(NAME, at, body.encode("utf-8", "replace").decode()) for secret in spelt]
    assert all(part.startswith("v1,") and part.count(",") == 1 for part in found)
    assert "." not in told["webhook-id"] + told["webhook-timestamp"]


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_is_read_as_it_was_spelt(secret):
    assert bytes_of(spelled(secret)) == secret
