"""Who holds a seat, and who would lose it: the same whatever the order of the rows, and never more than there are."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.values import UNLIMITED, Amount, Squeeze
from entitlements.domain.seats import (
    HOLDS,
    Place,
    SeatStanding,
    fold_holder,
    rank,
    squeezed_out,
    standing,
)

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
NEWEST, UNUSED = Squeeze.INVITED_THEN_NEWEST, Squeeze.LONGEST_UNUSED


def seat(pk: int, *, came: int, active: bool = True, protected: bool = False, there: int | None = None) -> Place:
    """`came` and `there` are days after Monday."""
    return Place(
        pk,
        active,
        protected,
        invited_at=MONDAY + came * DAY,
        activated_at=MONDAY + came * DAY if active else None,
        last_there=None if there is None else MONDAY + there * DAY,
    )


OWNER = seat(11, came=40, protected=True)
ANN, BOB = seat(12, came=0, there=1), seat(13, came=5, there=30)
CAS, GUEST = seat(14, came=9, there=10), seat(15, came=2, active=False)
TEAM = (OWNER, ANN, BOB, CAS, GUEST)

PLACES = st.lists(
    st.builds(
        seat,
        st.integers(2, 10**6),
        came=st.integers(0, 5),  # few days, so that many are alike
        active=st.booleans(),
        protected=st.booleans(),
        there=st.none() | st.integers(0, 9),
    ),
    max_size=12,
    unique_by=lambda place: place.id,
)
LIMITS = st.integers(-1, 13).map(Decimal) | st.just(UNLIMITED)


def losers(limit: int, rule: Squeeze) -> list[int]:
    return list(squeezed_out(TEAM, limit=Decimal(limit), rule=rule))


def test_whoever_was_invited_goes_first_then_the_newest_and_the_protected_last() -> None:
    assert losers(0, NEWEST) == [GUEST.id, CAS.id, BOB.id, ANN.id, OWNER.id]
    assert losers(3, NEWEST) == [GUEST.id, CAS.id]


def test_whoever_was_away_longest_goes_after_the_invited() -> None:
    assert losers(0, UNUSED) == [GUEST.id, ANN.id, CAS.id, BOB.id, OWNER.id]


def test_who_was_never_there_counts_from_when_they_came() -> None:
    silent = seat(16, came=20)
    assert squeezed_out([ANN, BOB, silent], limit=Decimal(1), rule=UNUSED) == (ANN.id, silent.id)


def test_where_all_is_equal_the_oldest_row_stays() -> None:
    alike = [seat(pk, came=1) for pk in (31, 29, 30)]
    assert squeezed_out(alike, limit=Decimal(1), rule=NEWEST) == (31, 30)


@pytest.mark.parametrize("limit", [Decimal(5), Decimal(6), UNLIMITED])
def test_nobody_loses_a_seat_where_there_are_enough(limit: Amount) -> None:
    assert set(standing(TEAM, limit=limit, rule=NEWEST).values()) == {SeatStanding(True, HOLDS)}


def test_the_words_say_how_many_are_taken_of_how_many() -> None:
    told = standing(TEAM, limit=Decimal(4), rule=NEWEST)
    assert told[GUEST.id] == SeatStanding(
        False, "squeezed out: 5 are taken of 4. Whoever was only invited loses it first, then whoever came last"
    )
    assert told[ANN.id] == SeatStanding(True, "holds a seat, though 5 are taken of 4")
    assert standing(TEAM, limit=Decimal(4), rule=Squeeze.KEEP)[GUEST.id].holds


@given(PLACES, LIMITS, st.sampled_from(Squeeze), st.randoms(use_true_random=False))
def test_any_order_of_the_rows_gives_the_same_answer(
    places: list[Place], limit: Amount, rule: Squeeze, chance: random.Random
) -> None:
    shuffled = list(places)
    chance.shuffle(shuffled)
    assert standing(places, limit=limit, rule=rule) == standing(shuffled, limit=limit, rule=rule)
    assert squeezed_out(places, limit=limit, rule=rule) == squeezed_out(shuffled, limit=limit, rule=rule)


@given(PLACES, LIMITS, st.sampled_from([NEWEST, UNUSED]))
def test_exactly_as_many_hold_as_there_are_seats(places: list[Place], limit: Amount, rule: Squeeze) -> None:
    told = standing(places, limit=limit, rule=rule)
    most = len(places) if limit is UNLIMITED else min(max(int(limit), 0), len(places))
    assert told.keys() == {place.id for place in places}
    assert sum(one.holds for one in told.values()) == most


@given(PLACES, LIMITS, st.sampled_from([NEWEST, UNUSED]))
def test_nobody_unprotected_stays_for_somebody_protected_nor_invited_for_active(
    places: list[Place], limit: Amount, rule: Squeeze
) -> None:
    told = standing(places, limit=limit, rule=rule)
    kept = [place for place in places if told[place.id].holds]
    for lost in (place for place in places if not told[place.id].holds):
        safer = (not lost.protected, not lost.active)
        assert all((not place.protected, not place.active) <= safer for place in kept)


@given(PLACES, st.integers(0, 12), st.sampled_from(Squeeze))
def test_one_seat_more_takes_nobody_s_seat(places: list[Place], limit: int, rule: Squeeze) -> None:
    fewer = squeezed_out(places, limit=Decimal(limit), rule=rule)
    more = squeezed_out(places, limit=Decimal(limit + 1), rule=rule)
    assert fewer[: len(more)] == more


@given(PLACES)
def test_keeping_squeezes_nobody_out(places: list[Place]) -> None:
    assert squeezed_out(places, limit=Decimal(0), rule=Squeeze.KEEP) == ()


def test_being_protected_beats_being_active() -> None:
    assert rank(replace(GUEST, protected=True), NEWEST) < rank(ANN, NEWEST)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        (" Ann@Acme.example ", "ann@acme.example"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("A\u0308nne", "\u00e4nne"),
    ],
)
def test_a_holder_is_found_however_the_name_is_typed(typed: str, folded: str) -> None:
    assert fold_holder(typed) == folded


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing_more(typed: str) -> None:
    assert fold_holder(fold_holder(typed)) == fold_holder(typed)
