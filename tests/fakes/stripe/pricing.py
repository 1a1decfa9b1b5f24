"""What a quantity costs, and what is owed or given back when it changes within a period."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tests.fakes.stripe.state import Row


def amount(price: Row, quantity: int) -> int:
    """In the currency's smallest unit, rounded half up."""
    if price["billing_scheme"] == "tiered":
        return _tiered(price["_tiers"], price["tiers_mode"], quantity)
    shared = price["transform_quantity"]
    if shared:
        quantity = -(-quantity // shared["divide_by"]) if shared["round"] == "up" else quantity // shared["divide_by"]
    return _rounded(Decimal(price["unit_amount_decimal"]) * quantity)


def _tiered(tiers: list[Row], mode: str, quantity: int) -> int:
    total, below = Decimal(0), 0
    for tier in tiers:
        last = tier["up_to"] is None or quantity <= tier["up_to"]
        within = quantity if mode == "volume" else (quantity if last else tier["up_to"]) - below
        if last or mode == "graduated":
            total += Decimal(tier["unit_amount"] or 0) * within + (tier["flat_amount"] or 0)
        if last:
            break
        below = tier["up_to"]
    return _rounded(total)


def _rounded(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def share(whole: int, start: int, end: int, at: int) -> int:
    """The part of an amount for what is left of a period, to the second."""
    if end <= start:
        return 0
    exact = Fraction(whole * (end - max(at, start)), end - start)
    return int(exact + Fraction(1, 2)) if exact >= 0 else -int(-exact + Fraction(1, 2))


def licensed(price: Row) -> bool:
    return bool(price["recurring"]["usage_type"] == "licensed")
