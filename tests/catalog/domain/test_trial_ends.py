"""What a cell says of the end of a trial that nobody converts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.cells import UnreadableCell, read_cell
from catalog.domain.groups import read_group_cell, say_group_cell
from catalog.domain.term_facts import Verdict, verdicts
from catalog.domain.values import AtTrialEnd, Choice, TermState
from catalog.domain.version_diff import TermFacts, diff
from catalog.domain.words import say_cell
from tests.catalog.domain.shapes import CALLS, CDN, GREETING, MEMBERS, ROLES, SSO, STORAGE

FOR_A_WEEK = (AtTrialEnd.KEPT_FOR, 7)
IF_USED = (AtTrialEnd.KEPT_IF_USED, None)
ENDS = (AtTrialEnd.ENDS, None)


@pytest.mark.parametrize(
    ("shape", "text", "expected", "words"),
    [
        (STORAGE, "10 GB, kept 7 days after a trial", FOR_A_WEEK, "10 GB, kept 7 days after a trial"),
        (STORAGE, "10 GB; kept for 7 days after the trial.", FOR_A_WEEK, "10 GB, kept 7 days after a trial"),
        (STORAGE, "10 GB, kept 1 day after a trial", (AtTrialEnd.KEPT_FOR, 1), "10 GB, kept 1 day after a trial"),
        (STORAGE, "Unlimited, Kept 3,650 days after a trial", (AtTrialEnd.KEPT_FOR, 3650),
         "Unlimited, kept 3,650 days after a trial"),
        (SSO, "Included, kept after a trial if used", IF_USED, "Included, kept after a trial if used"),
        (SSO, "✓, kept after a trial if it was used", IF_USED, "Included, kept after a trial if used"),
        (MEMBERS, "5, soft limit, then $5 per member, kept 7 days after a trial", FOR_A_WEEK,
         "5, soft limit, then $5 per member, kept 7 days after a trial"),
        (CDN, "Smart CDN, kept 7 days after a trial", FOR_A_WEEK, "Smart CDN, kept 7 days after a trial"),
        (ROLES, "Owner, custom, kept after a trial if used", IF_USED, "Owner, custom, kept after a trial if used"),
        (GREETING, "Hello, kept 7 days after a trial", FOR_A_WEEK, "Hello, kept 7 days after a trial"),
        (GREETING, "Hello", ENDS, "Hello"),
        (CALLS, "5 a month", ENDS, "5 a month"),
    ],
)  # fmt: skip
def test_it_stands_last_in_a_cell_of_every_nature(shape, text, expected, words):
    reading = read_cell(text, shape=shape)
    assert (reading.at_trial_end, reading.kept_days) == expected
    assert reading.source_text == text
    assert say_cell(reading, shape=shape) == words


@pytest.mark.parametrize(
    ("shape", "text", "words"),
    [
        (STORAGE, "10 GB, kept after a trial", "not both, and not neither"),
        (STORAGE, "10 GB, kept 7 days after a trial if used", "not both, and not neither"),
        (STORAGE, "10 GB, kept 0 days after a trial", "for 1 to 3,650 days"),
        (STORAGE, "10 GB, kept 99999999999999999 days after a trial", "for 1 to 3,650 days"),
        (STORAGE, "no, kept 7 days after a trial", "Nothing is given here that could be kept"),
        (SSO, "Custom, kept after a trial if used", "Nothing is given here that could be kept"),
        (SSO, "sold as an add-on, kept after a trial if used", "Nothing is given here that could be kept"),
    ],
)
def test_what_cannot_be_kept_is_told(shape, text, words):
    with pytest.raises(UnreadableCell, match=words):
        read_cell(text, shape=shape)


def test_a_cell_that_is_left_open_keeps_all_its_words():
    reading = read_cell("to be settled: 10 GB, kept 7 days after a trial", shape=STORAGE)
    assert (reading.state, reading.at_trial_end) == (TermState.UNSETTLED, AtTrialEnd.ENDS)
    assert reading.source_text == "10 GB, kept 7 days after a trial"


def test_an_amount_that_is_not_understood_is_quoted_without_it():
    reading = read_cell("10 apples, kept 7 days after a trial", shape=CALLS)
    assert (reading.state, reading.unread) == (TermState.UNSETTLED, "apples")


@pytest.mark.parametrize("label", ["kept 7 days after a trial", "Gold, kept after a trial if used"])
def test_a_choice_that_is_called_so_stands_in_quotes(label):
    shape = replace(ROLES, choices=(*ROLES.choices, Choice("odd", label)))
    for keys in ({"odd"}, {"odd", "owner"}):
        reading = replace(read_cell("Owner", shape=shape), value=frozenset(keys), source_text="")
        text = say_cell(reading, shape=shape, exact=True)
        assert replace(read_cell(text, shape=shape), source_text="") == reading, text


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (None, "Included, kept 7 days after a trial"),
        (None, "Unlimited, kept after a trial if used"),
        (STORAGE, "10 GB, kept 7 days after a trial"),
        (STORAGE, "Included, kept after a trial if used"),
    ],
)
def test_it_may_be_said_of_a_whole_group(measure, text):
    reading = read_group_cell(text, name="Data", measure=measure, vocabulary=None)
    assert reading.at_trial_end is not AtTrialEnd.ENDS
    assert say_group_cell(reading, measure=measure, names=None, exact=True) == text


def term(kept):
    return TermFacts(TermState.VALUE, True, at_trial_end=kept[0], kept_days=kept[1])


@pytest.mark.parametrize(
    ("was", "is_now", "verdict"),
    [
        (ENDS, FOR_A_WEEK, Verdict.BETTER),
        (ENDS, IF_USED, Verdict.BETTER),
        (FOR_A_WEEK, (AtTrialEnd.KEPT_FOR, 14), Verdict.BETTER),
        (FOR_A_WEEK, (AtTrialEnd.KEPT_FOR, 3), Verdict.WORSE),
        (FOR_A_WEEK, ENDS, Verdict.WORSE),
        (IF_USED, ENDS, Verdict.WORSE),
        (FOR_A_WEEK, IF_USED, Verdict.WORSE),  # for who doesn't use it
        (IF_USED, FOR_A_WEEK, Verdict.WORSE),  # for who does
    ],
)
def test_a_change_by_which_somebody_keeps_less_is_a_lowering(was, is_now, verdict):
    assert verdicts(SSO, term(was), term(is_now)) == {verdict}


def test_a_change_is_told_in_words():
    (lowered,) = diff(plan="Pro", old={"sso": term(FOR_A_WEEK)}, new={"sso": term(ENDS)}, shapes={"sso": SSO})
    assert lowered.sentence == "Pro: SSO gets worse, from on, kept 7 days after a trial to on, ends with a trial"
    (added,) = diff(plan="Pro", old={}, new={"sso": term(IF_USED)}, shapes={"sso": SSO})
    assert added.sentence == "Pro: SSO is added: on, kept after a trial if used"


@given(days=st.integers(-(10**9), 10**9))
def test_no_number_of_days_is_read_beyond_what_can_be_kept(days):
    try:
        kept = read_cell(f"5, kept {days} days after a trial", shape=CALLS).kept_days
    except UnreadableCell:
        kept = None
    assert kept == (days if 1 <= days <= 3_650 else None)
