from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from journal.domain.chain import GENESIS, Break, BreakKind, Link, Mark, breaks, canonical, first_break, link

TEXT = st.text(max_size=8)


def chain_of(words: list[str]) -> list[Link]:
    rows, previous = [], GENESIS
    for seq, word in enumerate(words, start=1):
        fields = {"seq": seq, "word": word, "id": f"id-{seq}"}
        digest = link(previous, canonical(fields))
        rows.append(Link(seq=seq, fields=fields, previous_digest=previous, digest=digest))
        previous = digest
    return rows


def sealed(rows: list[Link]) -> list[Mark]:
    return [Mark(rows[-1].seq, rows[-1].digest)]


def moved(row: Link, seq: int) -> Link:
    return replace(row, seq=seq, fields={**row.fields, "seq": seq})


CHAINS = st.lists(TEXT, min_size=2, max_size=12).map(chain_of)


@given(CHAINS)
def test_a_chain_nobody_touched_has_no_break(rows):
    assert first_break(rows, marks=sealed(rows)) is None


@settings(max_examples=1000, deadline=None)
@given(rows=CHAINS, data=st.data())
def test_an_altered_field_is_found_and_named(rows, data):
    at = data.draw(st.integers(0, len(rows) - 1))
    word = data.draw(TEXT)
    assume(word != rows[at].fields["word"])
    rows[at] = replace(rows[at], fields={**rows[at].fields, "word": word})
    assert first_break(rows) == Break(at + 1, BreakKind.ALTERED)


@settings(max_examples=1000, deadline=None)
@given(rows=CHAINS, data=st.data())
def test_a_removed_row_is_found_and_named_also_the_first_and_the_last(rows, data):
    marks = sealed(rows)
    at = data.draw(st.integers(0, len(rows) - 1))
    del rows[at]
    assert first_break(rows, marks=marks) == Break(at + 1, BreakKind.REMOVED)


@settings(max_examples=1000, deadline=None)
@given(rows=CHAINS, data=st.data())
def test_two_swapped_rows_are_found_and_named(rows, data):
    first = data.draw(st.integers(0, len(rows) - 2))
    second = data.draw(st.integers(first + 1, len(rows) - 1))
    rows[first], rows[second] = moved(rows[second], first + 1), moved(rows[first], second + 1)
    assert first_break(rows) == Break(first + 1, BreakKind.SWAPPED)


@settings(max_examples=200, deadline=None)
@given(rows=CHAINS, data=st.data())
def test_a_row_rewritten_together_with_its_digest_is_found_by_what_follows_or_by_the_seal(rows, data):
    marks = sealed(rows)
    at = data.draw(st.integers(0, len(rows) - 1))
    fields = {**rows[at].fields, "word": "forged!!!"}
    rows[at] = replace(rows[at], fields=fields, digest=link(rows[at].previous_digest, canonical(fields)))
    found = first_break(rows, marks=marks)
    assert found is not None
    assert found.seq == at + 1
    assert found.kind in {BreakKind.ALTERED, BreakKind.SEAL_BROKEN}


def test_a_chain_rewritten_to_the_end_no_longer_meets_its_seal():
    rows, forged = chain_of(["a", "b", "c"]), chain_of(["a", "x", "c"])
    assert first_break(forged) is None
    assert first_break(forged, marks=sealed(rows)) == Break(3, BreakKind.SEAL_BROKEN)


def test_a_row_put_in_twice_is_found():
    rows = chain_of(["a", "b", "c"])
    assert first_break([*rows[:2], rows[1], rows[2]]) == Break(2, BreakKind.INSERTED)


def test_one_tampering_is_told_once_and_a_second_one_too():
    rows = chain_of(list("abcdefgh"))
    rows[2] = replace(rows[2], fields={**rows[2].fields, "word": "x"})
    del rows[5]
    assert list(breaks(rows)) == [Break(3, BreakKind.ALTERED), Break(6, BreakKind.REMOVED)]


def test_an_altered_row_right_after_a_removed_one_is_told_as_well():
    rows = chain_of(list("abcd"))
    rows[2] = replace(rows[2], fields={**rows[2].fields, "word": "x"})
    del rows[1]
    assert list(breaks(rows)) == [Break(2, BreakKind.REMOVED), Break(3, BreakKind.ALTERED)]


def test_everything_removed_is_found_through_the_seal():
    assert first_break([], marks=[Mark(3, "d")]) == Break(1, BreakKind.REMOVED)


def test_the_order_of_keys_does_not_change_the_spelling():
    assert canonical({"b": 1, "a": "é"}) == canonical({"a": "é", "b": 1}) == '{"a":"é","b":1}'.encode()


def test_what_has_no_single_spelling_is_refused():
    with pytest.raises(ValueError, match="Out of range float"):
        canonical({"a": float("nan")})


def test_a_break_reads_as_a_sentence():
    assert str(Break(7, BreakKind.ALTERED)) == "Event 7: was altered after it was written."
