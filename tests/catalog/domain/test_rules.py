"""The rules of a feature: which make sense for it, what takes something away, and how they are said and kept."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.fallbacks import Fallback, Fallbacks, UseEffect
from catalog.domain.rules import (
    FeatureRules,
    OddRule,
    Threshold,
    Told,
    fitting,
    lowers,
    plain_rules,
    read_rules,
    refuse_odd,
    rules_of,
    say_rules,
    say_thresholds,
)
from catalog.domain.values import (
    Aggregation,
    BelowUse,
    Choice,
    Combine,
    ConfigType,
    FeatureShape,
    GivenBy,
    Kind,
    ParentRule,
    Reset,
    Squeeze,
)

SSO = FeatureShape("sso", "SSO", Kind.GATE)
CALLS = FeatureShape("calls", "API calls", Kind.METERED, unit="call", aggregation=Aggregation.SUM)
SEATS = FeatureShape("seats", "Seats", Kind.CAPACITY, unit="seat")
SPACE = FeatureShape("space", "Storage", Kind.CAPACITY, unit="GB", scale=10**9)
HOURS = FeatureShape("hours", "Support hours", Kind.CREDIT, unit="hour", scale=3600)
TIER = FeatureShape("tier", "Tier", Kind.CONFIG, config_type=ConfigType.RANKED, choices=(Choice("gold", "Gold"),))
ROLES = FeatureShape("roles", "Roles", Kind.CONFIG, config_type=ConfigType.SET, choices=(Choice("dev", "Developer"),))
SHAPES = st.sampled_from([SSO, CALLS, SEATS, HOURS, TIER, ROLES])
USUAL = FeatureRules()
MONTHLY = FeatureRules(default_reset=Reset.MONTH)
RULES = st.builds(
    FeatureRules,
    given_by=st.sampled_from(GivenBy),
    combine=st.sampled_from(Combine),
    parent_rule=st.sampled_from(ParentRule),
    default_reset=st.none() | st.sampled_from([Reset.DAY, Reset.MONTH, Reset.BILLING, Reset.NEVER]),
    kept_when_suspended=st.booleans(),
    fallbacks=st.builds(Fallbacks, st.sampled_from(UseEffect), seconds=st.none() | st.integers(1, 86_400)),
    thresholds=st.sets(st.integers(1, 500), max_size=6).map(
        lambda percents: tuple(Threshold(percent, Told.BOTH) for percent in sorted(percents))
    ),
    buffer_percent=st.integers(0, 99),
    below_use=st.sampled_from(BelowUse),
    squeeze=st.sampled_from(Squeeze),
)


@pytest.mark.parametrize("shape", [SSO, SEATS, TIER, ROLES])
def test_the_usual_rules_suit_whatever_is_not_used_up(shape: FeatureShape) -> None:
    refuse_odd(USUAL, shape=shape)


@pytest.mark.parametrize(
    ("rules", "shape", "field"),
    [
        (USUAL, CALLS, "default_reset"),
        (USUAL, HOURS, "default_reset"),
        (MONTHLY, SEATS, "default_reset"),
        (replace(USUAL, given_by=GivenBy.BILLING), SEATS, "given_by"),
        (replace(USUAL, given_by=GivenBy.BILLING), TIER, "given_by"),
        (replace(USUAL, combine=Combine.ADD), SSO, "combine"),
        (replace(USUAL, combine=Combine.ADD), TIER, "combine"),
        (replace(USUAL, parent_rule=ParentRule.SHARED), SSO, "parent_rule"),
        (replace(USUAL, buffer_percent=5), SSO, "buffer_percent"),
        (replace(USUAL, below_use=BelowUse.REFUSE), SSO, "below_use"),
        (replace(MONTHLY, squeeze=Squeeze.LONGEST_UNUSED), CALLS, "squeeze"),
        (replace(USUAL, squeeze=Squeeze.INVITED_THEN_NEWEST), SPACE, "squeeze"),
        (replace(USUAL, buffer_percent=100), SEATS, "buffer_percent"),
        (replace(USUAL, fallbacks=Fallbacks(seconds=0)), SSO, "seconds"),
        (replace(USUAL, fallbacks=Fallbacks(seconds=31 * 86_400)), SSO, "seconds"),
    ],
)
def test_what_a_feature_can_not_have_is_refused_beside_its_part(
    rules: FeatureRules, shape: FeatureShape, field: str
) -> None:
    with pytest.raises(OddRule) as refused:
        refuse_odd(rules, shape=shape)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("percents", "words"),
    [([0], "between 1"), ([501], "between 1"), ([80, 80], "twice"), ([90, 80], "in order"), (range(1, 9), "At most 6")],
)
def test_thresholds_that_make_no_sense_are_refused(percents: list[int], words: str) -> None:
    steps = tuple(Threshold(percent, Told.CUSTOMER) for percent in percents)
    with pytest.raises(OddRule, match=words):
        refuse_odd(replace(USUAL, thresholds=steps), shape=SEATS)


def test_a_set_may_add_up() -> None:
    refuse_odd(replace(USUAL, combine=Combine.ADD), shape=ROLES)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"combine": Combine.MOST_RESTRICTIVE}, "gets the most restrictive of them instead of the most generous"),
        ({"parent_rule": ParentRule.OWN}, "a child account gets nothing from its parent"),
        ({"parent_rule": ParentRule.SHARED}, "a child account shares what its parent has"),
        ({"kept_when_suspended": False}, "no longer keeps it"),
        ({"buffer_percent": 10}, "10 % of each hard limit is kept back, so far 5 %"),
        ({"squeeze": Squeeze.LONGEST_UNUSED}, "some lose theirs; so far all keep them"),
    ],
)
def test_what_takes_something_away_is_said(change: dict[str, object], words: str) -> None:
    before = FeatureRules(parent_rule=ParentRule.INHERIT, kept_when_suspended=True, buffer_percent=5)
    (loss,) = lowers(before, replace(before, **change))
    assert words in loss


@pytest.mark.parametrize(
    "change",
    [
        {"combine": Combine.ADD},
        {"parent_rule": ParentRule.INHERIT},
        {"kept_when_suspended": True},
        {"default_reset": Reset.YEAR},
        {"thresholds": ()},
        {"fallbacks": Fallbacks(UseEffect.IRREVERSIBLE, paying=Fallback.DENY)},
    ],
)
def test_what_gives_more_or_is_a_matter_of_operation_takes_nothing_away(change: dict[str, object]) -> None:
    assert lowers(USUAL, replace(USUAL, **change)) == ()


def test_to_add_no_longer_takes_away() -> None:
    assert lowers(replace(USUAL, combine=Combine.ADD), USUAL)


@given(RULES, RULES)
def test_a_change_and_its_undoing_take_away_unless_neither_touches_what_was_sold(
    one: FeatureRules, other: FeatureRules
) -> None:
    touches = any(
        getattr(one, part) != getattr(other, part)
        for part in ("given_by", "combine", "parent_rule", "kept_when_suspended", "buffer_percent")
    ) or (one.squeeze is Squeeze.KEEP) != (other.squeeze is Squeeze.KEEP)
    assert bool(lowers(one, other) or lowers(other, one)) == touches


@given(RULES, RULES, RULES)
def test_no_way_round_over_a_third_rule_takes_away_unseen(
    start: FeatureRules, between: FeatureRules, end: FeatureRules
) -> None:
    if not lowers(start, between) and not lowers(between, end):
        assert not lowers(start, end)


@given(RULES)
def test_rules_read_back_as_they_were_kept(rules: FeatureRules) -> None:
    assert read_rules(plain_rules(rules)) == rules
    assert rules_of(SimpleNamespace(**plain_rules(rules))) == rules


@given(RULES, SHAPES)
def test_fitting_rules_are_never_odd_and_suiting_ones_stay(rules: FeatureRules, shape: FeatureShape) -> None:
    made = fitting(rules, shape=shape)
    refuse_odd(made, shape=shape)
    assert fitting(made, shape=shape) == made


def test_the_rules_are_said_in_sentences_that_mean_something_for_the_feature() -> None:
    said = " ".join(say_rules(replace(MONTHLY, buffer_percent=5), shape=CALLS))
    assert "Unless a plan says otherwise, it is so much a month." in said
    assert "As use nears the limit: 80 %: customer; 90 %: customer and sales" in said
    assert "Of a hard limit 5 % is kept back" in said
    assert "limit" not in " ".join(say_rules(USUAL, shape=SSO))


@pytest.mark.parametrize(
    ("rule", "words"),
    [(BelowUse.ALLOW, "the change goes ahead; what is over stays"), (BelowUse.REFUSE, "the change is refused until")],
)
def test_what_a_change_below_use_does_is_said_where_use_is_counted(rule: BelowUse, words: str) -> None:
    rules = replace(USUAL, below_use=rule)
    assert f"Where a change leaves less than is in use: {words}" in " ".join(say_rules(rules, shape=SEATS))
    assert "in use" not in " ".join(say_rules(USUAL, shape=SSO))


def test_who_loses_a_seat_is_said_where_people_hold_them() -> None:
    rules = replace(USUAL, squeeze=Squeeze.LONGEST_UNUSED)
    words = "Where more seats are taken than are left: whoever was only invited loses it first, then whoever was away"
    assert words in " ".join(say_rules(rules, shape=SEATS))
    assert "seats" not in " ".join(say_rules(USUAL, shape=SPACE))


def test_a_rule_that_was_asked_for_before_some_parts_were_known_lets_changes_go_ahead() -> None:
    asked = {name: value for name, value in plain_rules(USUAL).items() if name not in {"below_use", "squeeze"}}
    assert read_rules(asked) == USUAL


def test_who_loses_by_another_giver_is_said() -> None:
    by_billing = replace(USUAL, given_by=GivenBy.BILLING)
    assert "whoever has it by a plan or an add-on loses it, unless the billing" in lowers(USUAL, by_billing)[0]
    assert "whoever has it because the billing system says so loses it" in lowers(by_billing, USUAL)[0]


def test_that_the_billing_decides_is_said_first_and_else_nothing_of_it() -> None:
    by_billing = replace(USUAL, given_by=GivenBy.BILLING)
    assert "The billing system decides who has it" in say_rules(by_billing, shape=SSO)[0]
    assert "billing" not in " ".join(say_rules(USUAL, shape=SSO))


def test_a_rule_asked_for_before_the_billing_could_give_anything_is_one_of_the_plans() -> None:
    asked = {name: value for name, value in plain_rules(USUAL).items() if name != "given_by"}
    assert read_rules(asked) == USUAL


def test_what_never_starts_again_says_so() -> None:
    assert "It never starts again: so much in all." in say_rules(replace(USUAL, default_reset=Reset.NEVER), shape=HOURS)


def test_without_thresholds_nobody_is_told() -> None:
    assert say_thresholds(()) == "nobody is told"
