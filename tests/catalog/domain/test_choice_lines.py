"""Choices as people write them, one a line, and as they are shown again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.choice_lines import (
    UnreadableLine,
    Weighed,
    read_choice_lines,
    read_weighed_lines,
    say_weight,
    write_choice_lines,
    write_weighed_lines,
)
from catalog.domain.values import Choice

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
LABELS = st.from_regex(r"[A-Za-z0-9 =|×.()-]{1,20}", fullmatch=True).map(lambda text: " ".join(text.split()))
CHOICES = st.lists(
    st.builds(Choice, KEYS, LABELS.filter(bool)),
    max_size=5,
    unique_by=(lambda choice: choice.key, lambda choice: choice.label.casefold()),
).map(tuple)


def test_a_name_makes_its_own_key() -> None:
    assert read_choice_lines("Basic\nGold support\n") == (
        Choice("basic", "Basic"),
        Choice("gold_support", "Gold support"),
    )


def test_a_key_may_be_written_before_its_name() -> None:
    assert read_choice_lines("gold | Gold support") == (Choice("gold", "Gold support"),)


def test_empty_lines_and_stray_blanks_are_passed_over() -> None:
    assert read_choice_lines("\n  Basic  \n\n\tGold\r\n") == (Choice("basic", "Basic"), Choice("gold", "Gold"))


def test_a_name_that_begins_with_a_digit_gets_a_key_all_the_same() -> None:
    assert read_choice_lines("24/7 phone")[0].key == "choice_24_7_phone"


@pytest.mark.parametrize("text", ["Gold\ngold", "a | Gold\nb | gold", "x | One\nx | Two"])
def test_the_same_choice_twice_is_refused(text: str) -> None:
    with pytest.raises(UnreadableLine, match="twice"):
        read_choice_lines(text)


@pytest.mark.parametrize("line", ["Gold Key | Gold", "gold |", "| Gold", "1a | Gold"])
def test_a_line_that_names_no_choice_is_quoted(line: str) -> None:
    with pytest.raises(UnreadableLine) as refused:
        read_choice_lines(line)
    assert f"'{line}'" in str(refused.value)


@pytest.mark.parametrize(
    ("line", "thousandths"),
    [("Large = 5", 5000), ("Large × 0.25", 250), ("Large", 1000), ("Large=1,000", 1_000_000), ("Large = 0.001", 1)],
)
def test_a_choice_counts_as_much_as_is_written_behind_it(line: str, thousandths: int) -> None:
    assert read_weighed_lines(line) == (Weighed("large", "Large", thousandths),)


@pytest.mark.parametrize("line", ["Large = 0", "Large = 0.0001", "Large = 1.2.3", "Large = 2000000"])
def test_a_weight_nobody_could_count_with_is_refused(line: str) -> None:
    with pytest.raises(UnreadableLine, match="Large"):
        read_weighed_lines(line)


@pytest.mark.parametrize(("thousandths", "words"), [(5000, "5"), (250, "0.25"), (1, "0.001"), (100_000, "100")])
def test_a_weight_is_said_without_idle_digits(thousandths: int, words: str) -> None:
    assert say_weight(thousandths) == words


@given(CHOICES)
def test_what_is_shown_reads_back_as_the_same_choices(choices: tuple[Choice, ...]) -> None:
    written = tuple(Choice(c.key, c.label.replace("|", "")) for c in choices)
    clean = tuple(c for c in written if c.label == " ".join(c.label.split()) and c.label)
    if len({c.label.casefold() for c in clean}) == len(clean):
        assert read_choice_lines(write_choice_lines(clean)) == clean


@given(st.lists(st.tuples(KEYS, st.integers(1, 10**9)), unique_by=lambda pair: pair[0], max_size=5))
def test_weights_read_back_exactly(pairs: list[tuple[str, int]]) -> None:
    weighed = tuple(Weighed(key, f"Model {key}", thousandths) for key, thousandths in pairs)
    assert read_weighed_lines(write_weighed_lines(weighed)) == weighed
