"""What one cover says otherwise than another: every single thing, and whether the customer has less by it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from support.domain.cover_difference import cover_difference, say_lowerings
from support.domain.cover_draft import CoverDraft, CoverPlace, parse_draft, place_at, plain_draft
from support.domain.cover_terms import SHARES, Aspect, ScopeKind
from support.domain.cover_words import Named
from support.domain.covers import Scope

START, END, LATER = (datetime(2026, 3, 1, tzinfo=UTC).replace(year=year) for year in (2026, 2027, 2028))
TIERS = {"silver": "Silver", "gold": "Gold"}
THINGS = {(ScopeKind.LOCATION, 1): "Graz", (ScopeKind.LOCATION, 2): "Linz", (ScopeKind.ASSET, 7): "Pump SN-7"}
NAMED = Named(TIERS, THINGS, "C-1", "through 28 February 2027 (UTC)")
BASE = CoverDraft(
    name="Maintenance", starts_at=START, ends_at=END, zone="UTC", tier="gold",
    shares={Aspect.LABOUR: 100, Aspect.PARTS: 50}, visits_a_year=2, scope=Scope(locations=frozenset({1})),
)  # fmt: skip


def changed(**said: Any) -> list[tuple[str, bool]]:
    after = replace(BASE, **said)
    until = replace(NAMED, until="" if after.last_instant is None else f"until {after.last_instant:%Y}")
    return [(one.words, one.lowers) for one in cover_difference(BASE, after, was=NAMED, becomes=until)]


@pytest.mark.parametrize(
    ("said", "words", "lowers"),
    [
        ({"tier": "silver"}, "Response: Gold becomes Silver. That is less.", True),
        ({"tier": ""}, "Response: Gold becomes nothing. Nothing is said of it any more.", True),
        (
            {"shares": {Aspect.LABOUR: 80, Aspect.PARTS: 50}},
            "Labour: in full becomes 80 %. That is less.",
            True,
        ),
        ({"shares": {Aspect.LABOUR: 100, Aspect.PARTS: 90}}, "Parts: 50 % becomes 90 %.", False),
        ({"shares": {Aspect.LABOUR: 100}}, "Parts: 50 % becomes nothing. Nothing is said of it any more.", True),
        ({"shares": {**BASE.shares, Aspect.TRAVEL: 0}}, "Travel: nothing becomes not at all.", False),
        ({"visits_a_year": 0}, "Maintenance visits: 2 visits a year becomes none. That is less.", True),
        ({"visits_a_year": 4}, "Maintenance visits: 2 visits a year becomes 4 visits a year.", False),
        ({"scope": Scope()}, "Places: 1 of the places becomes all of them.", False),
        ({"scope": Scope(locations=frozenset({1, 2}))}, "Places: also on Linz.", False),
        (
            {"scope": Scope(locations=frozenset({1}), assets=frozenset({7}))},
            "Devices: all of them becomes 1 of the devices. That is less.",
            True,
        ),
        (
            {"scope": Scope(locations=frozenset({1}), channels=frozenset({"phone"}))},
            "Asked for by: every channel becomes phone. That is less.",
            True,
        ),
        ({"children": True}, "For: this account alone becomes child accounts too.", False),
        ({"counted": True}, "Cases: not counted becomes counted on the prepaid help. That is less.", True),
        ({"authorisation": "Ask us"}, "To be authorised first: nothing becomes Ask us. That is less.", True),
        ({"priority": 2}, "Beside other covers: the more generous wins becomes it comes second.", False),
        ({"name": "Care"}, "Name: Maintenance becomes Care.", False),
        (
            {"ends_at": datetime(2026, 9, 1, tzinfo=UTC)},
            "Lasts: through 28 February 2027 (UTC) becomes until 2026. It ends sooner.",
            True,
        ),
        (
            {"ends_at": None},
            "Lasts: through 28 February 2027 (UTC) becomes until somebody ends it. It lasts longer.",
            False,
        ),
        ({"contract": 5, "line": 3}, "Agreed: agreed by itself becomes under line 3 of C-1.", False),
    ],
)
def test_each_thing_said_otherwise_is_one_sentence(said: dict[str, Any], words: str, lowers: bool) -> None:
    assert changed(**said) == [(words, lowers)]


def test_what_is_taken_and_what_is_added_are_told_apart() -> None:
    told = changed(scope=Scope(locations=frozenset({2})))
    assert told == [("Places: no longer on Graz. That is less.", True), ("Places: also on Linz.", False)]


def test_a_contract_that_ends_sooner_is_a_lowering() -> None:
    told = changed(contract=5, contract_ends_at=datetime(2026, 6, 1, tzinfo=UTC))
    assert ("Lasts: through 28 February 2027 (UTC) becomes until 2026. It ends sooner.", True) in told


percents = st.none() | st.integers(0, 100)
scopes = st.builds(
    Scope,
    locations=st.frozensets(st.integers(1, 3)),
    assets=st.frozensets(st.integers(1, 3)),
    channels=st.frozensets(st.sampled_from(["phone", "email", "chat"])),
)
drafts = st.builds(
    lambda shares, **rest: replace(
        BASE, shares={a: p for a, p in zip(SHARES, shares, strict=True) if p is not None}, **rest
    ),
    shares=st.tuples(percents, percents, percents),
    tier=st.sampled_from(["", "silver", "gold"]),
    ends_at=st.sampled_from([None, END, LATER]),
    visits_a_year=st.integers(0, 5),
    children=st.booleans(),
    counted=st.booleans(),
    priority=st.none() | st.integers(1, 9),
    scope=scopes,
)


@given(drafts)
def test_nothing_is_otherwise_than_itself(draft: CoverDraft) -> None:
    assert cover_difference(draft, draft, was=NAMED, becomes=NAMED) == ()
    assert parse_draft(plain_draft(draft)) == draft


@given(drafts, drafts)
def test_what_gives_no_less_there_and_back_differs_in_its_place_alone(one: CoverDraft, other: CoverDraft) -> None:
    there = cover_difference(one, other, was=NAMED, becomes=NAMED)
    back = cover_difference(other, one, was=NAMED, becomes=NAMED)
    assert bool(there) == bool(back)
    if not say_lowerings(there) and not say_lowerings(back):
        assert {one.where for one in there} <= {"priority"}


@given(drafts, drafts)
def test_what_bears_less_of_anything_is_never_missed(one: CoverDraft, other: CoverDraft) -> None:
    lowered = {each.where for each in cover_difference(one, other, was=NAMED, becomes=NAMED) if each.lowers}
    for aspect in SHARES:
        had, has = one.shares.get(aspect), other.shares.get(aspect)
        assert (aspect.value in lowered) == (had is not None and (has is None or has < had))


@pytest.mark.parametrize(
    ("at", "place"),
    [
        (datetime(2026, 2, 28, tzinfo=UTC), CoverPlace.TO_COME),
        (START, CoverPlace.IN_FORCE),
        (END, CoverPlace.ENDED),  # the end is exclusive
    ],
)
def test_where_it_stands_is_read_from_its_days(at: datetime, place: CoverPlace) -> None:
    assert place_at(BASE.window, at) is place
    assert place_at(replace(BASE, ends_at=START).window, at) is CoverPlace.CALLED_OFF
