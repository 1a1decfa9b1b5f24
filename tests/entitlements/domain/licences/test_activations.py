"""Places: who has one, in whatever order they came, fell silent and left."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.domain.licences.activations import (
    ActivationFact,
    Place,
    UnfitFingerprint,
    has_room,
    most_places,
    normalised,
    place_of,
    taking,
)
from entitlements.domain.licences.policy import BoundTo, Overage
from tests.conftest import AT

HOUR = timedelta(hours=1)
NAMES = ["a", "b", "c", "d", "e", "f"]


def active(name: str, *, ago: int, heard: int | None = None, order: int = 0) -> ActivationFact:
    """Activated so many minutes ago, and heard of so many minutes ago."""
    since = AT - timedelta(minutes=ago)
    return ActivationFact(name, since, since if heard is None else AT - timedelta(minutes=heard), order)


def places(
    facts: list[ActivationFact], limit: int | None, overage: Overage = Overage.NONE, heartbeat: timedelta | None = None
) -> dict[str, Place]:
    told = {"limit": limit, "overage": overage, "heartbeat": heartbeat, "at": AT}
    return {name: place_of(name, facts, **told) for name in sorted({one.fingerprint for one in facts} | {"z"})}


def test_places_are_held_in_the_order_they_were_taken() -> None:
    facts = [active("c", ago=1), active("a", ago=9), active("b", ago=5)]
    assert places(facts, 2) == {"a": Place.WITHIN, "b": Place.WITHIN, "c": Place.BEYOND, "z": Place.NONE}
    assert places(facts, 2, Overage.HALF)["c"] is Place.OVER
    assert set(places(facts, None).values()) == {Place.WITHIN, Place.NONE}


def test_a_silent_one_gives_its_place_free() -> None:
    facts = [active("a", ago=90, heard=61), active("b", ago=80, heard=59), active("c", ago=10)]
    assert places(facts, 2, heartbeat=HOUR) == {
        "a": Place.LOST, "b": Place.WITHIN, "c": Place.WITHIN, "z": Place.NONE,
    }  # fmt: skip
    exactly = [active("a", ago=90, heard=60)]
    assert places(exactly, 1, heartbeat=HOUR)["a"] is Place.LOST


@pytest.mark.parametrize(
    ("overage", "most"), [("none", 5), ("quarter", 6), ("half", 7), ("double", 10), ("always", None)]
)
def test_overage_lets_in_so_many_more(overage: str, most: int | None) -> None:
    assert most_places(5, Overage(overage)) == most
    assert most_places(None, Overage(overage)) is None


MOVES = st.lists(st.tuples(st.sampled_from(["come", "leave", "beat", "wait"]), st.sampled_from(NAMES)), max_size=40)


def moved(facts: dict[str, ActivationFact], move: str, name: str, number: int, told: dict[str, Any]) -> None:
    """As actions/licences/activating.py does it: one who comes and has no place needs room."""
    place, now = place_of(name, facts.values(), **told), told["at"]
    match move:
        case "come" if place in {Place.NONE, Place.LOST} and has_room(facts.values(), **told):
            facts[name] = ActivationFact(name, now, now, number)
        case "beat" if place in {Place.WITHIN, Place.OVER}:
            facts[name] = ActivationFact(name, facts[name].activated_at, now, facts[name].order)
        case "leave":
            facts.pop(name, None)


@given(MOVES, st.integers(0, 4), st.sampled_from([Overage.NONE, Overage.HALF, Overage.DOUBLE]), st.booleans())
def test_in_any_order_never_more_than_may_be(
    moves: list[tuple[str, str]], limit: int, overage: Overage, heard: bool
) -> None:
    heartbeat, facts = HOUR if heard else None, dict[str, ActivationFact]()
    most = most_places(limit, overage)
    assert most is not None
    for number, (move, name) in enumerate(moves):
        now = AT + number * timedelta(minutes=25)
        told = {"limit": limit, "overage": overage, "heartbeat": heartbeat, "at": now}
        moved(facts, move, name, number, told)
        held = taking(facts.values(), heartbeat=heartbeat, at=now)
        assert len(held) <= most
        found = [place_of(one, facts.values(), **told) for one in NAMES]
        assert found.count(Place.WITHIN) == min(limit, len(held))
        assert found.count(Place.WITHIN) + found.count(Place.OVER) == len(held)


@given(st.permutations(NAMES), st.integers(0, 6), st.sampled_from(list(Overage)))
def test_the_order_of_rows_decides_nothing(names: list[str], limit: int, overage: Overage) -> None:
    facts = [active(name, ago=NAMES.index(name)) for name in names]
    assert places(facts, limit, overage) == places(sorted(facts, key=lambda one: one.fingerprint), limit, overage)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("example.com", "example.com"),
        (" Example.COM. ", "example.com"),
        ("www.example.com", "example.com"),
        ("WWW.Example.com", "example.com"),
        ("shop.example.com", "shop.example.com"),
        ("www.com", "www.com"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("XN--MNCHEN-3YA.de", "xn--mnchen-3ya.de"),
    ],
)
def test_a_domain_is_the_same_however_it_is_written(typed: str, kept: str) -> None:
    assert normalised(typed, bound_to=BoundTo.DOMAIN) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "example.com:8080", "https://example.com", "example.com/shop", "*.example.com", "a@example.com",
        "localhost", "10.0.0.7", "[::1]", "exa mple.com", "-a.com", "a-.com", ".com", "a..com", "x" * 64 + ".com",
        ".".join(["long"] * 60), "a\x00.com", "\ud800.com",
    ],
)  # fmt: skip
def test_what_is_no_domain(typed: str) -> None:
    with pytest.raises(UnfitFingerprint):
        normalised(typed, bound_to=BoundTo.DOMAIN)


def test_a_device_is_named_as_the_software_does() -> None:
    assert normalised(" PLC-7F3A ", bound_to=BoundTo.DEVICE) == "PLC-7F3A"
    for typed in ("", "a\nb", "x" * 201, "a\x00"):
        with pytest.raises(UnfitFingerprint):
            normalised(typed, bound_to=BoundTo.INSTANCE)


@given(st.text(max_size=250), st.sampled_from(list(BoundTo)))
def test_whatever_is_typed_is_a_place_or_refused_and_stays_what_it_is(typed: str, bound_to: BoundTo) -> None:
    try:
        once = normalised(typed, bound_to=bound_to)
    except UnfitFingerprint:
        return
    assert normalised(once, bound_to=bound_to) == once


def test_a_heartbeat_counts_from_its_instant() -> None:
    at: datetime = AT
    fact = ActivationFact("a", at - 2 * HOUR, at - HOUR)
    assert taking([fact], heartbeat=HOUR, at=at - timedelta(seconds=1)) == [fact]
    assert taking([fact], heartbeat=HOUR, at=at) == []
