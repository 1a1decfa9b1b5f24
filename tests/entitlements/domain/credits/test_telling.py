"""Balances and ledger lines in words."""

from decimal import Decimal

import pytest

from catalog.domain.values import UNLIMITED, FeatureShape, Kind
from entitlements.domain.credits.ledger import Kind as Line
from entitlements.domain.credits.telling import explain_line, say_credits

CREDITS = FeatureShape("ai", "AI credits", Kind.CREDIT, unit="credit")
HOURS = FeatureShape("hours", "Hours", Kind.CREDIT, unit="hour", scale=3600)
BARE = FeatureShape("bare", "Points", Kind.CREDIT)


@pytest.mark.parametrize(
    ("shape", "amount", "words"),
    [
        (CREDITS, 1, "1 credit"),
        (CREDITS, 0, "0 credits"),
        (CREDITS, 5000, "5,000 credits"),
        (CREDITS, -30, "−30 credits"),
        (BARE, 12, "12 credits"),
        (HOURS, 3600, "1 hour"),
        (HOURS, 1800, "30 minutes"),
        (HOURS, 55_800, "15 hours 30 minutes"),
        (HOURS, -27_000, "−7 hours 30 minutes"),
        (HOURS, 0, "0 hours"),
    ],
)
def test_an_amount_is_said_with_its_unit(shape: FeatureShape, amount: int, words: str) -> None:
    assert say_credits(Decimal(amount), shape=shape) == words


def test_what_has_no_limit_says_so() -> None:
    assert say_credits(UNLIMITED, shape=CREDITS) == "no limit"


@pytest.mark.parametrize("kind", list(Line))
@pytest.mark.parametrize("grant", ["", "a pack"])
@pytest.mark.parametrize("unlimited", [False, True])
@pytest.mark.parametrize("positive", [False, True])
def test_every_line_explains_itself(kind: Line, grant: str, unlimited: bool, positive: bool) -> None:
    said = explain_line(kind, positive=positive, amount="5 credits", grant=grant, unlimited=unlimited)
    assert "5 credits" in said or "limit" in said
    assert "{" not in said
    assert grant in said


def test_use_that_is_covered_afterwards_is_told_apart() -> None:
    told = {"positive": False, "amount": "5 credits", "grant": "a pack"}
    assert (
        explain_line(Line.USE, later=True, **told)
        == "5 credits taken of a pack for what was used beyond all credits before"
    )
    assert (
        explain_line(Line.OVERAGE, positive=True, amount="5 credits", grant="")
        == "5 credits used before beyond all credits is covered now"
    )
