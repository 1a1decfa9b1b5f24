"""Covers in sentences."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from support.domain.cover_draft import CoverDraft
from support.domain.cover_terms import Aspect, ScopeKind
from support.domain.cover_words import Named, say_channels, say_cover, say_further, say_list, say_place
from support.domain.covers import Scope

PUMPS = frozenset(range(1, 13))
NAMED = Named(
    {"gold": "Gold"},
    {
        (ScopeKind.LOCATION, 1): "Plant Graz",
        (ScopeKind.CONTACT, 4): "Jo",
        **{(ScopeKind.ASSET, n): f"Pump {n}" for n in PUMPS},
    },
    "C-2026-0012",
    "through 31 March 2027 (Amsterdam)",
)
GOLD = CoverDraft(
    name="Pumps", starts_at=datetime(2026, 1, 1, tzinfo=UTC), zone="Europe/Amsterdam", tier="gold", contract=9, line=3,
    shares={Aspect.LABOUR: 100, Aspect.PARTS: 50},
    scope=Scope(assets=PUMPS, locations=frozenset({1}), channels=frozenset({"email", "phone"})),
)  # fmt: skip


def test_the_whole_of_it_in_a_sentence() -> None:
    assert say_cover(GOLD, named=NAMED) == (
        "Gold, labour in full, parts 50 %, on 12 devices, in Plant Graz, by e-mail and phone, "
        "through 31 March 2027 (Amsterdam); under line 3 of C-2026-0012."
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"scope": Scope()}, "on everything they have"),
        ({"scope": Scope(assets=frozenset({1, 2}))}, "on Pump 1 and Pump 2"),
        ({"scope": Scope(contacts=frozenset({4}))}, "asked for by Jo"),
        ({"children": True}, "for child accounts too"),
        ({"shares": {Aspect.TRAVEL: 0}}, "travel not at all"),
        ({"visits_a_year": 1}, "1 visit a year"),
        ({"contract": None, "line": None}, "; agreed by itself."),
        ({"line": None}, "; under C-2026-0012."),
        ({"tier": "", "shares": {Aspect.LABOUR: 20}}, "Labour 20 %, on"),
    ],
)
def test_each_part_is_said(said: dict[str, Any], words: str) -> None:
    assert words in say_cover(replace(GOLD, **said), named=NAMED)


def test_without_an_end_somebody_ends_it() -> None:
    assert "until somebody ends it" in say_cover(GOLD, named=replace(NAMED, until=""))


def test_what_the_sentence_leaves_out_stands_below() -> None:
    told = say_further(replace(GOLD, authorisation="Ask the plant", counted=True, priority=2))
    assert told == (
        "Before work begins: Ask the plant",
        "Cases under it count on the prepaid help.",
        "Staff have set it to come second, whatever another gives.",
    )


def test_lists_places_and_channels() -> None:
    assert [say_list(some) for some in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert [say_place(number) for number in (1, 3, 4, 11, 21, 22, 113)] == [
        "first", "third", "4th", "11th", "21st", "22nd", "113th"
    ]  # fmt: skip
    assert say_channels({"phone", "api", "fax"}) == "phone, API and fax"
