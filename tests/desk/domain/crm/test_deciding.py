"""What is done about a deal: every state of it against everything that may have been made of it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.crm.deciding import Amend, Conclude, Decided, EndContract, Extend, Made, TakeBack, after, decide
from desk.domain.crm.findings import CrmFindingKind
from desk.domain.crm.told import DealState
from desk.domain.crm.wanted import UNSAID, Agreed, Extension, Fault, PlanPromise, Promise, Wanted
from tests.desk.domain.crm.deals import deal, line

ONE, TWO = Promise("team:l1", PlanPromise("team", 5)), Promise("team:l2", PlanPromise("team", 1))
FIVE_MORE = replace(ONE, what=PlanPromise("team", 10))
FIRST = date(2026, 3, 1)
YEAR, WEEK = Agreed(FIRST, 12), Extension("longer", days=7)
TODAY = FIRST


def decided(found: Wanted, made: Made | None = None, *, account: str = "acme", doubt: str = "", **more: Any) -> Decided:
    return decide(deal(**more), found, made or Made(), account=account, today=TODAY, doubt=doubt)


def made_of(*promises: Promise, **more: Any) -> Made:
    return Made({one.key: one for one in promises}, account="acme", **more)


def test_a_won_deal_becomes_a_contract_and_heard_of_again_nothing():
    found = Wanted((ONE, TWO), agreed=YEAR)
    assert decided(found).steps == (Conclude((ONE, TWO), YEAR),)
    assert decided(found, made_of(ONE, TWO, agreed=YEAR)) == Decided()


def test_an_amended_deal_changes_what_it_changed_and_leaves_the_rest_alone():
    steps = decided(Wanted((FIVE_MORE, TWO)), made_of(ONE, Promise("gone:l9", PlanPromise("pro", 1)))).steps
    assert steps == (Amend((TWO,), (FIVE_MORE,), ("gone:l9",), UNSAID),)


def test_other_terms_alone_are_an_amendment():
    found = Wanted((ONE,), agreed=replace(YEAR, months=24))
    assert decided(found, made_of(ONE, agreed=YEAR)).steps == (Amend((), (), (), found.agreed),)


@pytest.mark.parametrize(
    ("was", "becomes", "begun", "signed", "anew"),
    [
        (0, -5, True, True, False),  # it runs already, and is counted from another day
        (5, 9, False, True, True),
        (5, -2, False, True, True),  # it begins now, no amendment can
        (5, 9, False, False, False),  # nobody has signed it yet
        (5, 5, False, True, False),
    ],
)
def test_a_contract_that_begins_on_another_day_is_concluded_anew_where_no_amendment_can_say_so(
    was, becomes, begun, signed, anew
):
    agreed = [replace(YEAR, first_day=FIRST + timedelta(days=days)) for days in (was, becomes)]
    made = made_of(ONE, TWO, agreed=agreed[0], begun=begun, signed=signed)
    steps = decided(Wanted((FIVE_MORE, TWO), agreed=agreed[1]), made).steps
    if anew:
        assert steps == (
            EndContract("The deal Big one begins on another day"), Conclude((FIVE_MORE, TWO), agreed[1])
        )  # fmt: skip
    else:
        assert steps == (Amend((), (FIVE_MORE,), (), agreed[1]),)


def test_what_runs_is_never_ended_by_a_first_day_to_come_and_a_person_is_told():
    later = replace(YEAR, first_day=FIRST + timedelta(days=5))
    answer = decided(Wanted((FIVE_MORE,), WEEK, later), made_of(ONE, TWO, agreed=YEAR))
    assert answer.steps == ()
    assert answer.refused.startswith(
        "The deal begins on 6 March 2026 by now, and its contract has run since 1 March 2026."
    )
    assert answer.told[-1].waits == Amend((), (FIVE_MORE,), ("team:l2",), later)
    unsaid = decided(Wanted((ONE,), agreed=later), made_of(ONE))
    assert "its contract runs already" in unsaid.refused


def test_what_runs_ends_all_the_same_where_the_deal_promises_nothing_or_is_anothers():
    later = replace(YEAR, first_day=FIRST + timedelta(days=5))
    (step,) = decided(Wanted(agreed=later), made_of(ONE, agreed=YEAR)).steps
    assert isinstance(step, EndContract)
    steps = decided(Wanted((ONE,), agreed=later), made_of(ONE, agreed=YEAR), account="beta").steps
    assert [type(step) for step in steps] == [EndContract, Conclude]


@pytest.mark.parametrize(("days", "anew"), [(-1, False), (0, False), (1, True), (9, True)])
def test_one_that_has_ended_is_concluded_anew_behind_its_end(days, anew):
    made = made_of(ONE, agreed=replace(YEAR, first_day=FIRST - timedelta(days=30)), ended=FIRST)
    steps = decided(Wanted((ONE,), agreed=replace(YEAR, first_day=FIRST + timedelta(days=days))), made).steps
    assert [type(step) for step in steps] == ([EndContract, Conclude] if anew else [Amend])


@pytest.mark.parametrize("state", [DealState.OPEN, DealState.LOST, DealState.GONE])
def test_a_deal_that_is_no_longer_won_ends_exactly_what_it_made(state):
    why = f"The deal Big one is {state.words.lower()}"
    steps = decided(Wanted((ONE,)), made_of(ONE, extension=WEEK), state=state).steps
    assert steps == (TakeBack(WEEK, why), EndContract(why))
    assert decided(Wanted((ONE,)), state=state) == Decided()


def test_ended_and_won_again_it_becomes_a_new_contract():
    assert decided(Wanted((ONE,)), Made()).steps == (Conclude((ONE,), UNSAID),)


def test_a_deal_that_promises_nothing_any_more_ends_its_contract():
    (step,) = decided(Wanted(), made_of(ONE)).steps
    assert isinstance(step, EndContract)


def test_what_is_sold_and_mapped_no_more_goes_on_as_it_was_agreed():
    answer = decided(Wanted(unmapped=(line("l1"),)), made_of(ONE, agreed=YEAR))
    assert answer.steps == ()
    assert answer.told[0].kind is CrmFindingKind.UNMAPPED
    (step,) = decided(Wanted((TWO,), agreed=YEAR, unmapped=(line("l1"),)), made_of(ONE, agreed=YEAR)).steps
    assert step == Amend((TWO,), (), (), YEAR)


def test_another_longer_trial_says_what_it_was():
    other = Extension("longer", days=14)
    assert decided(Wanted(extension=other), made_of(extension=WEEK)).steps == (Extend(other, was=WEEK),)
    assert decided(Wanted(extension=replace(WEEK, key="other")), made_of(extension=WEEK)) == Decided()
    (step,) = decided(Wanted(), made_of(extension=WEEK)).steps
    assert isinstance(step, TakeBack)


def test_a_deal_of_another_company_ends_with_the_one_and_begins_with_the_other():
    steps = decided(Wanted((ONE,), WEEK, YEAR), made_of(ONE, agreed=YEAR, extension=WEEK), account="beta").steps
    assert [type(step) for step in steps] == [TakeBack, EndContract, Extend, Conclude]


@pytest.mark.parametrize(
    ("found", "more", "kind", "says"),
    [
        (Wanted((ONE,), faults=(Fault("team", "Team", "no number"),)), {}, "unread", "Team: no number"),
        (Wanted((ONE,)), {"account": "", "doubt": "Nobody knows."}, "whose", "Nobody knows."),
    ],
)
def test_in_doubt_nothing_is_done_and_a_person_is_told(found, more, kind, says):
    answer = decided(found, made_of(ONE), **more)
    assert answer.steps == ()
    assert [(one.kind, one.words) for one in answer.told] == [(kind, says)]


def test_what_nobody_mapped_is_told_beside_what_is_done():
    answer = decided(Wanted((ONE,), unmapped=(line(product="MUG"),)))
    assert len(answer.steps) == 1
    assert [one.words for one in answer.told] == ["5 × MUG was sold, and the mapping makes nothing of it."]


PROMISES = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3)).map(
    lambda found: {key: Promise(key, PlanPromise("team", number)) for key, number in found.items()}
)
EXTENSIONS = st.none() | st.builds(Extension, st.just("longer"), st.integers(1, 3))
TERMS = st.sampled_from([UNSAID, YEAR, replace(YEAR, first_day=FIRST + timedelta(days=3)), replace(YEAR, months=24)])


def applied(made: Made, steps: Any) -> Made:
    for step in steps:
        match step:
            case Conclude():
                assert not made.promises
            case Amend(_, change, remove, _):
                assert {*remove, *(one.key for one in change)} <= {*made.promises}
            case EndContract():
                assert made.promises
            case Extend(_, was):
                assert was == made.extension
            case TakeBack(extension):
                assert made.extension == extension
        made = after(made, step)
    return made


@given(PROMISES, PROMISES, TERMS, TERMS, EXTENSIONS, EXTENSIONS, st.sampled_from(DealState), st.booleans())
def test_carried_out_there_is_what_the_deal_says_and_nothing_left_to_do(
    was, is_, before, then_, had, has, state, moved
):
    found = Wanted(tuple(is_.values()), has, then_ if is_ else UNSAID)
    made = Made(was, before if was else UNSAID, extension=had, account="beta" if moved else "acme")
    answer = decided(found, made, state=state)
    if answer.refused:
        assert answer.steps == ()
        return
    then = replace(applied(made, answer.steps), account="acme")
    won = state is DealState.WON
    assert then.promises == (is_ if won else {})
    assert then.extension == (has if won else None)
    assert decided(found, then, state=state).steps == ()


def test_while_a_part_cannot_be_read_nothing_is_done_of_what_could_be():
    fault = Fault("disk", "DISK", "It is no amount.")
    found = decided(Wanted((ONE, TWO), extension=WEEK, agreed=YEAR, faults=(fault,)), made_of(ONE, agreed=YEAR))
    assert (found.steps, len(found.told)) == ((), 1)


def test_each_line_that_cannot_be_read_is_told_by_itself():
    faults = tuple(Fault("disk", about, "It is no amount.") for about in ("Disk", "Second disk"))
    told = decided(Wanted(faults=faults)).told
    assert len({(one.kind, one.about) for one in told}) == 2


def test_on_the_day_that_a_deal_was_put_off_to_its_contract_is_amended():
    before, then = replace(YEAR, first_day=FIRST - timedelta(days=30)), replace(YEAR, first_day=TODAY)
    assert decided(Wanted((ONE,), agreed=then), made_of(ONE, agreed=before)) == Decided((Amend((), (), (), then),))
    tomorrow = replace(YEAR, first_day=TODAY + timedelta(days=1))
    assert decided(Wanted((ONE,), agreed=tomorrow), made_of(ONE, agreed=before)).steps == ()


def test_one_whose_lines_were_all_sold_anew_is_amended_and_not_ended():
    found = Wanted((TWO,), agreed=YEAR)
    assert decided(found, made_of(ONE, agreed=YEAR)).steps == (Amend((TWO,), (), ("team:l1",), YEAR),)


def test_of_the_deal_as_a_whole_each_rule_speaks_for_itself():
    was, becomes = Promise("team", PlanPromise("team", 5)), Promise("extra", PlanPromise("extra", 1))
    (step,) = decided(Wanted((becomes,), agreed=YEAR), made_of(was, agreed=YEAR)).steps
    assert step == Amend((becomes,), (), ("team",), YEAR)


def test_what_was_taken_out_or_ended_is_made_of_it_no_more():
    made = made_of(ONE, TWO, agreed=YEAR)
    assert after(made, Amend((), (FIVE_MORE,), ("team:l2",), YEAR)).promises == {"team:l1": FIVE_MORE}
    ended = after(made, EndContract("Lost"))
    assert (ended.promises, ended.agreed) == ({}, UNSAID)
