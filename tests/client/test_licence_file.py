"""Licence files: a good one is read, and whatever is wrong with one has a code; nothing else is ever raised."""

import base64
import json
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings

from entitlement_client.licence_file import BEGIN, CODES, END, LastSeen, LicenceRefused, read_licence_file
from entitlements.domain.licences import files as desk

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SIGNS, OTHER = Ed25519PrivateKey.from_private_bytes(b"a" * 32), Ed25519PrivateKey.from_private_bytes(b"b" * 32)
PUBLIC = base64.urlsafe_b64encode(SIGNS.public_key().public_bytes_raw()).rstrip(b"=").decode()
JWKS = {"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k1", "x": PUBLIC}]}


def claims(**more):
    return {
        "iss": desk.ISSUER, "jti": "file_1", "sub": "acme", "iat": int(NOW.timestamp()), "nbf": int(NOW.timestamp()),
        "exp": int((NOW + 30 * DAY).timestamp()), "device": "",
        "licence": {"prefix": "abcd1234", "name": "Acme", "policy": "pro", "environment": "", "expires_at": None},
        "entitlements": {
            "exports": {"value": True, "until": None}, "seats": {"value": 5, "until": "2026-03-20T00:00:00Z"},
            "calls": {"unlimited": True, "until": None}, "roles": {"value": ["a", "b"], "until": None},
        },
        **more,
    }  # fmt: skip


def signed(told=None, *, key=SIGNS, algorithm="EdDSA", **header):
    body = json.dumps(claims() if told is None else told).encode()
    return jwt.PyJWS().encode(body, key, algorithm, headers={"kid": "k1", "typ": desk.TYPE, **header})


def file(told=None, **more):
    return desk.wrapped(signed(told, **more))


def read(text, *, at=NOW, **more):
    return read_licence_file(text, **{"keys": JWKS, "now": at, **more})


def code_of(text, **more):
    with pytest.raises(LicenceRefused) as refused:
        read(text, **more)
    assert refused.value.code in CODES
    assert refused.value.because
    return refused.value.code


def test_a_good_file_says_what_the_licence_gives():
    found = read(file())
    assert (found.account, found.licence["prefix"], found.expires_at) == ("acme", "abcd1234", NOW + 30 * DAY)
    assert found.allows("exports")
    assert [found.allows("seats", quantity=amount) for amount in (5, 6)] == [True, False]
    assert found.allows("calls", quantity=10**9)
    assert [found.allows("roles", choice=choice) for choice in "ac"] == [True, False]
    assert not found.allows("sso")


def test_a_feature_ends_by_its_own_end():
    assert read(file(), at=NOW + 17 * DAY).allows("seats")
    assert not read(file(), at=NOW + 18 * DAY).allows("seats")


def test_keys_may_be_given_by_their_ids():
    assert read(file(), keys={"k1": PUBLIC}).account == "acme"
    assert read(file(), keys={"k1": SIGNS.public_key().public_bytes_raw()}).account == "acme"


def test_the_ways_lines_may_come():
    text = file()
    assert read("\r\n  " + text.replace("\n", "\r\n") + "\n\n") == read(text.encode()) == read(text)


COMPROMISED = {"keys": [{**JWKS["keys"][0], "compromised": True}]}


@pytest.mark.parametrize(
    ("code", "text", "more"),
    [
        ("file_malformed", "", {}),
        ("file_malformed", signed(), {}),
        ("file_malformed", file()[:200], {}),
        ("file_malformed", file().replace(".", ""), {}),
        ("file_malformed", "x" * 70_000, {}),
        ("file_malformed", b"\xff" * 100, {}),
        ("file_malformed", file(typ="JWT"), {}),
        ("file_malformed", file(claims(iss="somebody")), {}),
        ("file_malformed", file(claims(entitlements=[1])), {}),
        ("file_malformed", file(claims(exp="soon")), {}),
        ("file_malformed", file(claims(exp=10**30)), {}),
        ("file_malformed", file({"iss": desk.ISSUER}), {}),
        ("file_forged", file(key=OTHER), {}),
        ("file_forged", file(crit=["x"]), {}),
        ("file_key_unknown", file(kid="k2"), {}),
        ("file_key_unknown", file(), {"keys": {}}),
        ("file_key_unknown", file(), {"keys": {"keys": []}}),
        ("file_key_compromised", file(), {"keys": COMPROMISED}),
        ("file_expired", file(), {"at": NOW + 30 * DAY}),
        ("file_not_yet_valid", file(), {"at": NOW - DAY}),
        ("file_other_device", file(claims(device="d1")), {"fingerprint": "d2"}),
        ("file_other_device", file(claims(device="d1")), {}),
    ],
)
def test_each_fault_has_its_code(code, text, more):
    assert code_of(text, **more) == code


def test_bound_to_this_device():
    assert read(file(claims(device="d1")), fingerprint="d1").device == "d1"


def part(told):
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


def test_another_algorithm_is_a_forgery():
    head = {"kid": "k1", "typ": desk.TYPE}
    none = f"{part({**head, 'alg': 'none'})}.{part(claims())}.AA"
    assert code_of(desk.wrapped(none)) == "file_forged"
    raw = SIGNS.public_key().public_bytes_raw()
    by_public_key = jwt.encode(claims(), raw, "HS256", headers=head)
    assert code_of(desk.wrapped(by_public_key)) == "file_forged"
    pinned = by_public_key.split(".")
    pinned[0] = part({**head, "alg": "EdDSA"})
    assert code_of(desk.wrapped(".".join(pinned))) == "file_forged"


def test_a_deep_nest_is_no_licence():
    deep = base64.urlsafe_b64encode(b"[" * 30_000).rstrip(b"=").decode()
    assert code_of(desk.wrapped(f"{deep}.{deep}.AA")) == "file_malformed"


def test_a_clock_set_back_shows(tmp_path):
    seen = LastSeen(tmp_path / "state" / "seen")
    assert read(file(), at=NOW + 10 * DAY, seen=seen)
    assert code_of(file(), at=NOW + 9 * DAY, seen=seen) == "clock_set_back"
    assert read(file(), at=NOW + 10 * DAY - timedelta(minutes=4), seen=seen)
    assert seen.latest() == NOW + 10 * DAY


def test_what_is_refused_is_not_seen(tmp_path):
    seen = LastSeen(tmp_path / "seen")
    code_of(file(), at=NOW + 99 * DAY, seen=seen)
    assert seen.latest() is None


@pytest.mark.parametrize("text", ["", "soon", "1e999", "nan", "\x00"])
def test_a_broken_memory_is_taken_for_empty(tmp_path, text):
    (tmp_path / "seen").write_text(text)
    assert read(file(), seen=LastSeen(tmp_path / "seen")).account == "acme"


def test_a_moment_without_a_zone_is_the_product_s_mistake():
    with pytest.raises(ValueError, match="zone"):
        read(file(), at=NOW.replace(tzinfo=None))


GOOD = file()
TOKEN = signed()
ANY_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one))  # fmt: skip
KNOWN = st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "iss", "exp", "nbf", "iat", "sub", "jti", "licence", "entitlements", "device"])  # fmt: skip


def tried(text):
    """A file that is good after all has had nothing changed that counts, such as an empty line."""
    try:
        found = read(text)
    except LicenceRefused as refused:
        return refused.code
    return "good" if found.account else ""


@st.composite
def damaged(draw):
    """A good file with characters changed, cut, doubled or turned around."""
    text = bytearray(GOOD.encode())
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, max(len(text) - 1, 0)))
        match draw(st.sampled_from(["flip", "cut", "drop", "put"])):
            case "flip" if text:
                text[place] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del text[place:]
            case "drop":
                del text[place : place + draw(st.integers(1, 80))]
            case "put":
                text[place:place] = draw(st.binary(max_size=8))
    return bytes(text)


def tokens():
    """Anything at all in the three parts, signed or not."""
    header = st.dictionaries(KNOWN, ANY_JSON | st.sampled_from(["EdDSA", "HS256", "none", "k1", desk.TYPE]))
    own = header.map(lambda told: {"alg": "EdDSA", "kid": "k1", "typ": desk.TYPE, **told})
    return st.tuples(
        header | own, st.dictionaries(KNOWN, ANY_JSON) | ANY_JSON, st.sampled_from([TOKEN.split(".")[2], "AA", "A"])
    )


@settings(max_examples=100)
@given(st.binary(max_size=400) | st.text(max_size=400) | damaged() | tokens().map(lambda three: desk.wrapped(f"{part(three[0])}.{part(three[1])}.{three[2]}")))  # fmt: skip
def test_whatever_it_is_nothing_else_is_raised(text):
    assert tried(text) in {*CODES, "good"}


@settings(max_examples=50)
@given(st.dictionaries(KNOWN, ANY_JSON))
def test_whatever_is_signed_nothing_else_is_raised(more):
    assert tried(file({**claims(), **more})) in {*CODES, "good"}


def test_the_marks_are_the_desk_s():
    assert (BEGIN, END) == (desk.BEGIN, desk.END)
