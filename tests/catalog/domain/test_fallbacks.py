"""What a client does without the desk: the default by what is at stake, what finance says, and the sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.fallbacks import (
    HOUR,
    AccountState,
    Fallback,
    Fallbacks,
    Reliance,
    UseEffect,
    fallback_for,
    say_age,
    say_fallback,
    usual_fallback,
    usual_thresholds,
)
from catalog.domain.rules import USUAL_THRESHOLDS

PAYING, TRIAL, UNPAID = AccountState.PAYING, AccountState.TRIAL, AccountState.UNPAID
READS, CHANGES, IRREVERSIBLE = UseEffect.READS, UseEffect.CHANGES, UseEffect.IRREVERSIBLE
FALLBACKS = st.builds(
    Fallbacks,
    effect=st.sampled_from(UseEffect),
    paying=st.none() | st.sampled_from(Fallback),
    trial=st.none() | st.sampled_from(Fallback),
    unpaid=st.none() | st.sampled_from(Fallback),
    seconds=st.none() | st.integers(1, 30 * 86_400),
)


@pytest.mark.parametrize("state", AccountState)
def test_what_only_reads_goes_on_by_the_last_answer_for_an_hour(state: AccountState) -> None:
    assert fallback_for(Fallbacks(READS), state) == Reliance(Fallback.LAST_KNOWN, HOUR)


@pytest.mark.parametrize("state", AccountState)
def test_what_can_not_be_undone_is_refused(state: AccountState) -> None:
    assert fallback_for(Fallbacks(IRREVERSIBLE), state) == Reliance(Fallback.DENY)


@pytest.mark.parametrize(
    ("state", "fallback"), [(PAYING, Fallback.LAST_KNOWN), (TRIAL, Fallback.LAST_KNOWN), (UNPAID, Fallback.DENY)]
)
def test_what_changes_something_goes_on_but_for_the_unpaid(state: AccountState, fallback: Fallback) -> None:
    assert usual_fallback(CHANGES, state) is fallback


def test_finance_may_say_otherwise_for_one_state_alone() -> None:
    rule = Fallbacks(IRREVERSIBLE, paying=Fallback.ALLOW)
    assert fallback_for(rule, PAYING) == Reliance(Fallback.ALLOW)
    assert fallback_for(rule, TRIAL) == Reliance(Fallback.DENY)


def test_an_age_of_its_own_holds_only_where_the_last_answer_is_kept() -> None:
    rule = Fallbacks(READS, trial=Fallback.DENY, seconds=300)
    assert fallback_for(rule, PAYING).max_age_seconds == 300
    assert fallback_for(rule, TRIAL).max_age_seconds is None


def test_the_sentence_says_each_state_once() -> None:
    rule = Fallbacks(CHANGES, trial=Fallback.DENY, unpaid=Fallback.ALLOW)
    assert say_fallback(rule) == (
        "If the desk can't be reached: paying customers keep the last answer for up to 1 hour, then no; "
        "trials are refused; unpaid customers go on with what they have."
    )


def test_states_that_are_treated_alike_share_a_clause() -> None:
    assert say_fallback(Fallbacks(CHANGES)) == (
        "If the desk can't be reached: paying customers and trials keep the last answer for up to 1 hour, then no; "
        "unpaid customers are refused."
    )


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Fallbacks(IRREVERSIBLE), "everybody is refused"),
        (Fallbacks(READS, seconds=172_800), "everybody keeps the last answer for up to 2 days, then no"),
        (Fallbacks(READS, *[Fallback.ALLOW] * 3), "everybody goes on with what they have"),
    ],
)
def test_what_holds_for_everybody_is_said_of_everybody(rule: Fallbacks, words: str) -> None:
    assert say_fallback(rule) == f"If the desk can't be reached: {words}."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (5400, "90 minutes"), (3600, "1 hour"), (86_400, "1 day")],
)
def test_an_age_is_said_in_the_largest_unit_that_leaves_nothing_over(seconds: int, words: str) -> None:
    assert say_age(seconds) == words


@given(FALLBACKS, st.sampled_from(AccountState))
def test_an_age_is_given_exactly_with_the_last_known_answer(rule: Fallbacks, state: AccountState) -> None:
    reliance = fallback_for(rule, state)
    assert (reliance.max_age_seconds is not None) == (reliance.fallback is Fallback.LAST_KNOWN)


@given(FALLBACKS)
def test_the_sentence_names_every_state_or_everybody(rule: Fallbacks) -> None:
    said = say_fallback(rule)
    assert "everybody" in said or all(said.count(state.words) == 1 for state in AccountState)


@given(FALLBACKS, FALLBACKS)
def test_two_rules_said_alike_do_alike(one: Fallbacks, other: Fallbacks) -> None:
    alike = all(fallback_for(one, state) == fallback_for(other, state) for state in AccountState)
    assert (say_fallback(one) == say_fallback(other)) == alike


def test_the_usual_thresholds_are_those_of_a_new_row() -> None:
    assert [[step.percent, step.told] for step in USUAL_THRESHOLDS] == usual_thresholds()
