"""Whatever is heard in whatever order: done, there is nothing left to do, and every instant is as it should be."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from entitlements.domain.billed.deciding import decide
from entitlements.domain.billed.life import NOTHING_OWED, state_now
from entitlements.domain.billed.steps import Decided, Held, RecordPeriod
from entitlements.domain.billed.told import Billed
from tests.conftest import EXAMPLES
from tests.entitlements.domain.billed.applied import Desk
from tests.entitlements.domain.billed.slow_billing import should
from tests.entitlements.domain.billed.strategies import LAST, Deed, billings, deeds, done
from tests.entitlements.domain.billed.told import NOW, SOLD, TRIAL, billed, comes, day, item

MANY = settings(max_examples=20 * EXAMPLES)
HOURS = timedelta(hours=6)
INSTANTS = [day(n / 4) for n in range(4 * (LAST + 9))]
gaps = st.sampled_from((0, 0, 1, 1, 2, 4, 9))
histories = st.lists(st.tuples(gaps, billings() | deeds), min_size=1, max_size=6)


def as_of(told: Billed, at: datetime) -> Billed:
    """Nothing has ended before it ends."""
    return replace(told, ended_at=min(told.ended_at, at)) if told.ended_at else told


def follow(desk: Desk, told: Billed, at: datetime) -> Decided:
    decided = decide(told, desk.held(at), sold=SOLD, at=at)
    desk.do(decided.steps, at)
    return decided


def edges(told: Billed, desk: Desk) -> set[datetime]:
    """Every instant at which anything begins or ends, and the moment before it."""
    said = {told.ends_at, told.ended_at, told.trial_ends_at, *(one.at for one in told.comes)}
    found = {one for one in said if one is not None} | (desk.edges() if desk.lives else set())
    return {moment for one in found for moment in (one - datetime.resolution, one)}


def wrong(desk: Desk, told: Billed, before: Held | None, at: datetime) -> list:
    """Every instant from now on at which it is not as it should be."""
    found = []
    for then in sorted({at, day(99), *(one for one in edges(told, desk) if one >= at)}):
        have, phase = desk.stands(then)
        want, phases = should(told, before, sold=SOLD, at=at, then=then)
        if have != want or (have and phase not in phases):
            found.append((then, have, phase, want, phases))
    return found


def is_running(desk: Desk, at: datetime) -> bool:
    ours = desk.held(at)
    return ours is not None and not ours.is_over(at=at)


def heard(desk: Desk, history: list, at: datetime = NOW) -> tuple[datetime, Billed | None]:
    """The desk after a history of what was heard and done; the instant, and what was heard last."""
    told = None
    for gap, one in history:
        at += gap * HOURS
        if isinstance(one, Deed):
            done(desk, one, at)
        else:
            told = as_of(one, at)
            follow(desk, told, at)
    return at, told


@MANY
@given(histories, gaps, billings())
def test_every_instant_to_come_is_as_it_should_be(history: list, gap: int, told: Billed) -> None:
    desk = Desk()
    at = heard(desk, history)[0] + gap * HOURS
    before, told = desk.held(at), as_of(told, at)
    follow(desk, told, at)
    assert wrong(desk, told, before, at) == []


@MANY
@given(histories, gaps, billings())
def test_decided_again_there_is_nothing_left(history: list, gap: int, told: Billed) -> None:
    desk = Desk()
    at = heard(desk, history)[0] + gap * HOURS
    told = as_of(told, at)
    follow(desk, told, at)
    assert decide(told, desk.held(at), sold=SOLD, at=at).steps == ()


@MANY
@given(histories, billings(), st.lists(gaps, min_size=1, max_size=5))
def test_heard_again_later_there_is_nothing_left_but_time_that_passed(history: list, told: Billed, later: list) -> None:
    """What was said of an instant holds from then on: hearing it again when that has come changes nothing that is had."""
    desk = Desk()
    at = heard(desk, history)[0]
    told = as_of(told, at)
    follow(desk, told, at)
    assume(is_running(desk, at) or not told.comes)  # what holds nothing yet begins when it is heard of again
    for gap in later:
        at += gap * HOURS
        had = [desk.stands(then) for then in INSTANTS if then >= at]
        follow(desk, told, at)
        now = [desk.stands(then) for then in INSTANTS if then >= at]
        assert [bag for bag, _ in had] == [bag for bag, _ in now]


# A desk on whose days of access staff ended the item, and one on which nobody did; the billing is over in both.
ENDED_HERE = [(0, billed(item("pro", 2), ends_at=day(0.1))), (0, Deed("end_item", 1))]


@MANY
@example(ENDED_HERE, Random(1), replace(billed(ends_at=day(0.1), state=TRIAL), items=()))
@given(histories, st.randoms(use_true_random=False), billings())
def test_in_any_order_and_any_number_they_end_as_the_last(history: list, drawn: object, told: Billed) -> None:
    """The last look is the last ticket, whatever was seen before it, however often.

    Where it says that all is over, days of access that the desk agreed to give still stand, with what the desk held
    when they began; each desk's own, they are no part of what the billing says.
    """
    one, other = Desk(), Desk()
    at = heard(one, history)[0] + HOURS
    mixed = [entry for entry in history for _ in range(drawn.randint(0, 3)) if not isinstance(entry[1], Deed)]  # type: ignore[attr-defined]
    drawn.shuffle(mixed)  # type: ignore[attr-defined]
    at = max(at, heard(other, mixed)[0] + HOURS)
    afters, told = [], as_of(told, at)
    for desk in (one, other):
        before = desk.held(at)
        follow(desk, told, at)
        assert wrong(desk, told, before, at) == []
        afters.append([desk.stands(then)[0] for then in INSTANTS if then >= at])
    if all(is_running(desk, at) for desk in (one, other)) and state_now(told, None, at=at) not in NOTHING_OWED:
        assert afters[0] == afters[1]


@MANY
@given(histories)
def test_what_was_answered_until_now_stays_true(history: list) -> None:
    """What was held when, of which plan and how many, is never written anew."""
    desk, at, was = Desk(), NOW, {}
    for gap, one in history:
        at += gap * HOURS
        for then in INSTANTS:
            if then < at:
                was.setdefault(then, desk.stands(then)[0])
        heard(desk, [(0, one)], at)
        assert {then: desk.stands(then)[0] for then in was} == was


@MANY
@given(histories, billings())
def test_steps_are_in_an_order_in_which_they_can_be_done(history: list, told: Billed) -> None:
    """The desk in memory refuses what can't be done; a period is told at most once, and nothing twice."""
    desk = Desk()
    at, _ = heard(desk, history)
    decided = follow(desk, told, at)
    assert max(Counter(map(repr, decided.steps)).values(), default=1) == 1
    assert sum(isinstance(step, RecordPeriod) for step in decided.steps) <= 1


@MANY
@given(histories)
@example([(0, billed(item("pro"), comes=(comes(10, item()),)))])
def test_nothing_of_a_price_that_nobody_linked_is_ever_held(history: list) -> None:
    desk = Desk()
    heard(desk, history)
    plans = {plan for then in INSTANTS for plan, _, _ in desk.stands(then)[0]}
    assert plans <= {sold.plan for sold in SOLD.values()}
