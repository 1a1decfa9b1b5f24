import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.serials import LONGEST, serial_fault, serial_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SN-0012 A", "sn0012a"),
        ("sn‑0012—a", "SN 0012 A"),
        ("ＳＮ−0012", "sn0012"),  # wide letters, and a minus sign
        ("sn\u200b0012", "SN0012"),  # a space that can't be seen
        ("STRASSE-1", "straße 1"),
        ("É1", "e\u03011"),
    ],
)
def test_what_people_write_differently_is_the_same(one, other):
    assert serial_key(one) == serial_key(other)


@pytest.mark.parametrize(("one", "other"), [("O1", "01"), ("1.2", "12"), ("A/1", "A1"), ("a_1", "a1"), ("I1", "l1")])
def test_what_tells_numbers_apart_stays(one, other):
    assert serial_key(one) != serial_key(other)


@pytest.mark.parametrize("text", ["", " ", "- –", "\t\n", "\x00"])
def test_of_nothing_nothing_is_left(text):
    assert serial_key(text) == ""


@given(st.text(max_size=40))
def test_the_key_of_a_key_is_that_key(text):
    assert serial_key(serial_key(text)) == serial_key(text)


@given(st.text(alphabet="abcXYZ019./", min_size=1), st.lists(st.integers(0, 30)))
def test_spaces_and_hyphens_anywhere_change_nothing(text, places):
    spaced = text
    for number, place in enumerate(places):
        spaced = spaced[:place] + " -\u2011\u00a0"[number % 4] + spaced[place:]
    assert serial_key(spaced) == serial_key(text) == serial_key(text.upper())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Give a serial number"),
        ("--", "at least one letter or digit"),
        ("a\x00b", "one line"),
        ("x" * (LONGEST + 1), f"at most {LONGEST}"),
        ("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 20, f"at most {LONGEST}"),  # its key is far longer
    ],
)
def test_what_is_no_serial_number_says_why(text, says):
    assert says in serial_fault(text)


def test_what_is_one_is_fine():
    assert serial_fault(" LP3/004519 ") == ""
