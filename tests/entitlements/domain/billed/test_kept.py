"""What somebody decided to keep is left out: just that, and only as long as the billing says the same."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.domain.billed.deciding import decide
from entitlements.domain.billed.kept import names_of, without_kept
from entitlements.domain.billed.steps import Become, CallOff, Give, Held, Step
from entitlements.domain.billed.told import Billed
from tests.entitlements.domain.billed.strategies import billings
from tests.entitlements.domain.billed.told import (
    EXTRA,
    PRO,
    SOLD,
    TEAM,
    billed,
    comes,
    day,
    held,
    item,
    mine,
    planned,
)


def steps(said: Billed, ours: Held | None) -> tuple[Step, ...]:
    return decide(said, ours, sold=SOLD, at=day(0)).steps


def names(said: Billed, ours: Held | None) -> tuple[str, ...]:
    return names_of(steps(said, ours), billed=said, held=ours)


def left(said: Billed, ours: Held | None, kept: tuple[str, ...]) -> tuple[Step, ...]:
    return without_kept(steps(said, ours), kept, billed=said, held=ours)


def test_what_is_kept_is_left_out_and_nothing_else() -> None:
    kept = names(billed(item(quantity=3)), held(mine(quantity=5)))
    both = billed(item(quantity=3), item("extra", id="si_2"))
    assert left(both, held(mine(quantity=5)), kept) == (Give("si_2", EXTRA, 1),)


def test_what_is_said_otherwise_counts_again() -> None:
    kept = names(billed(item(quantity=3)), held(mine(quantity=5)))
    assert left(billed(item(quantity=4)), held(mine(quantity=5)), kept) == (Become(7, "si_1", TEAM, 4),)


def test_what_we_have_otherwise_by_now_is_kept_all_the_same() -> None:
    kept = names(billed(item(quantity=3)), held(mine(quantity=5)))
    assert left(billed(item(quantity=3)), held(mine(quantity=8, key=70)), kept) == ()


def test_what_was_kept_from_beginning_takes_with_it_all_that_follows() -> None:
    said = billed(state=billed().state, ends_at=day(20))
    first = names(said, None)[:1]
    assert len(names(said, None)) > 1
    assert left(said, None, first) == ()


def test_what_is_planned_for_what_is_kept_stays_planned() -> None:
    said = billed(item(quantity=3), comes=(comes(5, item("pro")),))
    ours = held(mine(quantity=5, until=5), comes=(planned(5, PRO),))
    assert [type(step) for step in steps(said, ours)] == [CallOff, Become, Become]
    kept = names_of([Become(7, "si_1", TEAM, 3)], billed=said, held=ours)
    assert left(said, ours, kept) == ()


def test_what_is_planned_otherwise_is_planned_anew() -> None:
    said = billed(item(quantity=3), comes=(comes(6, item("pro")),))
    ours = held(mine(quantity=5, until=5), comes=(planned(5, PRO),))
    kept = names_of([Become(7, "si_1", TEAM, 3)], billed=said, held=ours)
    assert [type(step) for step in left(said, ours, kept)] == [CallOff, Become]


@given(said=billings(), quantity=st.integers(1, 3), paused=st.booleans())
def test_all_kept_nothing_is_left_and_none_kept_all_is(said: Billed, quantity: int, paused: bool) -> None:
    ours = replace(held(mine(quantity=quantity)), paused=paused)
    assert left(said, ours, names(said, ours)) == ()
    assert left(said, ours, ()) == steps(said, ours)


@pytest.mark.parametrize("kept", [("end",), ("resume", "paid")])
def test_what_was_kept_and_is_not_said_changes_nothing(kept: tuple[str, ...]) -> None:
    said, ours = billed(item(quantity=3)), held(mine())
    assert left(said, ours, kept) == steps(said, ours)
