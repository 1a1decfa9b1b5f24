from dataclasses import replace
from decimal import Decimal

import pytest

from catalog.domain.values import UNLIMITED, Better, ConfigType, FeatureShape, Kind
from entitlements.domain.facts import Mode
from entitlements.domain.policy import PolicyRule, allows_more, holds_down, rise_in_percent, say_limits, verdict

RULES = (
    PolicyRule("sales", "override", max_days=90, max_percent=20),
    PolicyRule("sales", "trial_extension", max_days=14, max_times=2),
    PolicyRule("support", "override", max_days=7, max_percent=50),
    PolicyRule("finance", "denial"),
    PolicyRule("support", "denial", max_days=7),
)


@pytest.mark.parametrize(
    ("roles", "concession", "days", "percent", "times", "within"),
    [
        ({"sales"}, "override", 90, 20, 1, True),
        ({"sales"}, "override", 91, 20, 1, False),
        ({"sales"}, "override", 90, 21, 1, False),
        ({"sales"}, "override", 90, Decimal("20.01"), 1, False),
        ({"sales"}, "override", 90, Decimal("Infinity"), 1, False),
        ({"sales"}, "override", 90, None, 1, True),
        ({"sales"}, "override", None, 0, 1, False),
        ({"sales"}, "trial_extension", 14, None, 2, True),
        ({"sales"}, "trial_extension", 14, None, 3, False),
        ({"sales"}, "trial_extension", 15, None, 1, False),
        ({"sales"}, "denial", 1, None, 1, False),
        ({"finance"}, "denial", None, None, 9, True),
        ({"support"}, "denial", None, None, 1, False),
        ({"support", "finance"}, "denial", None, None, 1, True),
        ({"sales", "support"}, "override", 7, 50, 1, True),
        ({"sales", "support"}, "override", 30, 50, 1, False),  # limits of different rules are never mixed
        (set(), "override", 1, 0, 1, False),
        ({"auditor"}, "override", 1, 0, 1, False),
    ],
)
def test_so_much_so_long_so_often_by_role(roles, concession, days, percent, times, within):
    judged = verdict(RULES, roles=roles, concession=concession, days=days, percent=percent, times=times)
    assert judged.within is within
    assert judged.because.endswith(".")


def because(**asked):
    return verdict(RULES, **{"days": 1, "percent": None, "times": 1, "concession": "override"} | asked).because


def test_a_verdict_says_what_is_beyond():
    assert because(roles={"sales"}) == "Sales may grant an override like this alone."
    assert because(roles={"sales"}, days=None) == (
        "Beyond what sales may concede alone: it has no end, where 90 days may be given."
    )
    assert because(roles={"sales"}, days=91, percent=40) == (
        "Beyond what sales may concede alone: it lasts 91 days, where 90 days may be given and "
        "it is 40 % better than without any override, where 20 % may be given."
    )
    assert because(roles={"sales"}, concession="trial_extension", times=3) == (
        "Beyond what sales may concede alone: it is number 3, where 2 times may be given."
    )
    assert because(roles={"sales"}, percent=Decimal("Infinity")) == (
        "Beyond what sales may concede alone: it gives something for nothing, or takes away a limit, where 20 % may be given."
    )


def test_a_role_without_a_rule_asks():
    assert because(roles={"auditor"}) == "Your role can't grant an override alone, so someone else approves it."


def test_the_rule_that_is_missed_by_least_is_named():
    assert "support" in because(roles={"sales", "support"}, days=91, percent=40)


def test_a_limit_is_never_negative():
    with pytest.raises(ValueError, match="negative"):
        PolicyRule("sales", "override", max_days=-1)


SEATS = FeatureShape("seats", "Seats", Kind.CAPACITY)
WAIT = FeatureShape("wait", "Wait", Kind.CONFIG, config_type=ConfigType.DURATION, better=Better.LESS)
GATE = FeatureShape("sso", "Single sign-on", Kind.GATE)


@pytest.mark.parametrize(
    ("shape", "base", "becomes", "percent"),
    [
        (SEATS, 100, 120, 20),
        (SEATS, 100, 50, 0),
        (SEATS, None, 1, "Infinity"),
        (SEATS, 0, 1, "Infinity"),
        (SEATS, None, 0, 0),
        (SEATS, None, None, 0),
        (SEATS, 100, UNLIMITED, "Infinity"),
        (SEATS, UNLIMITED, UNLIMITED, 0),
        (SEATS, UNLIMITED, 100, 0),
        (WAIT, 100, 50, 100),  # half the wait is twice as good
        (WAIT, 100, 1, 9900),
        (WAIT, 100, 0, "Infinity"),
        (WAIT, UNLIMITED, 100, "Infinity"),
        (WAIT, None, 100, "Infinity"),
        (WAIT, 100, 200, 0),
        (WAIT, 0, 0, 0),
        (GATE, None, True, 0),
    ],
)
def test_how_much_is_measured_by_what_the_customer_would_rather_have(shape, base, becomes, percent):
    before, after = (Decimal(v) if type(v) is int else v for v in (base, becomes))
    assert rise_in_percent(base=before, becomes=after, shape=shape) == Decimal(percent)


@pytest.mark.parametrize(
    ("shape", "modes"),
    [
        (SEATS, {Mode.DENY, Mode.AT_MOST}),
        (WAIT, {Mode.DENY, Mode.ADD, Mode.AT_LEAST}),
        (GATE, {Mode.DENY, Mode.AT_MOST}),
    ],
)
def test_some_modes_can_only_take_away(shape, modes):
    assert {mode for mode in Mode if holds_down(mode, shape=shape)} == modes


DEAL = PolicyRule("sales", "override", max_days=30, max_percent=100, reason="deal", approver_role="director")
BY_REASON = (PolicyRule("sales", "override", max_days=90, max_percent=20, approver_role="finance"), DEAL)


@pytest.mark.parametrize(
    ("reason", "days", "percent", "within"),
    [
        ("deal", 30, 100, True),
        ("deal", 31, 0, False),  # where there is a rule for the reason, the general one isn't heard
        ("other", 31, 0, True),
        ("other", 30, 100, False),
        (None, 90, 20, True),
        (None, 30, 100, False),
    ],
)
def test_a_rule_for_the_reason_is_heard_instead_of_the_general_one(reason, days, percent, within):
    asked = {"roles": {"sales"}, "concession": "override", "days": days, "percent": percent, "times": 1}
    assert verdict(BY_REASON, **asked, reason=reason).within is within


def test_without_a_general_rule_only_that_reason_may_be_given_alone():
    asked = {"roles": {"sales"}, "concession": "override", "days": 1, "percent": 0, "times": 1}
    assert verdict([DEAL], **asked, reason="deal").within
    assert not verdict([DEAL], **asked, reason=None).within


def test_the_rule_that_was_passed_says_who_approves():
    asked = {"roles": {"sales"}, "concession": "override", "percent": 0, "times": 1}
    assert verdict(BY_REASON, **asked, days=99, reason="deal").approver_role == "director"
    assert verdict(BY_REASON, **asked, days=99).approver_role == "finance"
    assert verdict(BY_REASON, **asked, days=9).approver_role == ""
    assert verdict((), **asked, days=9).approver_role == ""


NARROW = PolicyRule("sales", "override", max_days=30, max_percent=20, max_times=2, approver_role="finance")


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ({}, False),
        ({"max_days": 29, "max_times": 1}, False),
        ({"max_days": 31}, True),
        ({"max_percent": None}, True),
        ({"max_days": 29, "max_times": 3}, True),
        ({"approver_role": ""}, True),
        ({"approver_role": "director"}, True),
    ],
)
def test_more_in_any_way_is_more(change, more):
    assert allows_more(replace(NARROW, **change), than=NARROW) is more


def test_a_first_rule_allows_more_and_none_allows_less():
    assert allows_more(NARROW, than=None)
    assert not allows_more(None, than=NARROW)
    assert not allows_more(replace(NARROW, approver_role="finance"), than=replace(NARROW, approver_role=""))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (PolicyRule("sales", "override", 90, 50, 2), "up to 90 days, 50 % more, twice"),
        (PolicyRule("sales", "override", 1, None, 1), "up to 1 day, once"),
        (PolicyRule("sales", "override", None, None, 5), "5 times"),
        (PolicyRule("sales", "override"), "without any limit"),
    ],
)
def test_the_limits_of_a_rule_in_words(rule, said):
    assert say_limits(rule) == said
