"""Prices as they stand on a price page: carried and shown, never computed (DESIGN.md §3).

A line keeps its fragment as it stood. `per_amount` is given only where the whole fragment was understood as a price
for so much of the feature itself ("$0.125 per GB"); "per branch, per day" is not, and is shown by its own words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.domain.amounts import BIGINT_MAX, UnreadableCell, read_leading_amount
from catalog.domain.values import FeatureShape, Nature

MICROS = 1_000_000
CURRENCY_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP"}


@dataclass(frozen=True, slots=True)
class PriceLine:
    """So many millionths of the currency, per so many of the feature's smallest units where that is understood."""

    amount_micros: int
    currency: str
    per_amount: int | None
    note: str

    def __post_init__(self) -> None:
        if not 0 <= self.amount_micros <= BIGINT_MAX:
            raise ValueError("A price is 0 or more, and small enough to be stored.")
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise ValueError("A currency is three capital letters, such as USD.")
        if self.per_amount is not None and not 1 <= self.per_amount <= BIGINT_MAX:
            raise ValueError("A price is for at least one smallest unit.")


_LEADS = r"(?:(?:and|then|plus|additional|extra|at)\s+)*"
_NUMBER = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_MONEY = rf"(?P<sign>[$€£]|\b(?:USD|EUR|GBP|CHF)\s)\s?(?P<amount>{_NUMBER.pattern})"
_MONEY_SIGN = re.compile(r"[$€£]|\b(?:USD|EUR|GBP|CHF)\s?[0-9]")
_LINE = re.compile(rf"(?P<lead>{_LEADS}){_MONEY}(?P<rest>$|\s*/.*|\s+(?:per|a|an|each|every|for)\b.*)", re.IGNORECASE)
_FRAGMENT_ENDS = re.compile(
    r"\s*;\s*"
    r"|\s*,\s*(?=(?:then|and|plus|additional|extra|hard|soft|tracked|up\s+to\s+[0-9]+)\b)"
    r"|\s+(?=(?:then|and|plus)\s+[$€£])",
    re.IGNORECASE,
)
_PER = re.compile(r"(?:per\s+|/\s*)(?P<measure>.+)", re.IGNORECASE)
_BEYOND = re.compile(r"(?:and\s+)?(?:then|plus|additional|extra)\b", re.IGNORECASE)


def mentions_money(text: str) -> bool:
    return _MONEY_SIGN.search(text) is not None


def fragments_of(text: str) -> list[str]:
    """The text cut where one statement ends and another begins; a comma inside a statement stays."""
    return [part for part in (p.strip(" ,") for p in _FRAGMENT_ENDS.split(text)) if part]


def is_beyond(line: PriceLine) -> bool:
    """Whether a price is for use beyond what is included, and not a flat one."""
    return line.per_amount is not None or _BEYOND.match(line.note) is not None


def without_lead(note: str) -> str:
    """A fragment without its joining words: "then $10 per GB" → "$10 per GB"."""
    return re.sub(r"^(?:(?:and|then|plus|at)\s+)+", "", note, flags=re.IGNORECASE)


def read_money(number: str) -> int | None:
    """The millionths of "1,250.50"; None if that is no amount of money, or finer or larger than can be kept."""
    if not _NUMBER.fullmatch(number) or len(number) > 30:
        return None
    micros = Decimal(number.replace(",", "")) * MICROS
    return int(micros) if micros == micros.to_integral_value() and micros <= BIGINT_MAX else None


def read_prices(fragments: Sequence[str], *, shape: FeatureShape) -> tuple[PriceLine, ...] | None:
    """Every fragment as price lines; None as soon as some money in them can't be understood.

    Words without money are no price of their own: they belong to the line before them and stay in its note.
    """
    notes: list[str] = []
    for fragment in fragments:
        if mentions_money(fragment):
            notes.append(fragment)
        elif notes:
            notes[-1] = f"{notes[-1]}; {fragment}"
        else:
            return None
    lines = [_read_line(note, shape=shape) for note in notes]
    understood = tuple(line for line in lines if line is not None)
    return understood if understood and len(understood) == len(lines) else None


def _read_line(note: str, *, shape: FeatureShape) -> PriceLine | None:
    found = _LINE.fullmatch(note)
    if found is None or len(_MONEY_SIGN.findall(note)) != 1:
        return None
    sign = found["sign"].strip()
    micros = read_money(found["amount"])
    if micros is None:
        return None
    per_amount = _read_per(found["rest"].strip(), shape=shape)
    return PriceLine(micros, CURRENCY_SIGNS.get(sign, sign.upper()), per_amount, note)


def _read_per(rest: str, *, shape: FeatureShape) -> int | None:
    found = _PER.fullmatch(rest)
    if found is None or shape.nature is not Nature.QUANTITY:
        return None
    measure = found["measure"] if found["measure"][0].isdigit() else f"1 {found['measure']}"
    try:
        amount, tail = read_leading_amount(measure, shape=shape)
    except UnreadableCell:
        return None
    return int(amount.smallest) if not tail and amount.smallest > 0 else None
