"""Features that the billing gives: the system that bills an account decides who has them, where their rule says so."""

import pytest

from catalog.domain.values import Enforcement, TermState
from entitlements.domain.boundaries import boundaries
from entitlements.domain.causes import what_turned
from entitlements.domain.explain import replay, say
from entitlements.domain.upgrades import alone
from tests.spec.tables import SHAPES, answer, course, instant, known_instant, reasons, resolve, table

RULE = """
  source        | feature | mode    | value | from       | until
  rule          | sso     | billing |       |            |
"""
STRIPE = RULE + "billed Stripe | sso |  |  | 2026-02-01 | 2026-03-01\n"
NOT_NAMED = "(The billing system: it decides who has this, and doesn’t name this account)"
DAYS = "2026-01-31 2026-02-01 2026-02-28 2026-03-01"


def test_it_is_had_from_when_the_billing_said_so_until_it_says_no_longer():
    facts = table(STRIPE)
    assert course(facts, "sso", DAYS) == [None, True, True, None]
    assert resolve(facts, at="2026-01-01")["sso"].valid_until == instant("2026-02-01")
    assert resolve(facts, at="2026-02-01")["sso"].valid_until == instant("2026-03-01")
    assert resolve(facts, at="2026-03-01")["sso"].valid_until is None


def test_the_billing_is_named_as_the_reason():
    told = resolve(table(STRIPE), at="2026-02-01")["sso"]
    assert reasons(table(STRIPE), "sso", at="2026-02-01") == ["Stripe: the base"]
    assert say(told, zone="Europe/Amsterdam") == ("Stripe says that this account has it until 1 Mar 2026 01:00",)
    assert (told.because[0].kind, told.source, told.term) == ("billing", "1", "")
    assert (told.enforcement, told.reset, told.overage_percent) == (Enforcement.HARD, None, None)
    assert replay(told.because, shape=told.shape) is True


@pytest.mark.parametrize("source", ["plan Pro", "lent Pro", "add-on Extra"])
def test_what_the_account_holds_gives_it_no_longer_and_says_why(source):
    facts = table(f"{RULE}{source} | sso | | on")
    told = resolve(facts)["sso"]
    assert not told.granted
    assert told.state is TermState.NOT_INCLUDED
    gave_way = f"({source.split()[1]} v1: the billing system decides who has it)"
    assert sorted(reasons(facts, "sso")) == sorted([gave_way, NOT_NAMED])
    assert any("not counted, because the billing system decides who has it" in line for line in say(told, zone="UTC"))


@pytest.mark.parametrize("said", ["no", "custom", "sold", "vague"])
def test_nor_does_it_take_it_away(said):
    facts = table(f"{RULE}plan Pro | sso | | {said}\nbilled Stripe | sso")
    assert answer(facts, "sso") is True
    assert reasons(facts, "sso") == ["Stripe: the base"]


@pytest.mark.parametrize("said", ["no", "custom", "sold", "vague"])
def test_without_word_of_it_the_plan_s_way_of_saying_no_is_not_the_reason(said):
    told = resolve(table(f"{RULE}plan Pro | sso | | {said}"))["sso"]
    assert (told.granted, told.state) == (False, TermState.NOT_INCLUDED)
    assert say(told, zone="UTC") == ("The billing system: it decides who has this, and doesn’t name this account",)


def test_a_plan_and_the_billing_are_both_told_and_one_counts():
    facts = table(f"{RULE}plan Pro | sso | | on\nbilled Stripe | sso")
    assert reasons(facts, "sso") == ["Stripe: the base", "(Pro v1: the billing system decides who has it)"]


def test_where_the_plans_decide_what_the_billing_says_takes_no_part():
    bare = table("source | feature | mode | value\nbilled Stripe | sso")
    assert (answer(bare, "sso"), reasons(bare, "sso")) == (None, [])
    with_plan = table("source | feature | mode | value\nbilled Stripe | sso\nplan Pro | sso | | on")
    assert reasons(with_plan, "sso") == ["Pro v1: the base"]


def test_who_decides_changes_by_date():
    facts = table("""
      source        | feature | mode    | value | from       | until
      plan Pro      | sso     |         | on    |            |
      rule          | sso     | billing |       | 2026-02-01 |
      billed Stripe | sso     |         |       | 2026-02-10 |
      rule          | sso     | plans   |       | 2026-03-01 |
    """)
    assert course(facts, "sso", "2026-01-31 2026-02-01 2026-02-10 2026-03-01") == [True, None, True, True]
    assert reasons(facts, "sso", at="2026-03-01") == ["Pro v1: the base"]
    assert resolve(facts, at="2026-01-31")["sso"].valid_until == instant("2026-02-01")
    assert resolve(facts, at="2026-02-01")["sso"].valid_until == instant("2026-02-10")


def test_an_override_counts_as_ever():
    facts = table(f"""{STRIPE}
      override 1    | sso     | deny    |       | 2026-02-10 | 2026-02-20
      override 2    | sso     | replace | on    | 2026-03-05 |
    """)
    assert [resolve(facts, at=day)["sso"].granted for day in DAYS.split()] == [False, True, True, False]
    assert not resolve(facts, at="2026-02-10")["sso"].granted
    assert resolve(facts, at="2026-03-05")["sso"].granted


def test_so_does_the_account_s_standing():
    facts = table(
        f"{RULE}billed Stripe | sso\nstanding | | | suspended | 2026-02-01\nstanding | | | closed | 2026-03-01"
    )
    assert course(facts, "sso", DAYS) == [True, None, None, None]
    kept = table(f"{RULE}rule | sso | kept\nbilled Stripe | sso\nstanding | | | suspended | 2026-02-01")
    assert answer(kept, "sso", at="2026-02-01") is True


def test_a_child_inherits_what_the_billing_gives_its_parent():
    parent = table(STRIPE)
    child = table(f"{RULE}rule | sso | inherit", parent=parent)
    assert course(child, "sso", DAYS) == [None, True, True, None]
    assert resolve(child, at="2026-02-01")["sso"].valid_until == instant("2026-03-01")
    assert reasons(child, "sso", at="2026-02-01") == ["Parent account acme: the base", NOT_NAMED]
    assert resolve(child, at="2026-02-01")["sso"].because[0].path == "by Stripe"


def test_two_systems_that_say_so_are_one_right_and_the_later_speaks():
    facts = table(f"{STRIPE}billed Other | sso | | | 2026-02-10")
    assert reasons(facts, "sso", at="2026-02-10") == ["Other: the base", "(Stripe: Other gives the same)"]
    assert reasons(facts, "sso", at="2026-03-01") == ["Other: the base"]
    assert course(facts, "sso", DAYS) == [None, True, True, True]


@pytest.mark.parametrize("combine", ["most_restrictive", "most_generous"])
def test_however_several_plans_combine_one_word_of_it_is_enough(combine):
    assert answer(table(f"{RULE}rule | sso | {combine}\nbilled Stripe | sso\nbilled Other | sso"), "sso") is True


def test_after_a_trial_nothing_is_kept_of_what_the_billing_decides():
    kept = """
      source    | feature | mode    | value | from       | until      | kept
      plan Pro  | sso     |         | on    |            |            | 7 days
      trial Pro |         |         |       | 2026-01-01 | 2026-02-01 |
    """
    assert course(table(kept), "sso", "2026-01-15 2026-02-01 2026-02-08") == [True, True, None]
    assert course(table(f"{kept}rule | sso | billing"), "sso", "2026-01-15 2026-02-01 2026-02-08") == [None] * 3


def test_a_paused_plan_gives_way_for_the_same_reason():
    facts = table(f"{RULE}plan Pro | sso | | on\nphase Pro | | | paused | 2026-01-01")
    assert reasons(facts, "sso") == ["(Pro v1: the billing system decides who has it)", NOT_NAMED]


@pytest.mark.parametrize("feature", sorted(set(SHAPES) - {"sso"}))
def test_nobody_has_an_amount_or_a_choice_that_way(feature):
    """No screen lets such a rule be set; a row that says so all the same gives nothing."""
    facts = table(f"source | feature | mode\nrule | {feature} | billing\nbilled Stripe | {feature}")
    assert answer(facts, feature) is None


def test_other_features_are_as_they_were():
    facts = table(f"{STRIPE}plan Pro | seats | | 10\nplan Pro | sso | | on")
    assert course(facts, "seats", DAYS) == [10, 10, 10, 10]
    assert resolve(facts, at="2026-02-01")["seats"].valid_until is None


def test_the_sweep_walks_where_the_billing_changed_its_mind():
    assert {instant("2026-02-01"), instant("2026-03-01")} <= set(boundaries(table(STRIPE)))


def test_a_plan_alone_gives_nothing_of_what_the_billing_decides():
    facts = table(f"{RULE}plan Pro | sso | | on\nbilled Stripe | sso")
    bought = alone(facts, facts.versions["Pro v1"], at=known_instant("2026-01-15"))
    assert not bought["sso"].granted


def test_a_change_that_nobody_acted_for_says_who_decides_or_what_was_said():
    facts = table(f"{STRIPE}rule | sso | plans | | 2026-04-01\nplan Pro | sso | | on")
    assert what_turned(facts, known_instant("2026-02-01")) == "Stripe says from then on that they have SSO"
    assert what_turned(facts, known_instant("2026-03-01")) == "Stripe says no longer that they have SSO"
    assert what_turned(facts, known_instant("2026-04-01")) == "The plans decide from then on who has SSO"
    assert what_turned(facts, known_instant("2026-03-15")) == ""
