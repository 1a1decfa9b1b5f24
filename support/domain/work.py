"""What the customer pays of some work: their percent of a price that was stated, and nothing else is ever worked out.

**The customer's share.** At 100 percent it is the price as it was stated, at 0 percent nothing. Between, it is
price × percent ÷ 100, rounded half up to the currency's smallest unit (the cent of EUR, the yen of JPY, the fils of KWD).
A price that is finer than that unit is not taken, so the share is never greater than the price.

Where no price was stated there is a percent and no sum: billing knows the price, or staff state it later.

Units: prices are in millionths of the currency; labour and travel in minutes, parts in pieces.
"""

import re
from collections.abc import Mapping

from support.domain.cover_terms import Aspect, Billing, WorkKind

MICROS = 1_000_000
LARGEST_PRICE = 10**15  # in millionths: a thousand million of any currency
LONGEST_MINUTES = 60 * 24 * 366
MOST_PIECES = 1_000_000
_CURRENCY = re.compile(r"[A-Z]{3}")
# ISO 4217 minor units, where they aren't hundredths.
_WHOLE = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])

KIND_WORDS: Mapping[WorkKind, str] = {
    WorkKind.LABOUR: "Labour",
    WorkKind.PARTS: "Part",
    WorkKind.TRAVEL: "Travel",
}
BILLING_WORDS: Mapping[Billing, str] = {
    Billing.COVERED: "Covered",
    Billing.OPEN: "To bill",
    Billing.HANDED_OVER: "Handed over",
    Billing.WAIVED: "Waived",
    Billing.WITHDRAWN: "Withdrawn",
}


def smallest_unit(currency: str) -> int:
    """How many millionths the smallest sum is that can be paid in the currency."""
    if currency in _WHOLE:
        return MICROS
    return MICROS // 1_000 if currency in _THOUSANDTHS else MICROS // 100


def customer_share(amount_micros: int, *, percent: int, currency: str) -> int:
    """What the customer pays of a stated price; see the rule above."""
    if not 0 <= percent <= 100 or amount_micros < 0:
        raise ValueError("A share is 0 to 100 percent of a price of 0 or more.")
    if percent in (0, 100):
        return amount_micros * percent // 100
    unit = smallest_unit(currency)
    return (amount_micros * percent + 50 * unit) // (100 * unit) * unit


def billing_of(percent: int) -> Billing:
    """Work of which the customer pays nothing is settled as soon as it is recorded."""
    return Billing.COVERED if percent == 0 else Billing.OPEN


def aspect_of(kind: WorkKind) -> Aspect:
    return Aspect(kind.value)


def price_fault(amount_micros: int | None, currency: str) -> tuple[str, str] | None:
    """Which input of a price can't be right, and why; nothing where both fit, or neither was given."""
    if amount_micros is None:
        return ("amount_micros", "Say the price, too, or leave the currency empty.") if currency else None
    if not currency:
        return "currency", "Say in which currency the price is, such as EUR."
    if not _CURRENCY.fullmatch(currency):
        return "currency", f"“{currency[:20]}” is no currency; write its three letters, such as EUR or USD."
    if not 0 <= amount_micros <= LARGEST_PRICE:
        return "amount_micros", "A price is 0 or more, and below a thousand million."
    if amount_micros % smallest_unit(currency):
        return "amount_micros", f"{currency} has no sums as fine as that; round the price to what can be paid."
    return None


def quantity_fault(kind: WorkKind, quantity: int) -> str:
    """Why so much can't be right; empty: it can."""
    if kind is WorkKind.PARTS:
        return "" if 1 <= quantity <= MOST_PIECES else f"Write how many pieces, from 1 to {MOST_PIECES:,}."
    return "" if 1 <= quantity <= LONGEST_MINUTES else f"Write how many minutes, from 1 to {LONGEST_MINUTES:,}."


def say_quantity(kind: WorkKind, quantity: int) -> str:
    """ "3 pieces", "1 h 30 min"."""
    if kind is WorkKind.PARTS:
        return "1 piece" if quantity == 1 else f"{quantity:,} pieces"
    hours, minutes = divmod(quantity, 60)
    return " ".join(part for part in (f"{hours:,} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def say_share(customer_percent: int) -> str:
    """The customer's share in a few words, for large letters."""
    if customer_percent == 0:
        return "Covered"
    if customer_percent == 100:
        return "The customer pays"
    return f"The customer pays {customer_percent} %"
