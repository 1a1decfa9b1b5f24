"""Customers whose plan gives credits, as facts: so much over each stretch of time."""

from datetime import UTC, datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Amount, FeatureShape, Kind, PlanKind, Reset, TermState
from catalog.domain.window import Window
from entitlements.domain.facts import Facts, FeatureFact, ItemFact, Mode, OverrideFact, TermFact, VersionFact
from entitlements.domain.periods import Periods

CREDITS = FeatureShape("credits", "AI credits", Kind.CREDIT, unit="credit")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def customer(
    *stretches: tuple[str, str, int | Amount],
    reset: Reset = Reset.MONTH,
    zone: str = "UTC",
    overrides: tuple[OverrideFact, ...] = (),
    billing: Periods | None = None,
) -> Facts:
    """One plan after the other, each with its credits: ("2026-01-01", "2026-03-01", 100); an empty day is no end."""
    versions, items = {}, []
    for number, (start, end, amount) in enumerate(stretches):
        state = TermState.UNLIMITED if amount is UNLIMITED else TermState.VALUE
        value = amount if amount is UNLIMITED else Decimal(amount)
        term = TermFact(f"t{number}", "credits", state, value, reset=reset)
        name = f"Pro v{number}"
        versions[name] = VersionFact(name, f"p{number}", "Pro", number, PlanKind.PLAN, terms=(term,))
        window = Window(day(start), day(end) if end else None)
        items.append(ItemFact(f"i{number}", "s1", f"p{number}", name, 1, window, periods=billing))
    features = {"credits": FeatureFact(CREDITS, ())}
    return Facts("acme", None, features, versions, items=tuple(items), overrides=overrides, zone=zone)


def override(mode: Mode, amount: int, start: str, end: str) -> OverrideFact:
    return OverrideFact("o1", "credits", mode, Window(day(start), day(end)), Decimal(amount))
