"""What is true of every balance, whatever was granted, used and reset."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.domain.values import UNLIMITED
from entitlements.domain.credits.burning import Checkpoint
from entitlements.domain.credits.grants import Grant
from entitlements.domain.credits.ledger import totals
from entitlements.domain.credits.run import run
from entitlements.domain.credits.spelling import parse, spell
from tests.conftest import EXAMPLES
from tests.entitlements.domain.credits.oracle import simulate
from tests.entitlements.domain.credits.strategies import END, START, instants, stories

MANY = settings(max_examples=4 * EXAMPLES)
BEFORE = Checkpoint(START)


def left_in(checkpoint):
    return {key: held.left for key, held in checkpoint.held.items()}


@MANY
@given(stories())
def test_it_comes_to_what_a_plain_simulation_comes_to(story):
    found = run(*story, END, start=BEFORE)
    left, owed, fates = simulate(*story, END, START)
    assert (left_in(found.end), found.end.overage) == (left, owed)
    came = totals(found.movements)
    assert (came.used, came.expired, came.voided) == (fates["used"], fates["expired"], fates["voided"])


@MANY
@given(stories())
def test_what_was_granted_was_used_or_is_left_or_expired_or_was_voided_or_lost(story):
    found = run(*story, END, start=BEFORE)
    assert totals(found.movements).left == sum(left_in(found.end).values())
    assert sum(line.moves for line in found.movements) == found.end.balance


@MANY
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_matter_and_a_second_run_is_the_same(story, chance):
    first = run(*story, END, start=BEFORE)
    for rows in story:
        chance.shuffle(rows)
    again = run(*story, END, start=BEFORE)
    assert (again.end, again.movements) == (first.end, first.movements)


@MANY
@given(stories(), st.lists(instants, max_size=4))
def test_a_checkpoint_anywhere_in_between_changes_nothing(story, stops):
    whole, at, lines = run(*story, END, start=BEFORE), BEFORE, []
    for stop in [*sorted(stops), END]:
        part = run(*story, stop, start=at)
        at, lines = parse(spell(part.end)), [*lines, *part.movements]
    assert (left_in(at), at.overage, at.used) == (left_in(whole.end), whole.end.overage, whole.end.used)
    assert lines == list(whole.movements)


@MANY
@given(stories(), instants)
def test_what_is_used_is_taken_or_owed_and_never_lost(story, until):
    found = run(*story, until, start=BEFORE)
    of_events = {}
    for line in found.movements:
        if line.use:
            of_events[line.use] = of_events.get(line.use, 0) - line.amount
    assert of_events == {use.id: use.amount for use in story[1] if use.at < until}


@MANY
@given(stories())
def test_nothing_is_left_below_zero_and_nothing_owed_while_something_is_left(story):
    for segment in run(*story, END, start=BEFORE).segments:
        for stands in (segment.at_start, segment.at_end):
            assert all(left >= 0 for left in left_in(stands).values())
            assert stands.overage >= 0
            assert not (stands.overage and stands.left)


@MANY
@given(stories())
def test_without_a_limit_nothing_is_ever_owed(story):
    grants, uses, resets = story
    boundless = Grant("boundless", UNLIMITED, START + timedelta(microseconds=1), priority=255)
    found = run([*grants, boundless], uses, resets, END, start=BEFORE)
    assert (found.end.overage, found.end.left) == (0, UNLIMITED)
    assert all(line.grant == "boundless" for line in found.movements if line.use)  # and nothing else is used up
