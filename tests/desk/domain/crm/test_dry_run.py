"""What a dry run found, in one sentence; and which deal a person meant who pasted an address."""

import pytest

from desk.domain.crm.dry_run import add_counts, deal_id, say_limits, say_summary

NOBODY = ("skip", "Nobody knows whose deal it is: link its company to an account.")
VAT = ("skip", "VAT is missing.")


def test_it_counts_what_would_happen_and_says_why_not() -> None:
    found = [*[("create", "")] * 14, *[("change", "")] * 3, *[NOBODY] * 2]
    assert say_summary(found) == (
        "would create 14, change 3, skip 2 because nobody knows whose deal it is: link its company to an account"
    )


def test_several_reasons_are_counted() -> None:
    assert say_summary([NOBODY, NOBODY, VAT]).endswith("to an account (2); VAT is missing (1)")
    many = [("skip", f"Reason {number}.") for number in range(6)]
    assert say_summary(many).endswith("of other reasons (3)")


def test_what_stays_is_said_beside_what_moves() -> None:
    assert say_summary([("create", ""), ("nothing", "")]) == "would create 1; 1 stays as it is"
    assert say_summary([("nothing", "")] * 2) == "would change nothing"


def test_what_switching_on_alone_leaves_is_said() -> None:
    new, old = {"would": "create", "earlier": False}, {"would": "create", "earlier": True}
    agreed = {"would": "change", "agreed": True}
    assert say_limits([new, {"would": "skip", "earlier": True}]) == ""
    assert say_limits([new, old]) == ("One of them was won before, and taken only if you say so when you switch it on.")
    assert say_limits([old, old, agreed]) == (
        "2 of them were won before, and taken only if you say so when you switch it on. "
        "One of them stays as agreed by another version, until what a mapping reads of a deal is changed there; then the "
        "new version reads all of that deal."
    )


def test_parts_add_up() -> None:
    assert add_counts([{"skip": 1, "create": 2}, {"create": 1, "end": 0}]) == {"create": 3, "skip": 1}


@pytest.mark.parametrize(
    ("typed", "id"),
    [
        (" 0061x00000AbCdEAAV ", "0061x00000AbCdEAAV"),
        ("https://crm.example/lightning/r/Opportunity/0061x00000AbCdEAAV/view", "0061x00000AbCdEAAV"),
        ("app.crm.example/contacts/7/record/0-3/9001?tab=lines", "9001"),
        ("https://crm.example/home", ""),
        ("two words", ""),
        ("", ""),
    ],
)
def test_a_deal_is_named_by_its_id_or_its_address(typed: str, id: str) -> None:
    assert deal_id(typed) == id


def test_what_ends_needs_no_word_of_when_it_was_won() -> None:
    assert say_limits([{"would": "end", "earlier": True}]) == ""
