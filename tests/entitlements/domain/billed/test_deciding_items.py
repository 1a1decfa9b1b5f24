"""Which items are held: by their own ids, what is linked, what a schedule brings. A line of a table is a case."""

from dataclasses import replace

import pytest

from entitlements.domain.billed.deciding import decide
from entitlements.domain.billed.steps import Become, CallOff, Give, Sold, Start, Step, Take, Unlinked
from entitlements.domain.billed.told import Billed
from tests.entitlements.domain.billed.told import (
    EXTRA,
    NOW,
    PRO,
    SOLD,
    TEAM,
    TEAM_YEARLY,
    billed,
    comes,
    day,
    held,
    item,
    mine,
    planned,
)

UNKNOWN = item("unknown", 3, id="si_9")


def steps(told: Billed, ours: object) -> list[Step]:
    return list(decide(told, ours, sold=SOLD, at=NOW).steps)  # type: ignore[arg-type]


def test_what_is_held_as_it_is_billed_needs_nothing() -> None:
    assert steps(billed(), held()) == []


@pytest.mark.parametrize(
    ("price", "quantity", "becomes"),
    [
        ("pro", 1, Become(7, "si_1", PRO, 1)),
        ("team_yearly", 1, Become(7, "si_1", TEAM_YEARLY, 1)),
        ("team", 5, Become(7, "si_1", TEAM, 5)),
        ("pro", 5, Become(7, "si_1", PRO, 5)),
        ("extra", 1, Become(7, "si_1", EXTRA, 1)),
    ],
)
def test_an_item_keeps_its_id_and_becomes_something_else(price: str, quantity: int, becomes: Step) -> None:
    assert steps(billed(item(price, quantity)), held()) == [becomes]


@pytest.mark.parametrize(
    ("plan", "interval", "quantity"),
    [("team", "month", 2), ("team", "year", 1), ("pro", "month", 1), ("team", "", 1)],
)
def test_any_difference_of_plan_interval_or_quantity_is_one(plan: str, interval: str, quantity: int) -> None:
    ours = replace(mine(), plan=plan, interval=interval, quantity=quantity)
    assert steps(billed(), held(ours)) == [Become(7, "si_1", TEAM, 1)]


def test_another_item_of_the_same_plan_is_held_beside_it() -> None:
    both = billed(item(), item("team_yearly", 2, id="si_2"))
    assert steps(both, held()) == [Give("si_2", TEAM_YEARLY, 2)]


def test_an_item_that_is_billed_no_longer_is_taken() -> None:
    assert steps(billed(), held(mine(), mine(EXTRA, id="si_2", key=8))) == [Take(8, id="si_2")]


def test_what_is_given_comes_before_what_is_taken() -> None:
    swapped = billed(item("pro", id="si_2"), item("extra", 4, id="si_3"))
    ours = held(mine(), mine(EXTRA, id="si_3", key=8))
    assert steps(swapped, ours) == [Become(8, "si_3", EXTRA, 4), Give("si_2", PRO, 1), Take(7, id="si_1")]


def test_plans_begin_before_add_ons() -> None:
    told = billed(item("extra", 2, id="si_2"), item("pro", id="si_3"))
    assert steps(told, None) == [Start((Give("si_3", PRO, 1), Give("si_2", EXTRA, 2)), None, False)]


@pytest.mark.parametrize("until", [0.5, 1, 400])
def test_what_was_to_end_here_goes_on_while_it_is_billed(until: float) -> None:
    assert steps(billed(), held(mine(until=until))) == [Become(7, "si_1", TEAM, 1)]


def test_what_has_ended_here_is_given_anew() -> None:
    assert steps(billed(), held(mine(until=0))) == [Give("si_1", TEAM, 1)]
    assert steps(billed(), held(mine(until=-3))) == [Give("si_1", TEAM, 1)]


def test_of_two_that_are_held_under_one_id_the_first_stays() -> None:
    assert steps(billed(), held(mine(), mine(PRO, key=8, since=-1))) == [Take(8, id="si_1")]


# Unlinked ---------------------------------------------------------------------------------------------------------
NAMED = Unlinked("price_unknown", "prod_unknown", "unknown", 3)


def test_a_price_that_nobody_linked_gives_nothing_and_is_named() -> None:
    decided = decide(billed(item(), UNKNOWN), held(), sold=SOLD, at=NOW)
    assert (decided.steps, decided.unlinked) == ((), (NAMED,))


def test_the_other_items_are_held_all_the_same() -> None:
    decided = decide(billed(UNKNOWN, item("pro", id="si_2")), None, sold=SOLD, at=NOW)
    assert decided.steps == (Start((Give("si_2", PRO, 1),), None, False),)
    assert decided.unlinked == (NAMED,)


def test_of_unlinked_prices_alone_nothing_begins() -> None:
    decided = decide(billed(UNKNOWN), None, sold=SOLD, at=NOW)
    assert (decided.steps, decided.unlinked) == ((), (NAMED,))


def test_an_item_whose_price_is_linked_no_longer_is_taken() -> None:
    decided = decide(billed(replace(UNKNOWN, id="si_1")), held(), sold=SOLD, at=NOW)
    assert (decided.steps, decided.unlinked) == ((Take(7, id="si_1"),), (NAMED,))


def test_a_price_that_is_only_to_come_can_be_linked_before() -> None:
    decided = decide(billed(comes=(comes(5, item(), UNKNOWN),)), held(), sold=SOLD, at=NOW)
    assert (decided.steps, decided.unlinked) == ((), (NAMED,))


def test_a_price_is_named_once() -> None:
    told = billed(item(), UNKNOWN, comes=(comes(5, UNKNOWN), comes(9, replace(UNKNOWN, id="si_7"))))
    assert decide(told, None, sold=SOLD, at=NOW).unlinked == (NAMED,)


def test_once_it_is_linked_it_is_given() -> None:
    known = {**SOLD, "price_unknown": PRO}
    decided = decide(billed(item(), UNKNOWN), held(), sold=known, at=NOW)
    assert (decided.steps, decided.unlinked) == ((Give("si_9", PRO, 3),), ())


def test_none_of_a_price_gives_nothing_and_needs_nobody() -> None:
    decided = decide(billed(item(), item("extra", 0, id="si_2")), held(), sold=SOLD, at=NOW)
    assert (decided.steps, decided.unlinked) == ((), ())
    assert steps(billed(item(quantity=0)), held()) == [Take(7, id="si_1")]
    assert steps(billed(item(quantity=0)), None) == []


# A schedule ---------------------------------------------------------------------------------------------------------
DOWN = comes(10, item())
ON_PRO = mine(PRO)
UNTIL_DOWN = mine(PRO, until=10)


def test_what_a_schedule_brings_is_planned_as_of_its_instant() -> None:
    assert steps(billed(item("pro"), comes=(DOWN,)), held(ON_PRO)) == [Become(7, "si_1", TEAM, 1, day(10))]


@pytest.mark.parametrize(
    ("then", "step"),
    [
        ((item("pro", 4),), Become(7, "si_1", PRO, 4, day(10))),
        ((item("pro"), item("extra", 2, id="si_2")), Give("si_2", EXTRA, 2, day(10))),
        ((item("pro"), UNKNOWN), None),
        ((UNKNOWN,), Take(7, day(10), "si_1")),
        ((item("pro", 0),), Take(7, day(10), "si_1")),
        ((item("pro"),), None),
    ],
)
def test_item_by_item_it_plans_what_changes(then: tuple, step: Step | None) -> None:
    wanted = [] if step is None else [step]
    assert steps(billed(item("pro"), comes=(comes(10, *then),)), held(ON_PRO)) == wanted


def test_what_is_planned_already_needs_nothing() -> None:
    ours = held(UNTIL_DOWN, comes=(planned(10, TEAM),))
    assert steps(billed(item("pro"), comes=(DOWN,)), ours) == []


def test_what_the_schedule_brings_no_longer_is_called_off() -> None:
    ours = held(UNTIL_DOWN, comes=(planned(10, TEAM),))
    assert steps(billed(item("pro")), ours) == [CallOff(90)]


@pytest.mark.parametrize(
    ("now_comes", "anew"),
    [
        (comes(12, item()), Become(7, "si_1", TEAM, 1, day(12))),
        (comes(10, item("team_yearly")), Become(7, "si_1", TEAM_YEARLY, 1, day(10))),
        (comes(10, item(quantity=2)), Become(7, "si_1", TEAM, 2, day(10))),
        (comes(10, item("extra", id="si_2")), Give("si_2", EXTRA, 1, day(10))),
    ],
)
def test_what_comes_otherwise_is_called_off_and_planned_anew(now_comes, anew: Step) -> None:
    ours = held(UNTIL_DOWN, comes=(planned(10, TEAM),))
    done = steps(billed(item("pro"), comes=(now_comes,)), ours)
    assert done[:2] == [CallOff(90), anew]
    assert done[2:] == ([Take(7, day(10), "si_1")] if isinstance(anew, Give) else [])


def test_plans_are_appended_never_inserted() -> None:
    ours = held(UNTIL_DOWN, comes=(planned(10, TEAM), planned(20, TEAM_YEARLY, key=91)))
    told = billed(item("pro"), comes=(DOWN, comes(15, item(quantity=3)), comes(20, item("team_yearly"))))
    assert steps(told, ours) == [
        CallOff(91), Become(0, "si_1", TEAM, 3, day(15)), Become(0, "si_1", TEAM_YEARLY, 1, day(20)),
    ]  # fmt: skip


def test_what_agrees_again_after_a_difference_is_planned_anew_too() -> None:
    ours = held(UNTIL_DOWN, comes=(planned(10, TEAM), planned(20, PRO, key=91), planned(30, TEAM, 9, key=92)))
    told = billed(item("pro"), comes=(DOWN, comes(20, item("team_yearly")), comes(30, item(quantity=9))))
    assert steps(told, ours) == [
        CallOff(92), CallOff(91), Become(0, "si_1", TEAM_YEARLY, 1, day(20)), Become(0, "si_1", TEAM, 9, day(30)),
    ]  # fmt: skip


def test_the_last_planned_is_called_off_first() -> None:
    ours = held(UNTIL_DOWN, comes=(planned(10, TEAM), planned(20, PRO, key=91), planned(30, None, key=92)))
    assert steps(billed(item("pro")), ours) == [CallOff(92), CallOff(91), CallOff(90)]


def test_an_item_that_changes_now_is_planned_for_anew() -> None:
    ours = held(UNTIL_DOWN, comes=(planned(10, TEAM),))
    told = billed(item("pro", 5), comes=(DOWN,))
    assert steps(told, ours) == [CallOff(90), Become(7, "si_1", PRO, 5), Become(0, "si_1", TEAM, 1, day(10))]


def test_plans_for_one_item_leave_those_for_another() -> None:
    ours = held(UNTIL_DOWN, mine(EXTRA, id="si_2", key=8), comes=(planned(10, TEAM),))
    told = billed(item("pro"), item("extra", 6, id="si_2"), comes=(comes(10, item(), item("extra", 6, id="si_2")),))
    assert steps(told, ours) == [Become(8, "si_2", EXTRA, 6)]


def test_an_item_that_begins_to_come_may_change_later_still() -> None:
    two = comes(10, item("pro"), item("extra", id="si_2"))
    later = comes(20, item("pro"), item("extra", 9, id="si_2"))
    gone = comes(30, item("pro"))
    assert steps(billed(item("pro"), comes=(later, gone, two)), held(ON_PRO)) == [
        Give("si_2", EXTRA, 1, day(10)), Become(0, "si_2", EXTRA, 9, day(20)), Take(0, day(30), "si_2"),
    ]  # fmt: skip


def test_an_end_that_was_planned_here_stands_where_the_schedule_brings_it() -> None:
    told = billed(item(), item("extra", id="si_2"), comes=(comes(10, item()),))
    ours = held(mine(), mine(EXTRA, id="si_2", key=8, until=10), comes=(planned(10, None, id="si_2"),))
    assert steps(told, ours) == []


def test_an_end_without_a_plan_is_no_plan() -> None:
    told = billed(item(), item("extra", id="si_2"), comes=(comes(10, item()),))
    ours = held(mine(), mine(EXTRA, id="si_2", key=8, until=10))
    assert steps(told, ours) == [Become(8, "si_2", EXTRA, 1), Take(0, day(10), "si_2")]


def test_what_should_have_come_by_now_is_there() -> None:
    told = billed(item("pro"), comes=(comes(-0.01, item("team_yearly")), comes(-4, item())))
    assert steps(told, held(mine(TEAM_YEARLY))) == []
    assert steps(told, held(ON_PRO)) == [Become(7, "si_1", TEAM_YEARLY, 1)]


def test_what_comes_at_this_very_instant_is_there() -> None:
    assert steps(billed(item("pro"), comes=(comes(0, item()),)), held(ON_PRO)) == [Become(7, "si_1", TEAM, 1)]


@pytest.mark.parametrize(("leaves", "planned_then"), [(9, 0), (10, 0), (10.01, 1)])
def test_what_would_begin_after_it_was_left_never_does(leaves: float, planned_then: int) -> None:
    ours = held(ON_PRO, ends_at=day(leaves), leaves_at=day(leaves))
    assert len(steps(billed(item("pro"), ends_at=day(leaves), comes=(DOWN,)), ours)) == planned_then


def test_what_begins_is_planned_for_in_the_same_breath() -> None:
    told = billed(item("pro"), item("extra", id="si_2"), comes=(DOWN,))
    assert steps(told, None) == [
        Start((Give("si_1", PRO, 1), Give("si_2", EXTRA, 1)), None, False),
        Become(0, "si_1", TEAM, 1, day(10)),
        Take(0, day(10), "si_2"),
    ]


def test_a_change_that_has_come_is_none_to_call_off() -> None:
    assert steps(billed(), held(comes=(planned(0, PRO),))) == []


@pytest.mark.parametrize("sold", [TEAM, PRO, EXTRA, TEAM_YEARLY])
def test_what_a_price_stands_for_is_given_as_it_stands_for_it(sold: Sold) -> None:
    decided = decide(billed(item("new", 2)), None, sold={"price_new": sold}, at=NOW)
    assert decided.steps == (Start((Give("si_1", sold, 2),), None, False),)
