"""Licence keys as texts: what is a key, what is a typo, and that no small slip of the hand passes for another key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.domain.licences.key_text import ALPHABET, checksum, digest_of, parse_key, write_key, write_prefix

SECRETS = st.binary(min_size=20, max_size=20)
PREFIXES = st.binary(min_size=5, max_size=5).map(write_prefix)
KEY = write_key(prefix="k3vqz7ab", secret=bytes(range(20)))


def test_a_key_is_its_mark_its_prefix_and_its_secret() -> None:
    assert KEY == "el_k3vqz7ab_aaaqeayeaudaocajbifqydiob4ibceqt5l"
    found = parse_key(KEY)
    assert found is not None
    assert (found.prefix, found.digest) == ("k3vqz7ab", digest_of(KEY))


@given(PREFIXES, SECRETS)
def test_what_is_written_is_read(prefix: str, secret: bytes) -> None:
    key = write_key(prefix=prefix, secret=secret)
    found = parse_key(f"  {key.upper()[:20]} {key[20:]}\n")
    assert found == (prefix, digest_of(key))


@given(PREFIXES, SECRETS, st.integers(3, 45), st.sampled_from(ALPHABET))
def test_no_single_wrong_character_passes(prefix: str, secret: bytes, place: int, letter: str) -> None:
    key = write_key(prefix=prefix, secret=secret)
    typed = key[:place] + letter + key[place + 1 :]
    assert typed == key or parse_key(typed) is None


@given(PREFIXES, SECRETS, st.integers(3, 45), st.integers(3, 45))
def test_no_two_characters_that_changed_places_pass(prefix: str, secret: bytes, one: int, other: int) -> None:
    letters = list(write_key(prefix=prefix, secret=secret))
    before = "".join(letters)
    letters[one], letters[other] = letters[other], letters[one]
    typed = "".join(letters)
    assert typed == before or parse_key(typed) is None


@given(st.text(max_size=60) | st.from_regex(r"el_[a-z2-7]{8}_[a-z2-7]{34}", fullmatch=True) | st.binary().map(repr))
def test_whatever_is_typed_is_a_key_or_none(text: str) -> None:
    found = parse_key(text)
    if found is not None:
        plain = "".join(text.lower().split())
        assert checksum(plain[:-2]) == plain[-2:]


@pytest.mark.parametrize("text", ["", "el_", KEY[:-1], KEY + "a", KEY.replace("el_", "ed_"), "é" * 46, "x" * 300])
def test_what_is_no_key(text: str) -> None:
    assert parse_key(text) is None
