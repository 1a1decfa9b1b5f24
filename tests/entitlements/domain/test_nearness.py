"""Which names a mistyped one may mean, and which of them first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.domain.nearness import allowed, letter_groups, nearness, spellings

WORDS = st.text("abcdefghijklmnop", min_size=6, max_size=14)


@pytest.mark.parametrize(
    ("typed", "name", "amiss"),
    [
        ("Northwind", "Northwind Traders B.V.", 0),
        ("Nortwind", "Northwind Traders B.V.", 1),  # a letter missing
        ("Northwindd", "Northwind Traders B.V.", 1),  # one too many
        ("Norhtwind", "Northwind Traders B.V.", 1),  # two swapped
        ("Narthwint", "Northwind Traders B.V.", 2),  # two wrong
        ("north wind", "Northwind Traders", 0),
        ("northwind", "North Wind Traders", 0),
        ("nortw", "Northwind", 1),  # the beginning of a name, mistyped
        ("tradres nortwind", "Northwind Traders", 2),
        ("amce", "Acme GmbH", 1),
        ("ACME N.V.", "Acme B.V.", 0),  # the legal form tells nothing
        ("Acme Ldt", "Acme Ltd", 1),  # and may be mistyped
        ("Olhandel", "Ölhandel Süd", 0),
        ("bv", "BV", 0),
    ],
)
def test_near(typed, name, amiss):
    assert nearness(typed, name) == amiss


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Nartwint", "Northwind"),  # three letters
        ("acne", "Axme"),  # two in a short word
        ("of", "If"),  # a short word has to be right
        ("of", "Office"),
        ("nortwind bakery", "Northwind Traders"),  # each word counts
        ("", "Acme"),
        ("!!!", "Acme"),
        ("acme", "???"),
    ],
)
def test_not_near(typed, name):
    assert nearness(typed, name) is None


@pytest.mark.parametrize(("word", "most"), [("ab", 0), ("abc", 1), ("abcde", 1), ("abcdef", 2)])
def test_how_much_may_be_amiss(word, most):
    assert allowed(word) == most


def test_short_words_are_also_looked_for_with_neighbours_swapped():
    assert spellings("amce") == ("amce", "mace", "acme", "amec")
    assert spellings("Nortwind") == ("nortwind",)
    assert " ac" in letter_groups("amce")


def test_groups_are_bounded():
    assert len(letter_groups("abcde fghij klmno pqrst " * 40)) <= 60


@given(WORDS)
def test_a_name_is_near_to_itself(word):
    assert nearness(word, word) == 0


@given(WORDS, st.data())
def test_one_letter_left_out_is_never_more_than_one(word, data):
    place = data.draw(st.integers(0, len(word) - 1))
    found = nearness(word[:place] + word[place + 1 :], word)
    assert found is not None
    assert found <= 1


@given(WORDS, st.data())
def test_two_neighbours_swapped_are_never_more_than_one(word, data):
    place = data.draw(st.integers(0, len(word) - 2))
    found = nearness(word[:place] + word[place + 1] + word[place] + word[place + 2 :], word)
    assert found is not None
    assert found <= 1
