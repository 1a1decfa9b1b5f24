import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.idempotency import KeyMalformed, parse_key, request_digest

UUID = "8e03978e-40d5-43e8-bc93-6894a57f9324"


@pytest.mark.parametrize("header", [f'"{UUID}"', UUID, f'  "{UUID}"\t', f" {UUID} "])
def test_a_key_is_read_with_its_quotes_and_without(header):
    assert parse_key(header) == UUID


def test_what_is_escaped_is_read_as_meant():
    assert parse_key(r'"say \"hi\" \\ twice"') == r'say "hi" \ twice'


@pytest.mark.parametrize(
    "header", ["", " ", '""', '"  "', '"', '"a', 'a"', 'a"b', "a b", '"a\\b"', '"a" "b"', "ä", '"ä"', "a\x7f", '"a\nb"']
)
def test_anything_else_is_refused(header):
    with pytest.raises(KeyMalformed):
        parse_key(header)


def test_the_longest_key_is_255_characters_without_its_quotes():
    assert parse_key(f'"{"x" * 255}"') == "x" * 255
    for header in ("x" * 256, f'"{"x" * 256}"'):
        with pytest.raises(KeyMalformed, match="1 to 255"):
            parse_key(header)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60).filter(str.strip))
def test_every_string_of_the_standard_comes_back(key):
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    assert parse_key(f'"{quoted}"') == key


def same(body, other, *, method="POST", path="/a"):
    return request_digest("POST", "/a", body) == request_digest(method, path, other)


def test_json_is_the_same_whatever_the_order_of_its_keys():
    assert same(b'{"a": 1, "b": [2, 3]}', b'{"b":[2,3],"a":1}')


@pytest.mark.parametrize("other", [b'{"a": 2}', b'{"a": "1"}', b'{"a": 1, "b": null}', b'{"a": [1]}', b"", b"{"])
def test_another_body_is_another_request(other):
    assert not same(b'{"a": 1}', other)


def test_another_method_or_address_is_another_request():
    assert not same(b"{}", b"{}", method="PUT")
    assert not same(b"{}", b"{}", path="/a?b=1")


def test_what_is_no_json_is_compared_by_its_bytes():
    assert same(b"a=1", b"a=1")
    assert not same(b"a=1", b"a=1 ")
    deep = b"[" * 100_000
    assert same(deep, deep)
