"""Sums as Stripe wants them: in the smallest unit of a currency, as Stripe counts it."""

from decimal import Decimal

# What Stripe takes without decimals, and what it takes with three; of ISK and UGX it takes hundredths that don't exist.
WHOLE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def in_their_units(micros: int, currency: str) -> Decimal:
    """Millionths of the currency in Stripe's unit: 12.5 EUR are 1250, 1200 JPY are 1200. Exact; it may have decimals."""
    return Decimal(micros).scaleb(_digits(currency) - 6)


def in_micros(amount: Decimal | int, currency: str) -> int:
    """The other way round; what is finer than a millionth is left off."""
    return int(Decimal(amount).scaleb(6 - _digits(currency)))


def _digits(currency: str) -> int:
    return 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2
