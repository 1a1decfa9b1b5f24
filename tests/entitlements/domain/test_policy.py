from decimal import Decimal

import pytest

from entitlements.domain.policy import PolicyRule, verdict

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
        "it is 40 % more, where 20 % may be given."
    )
    assert because(roles={"sales"}, concession="trial_extension", times=3) == (
        "Beyond what sales may concede alone: it is number 3, where 2 times may be given."
    )
    assert because(roles={"sales"}, percent=Decimal("Infinity")) == (
        "Beyond what sales may concede alone: it raises nothing to something, or to no limit, where 20 % may be given."
    )


def test_a_role_without_a_rule_asks():
    assert because(roles={"auditor"}) == "Your role can't grant an override alone, so someone else approves it."


def test_the_rule_that_is_missed_by_least_is_named():
    assert "support" in because(roles={"sales", "support"}, days=91, percent=40)


def test_a_limit_is_never_negative():
    with pytest.raises(ValueError, match="negative"):
        PolicyRule("sales", "override", max_days=-1)
