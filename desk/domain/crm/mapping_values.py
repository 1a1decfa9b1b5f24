"""What stands where a mapping looks, understood: a whole number, a day, the value of a feature.

Numbers are read as a program writes them ("5", "5.0", "1,200.00"); what two countries read differently ("2,5") is
`Unread`. Days are read as "2026-03-31" (a time after it is left off), amounts of a feature as on the plan sheet
("500 GB", "Unlimited"), a plain number being so many of the feature's unit.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from catalog.domain.amounts import shown
from catalog.domain.values import FeatureShape, Nature, Value
from desk.domain.crm.mapping import Reading
from entitlements.domain.promises import read_promise

MOST_MONTHS, MOST_QUANTITY, MOST_DAYS = 120, 1_000_000, 365
LAST_YEAR = 2200  # a day after it is a slip of the pen; at the very ends of the calendar none can be counted from
PLAIN = re.compile(r"[+-]?(?:[0-9]{1,30}|[0-9]{1,3}(?:,[0-9]{3}){1,9})(?:\.[0-9]{0,30})?(?:[eE][+-]?[0-9]{1,2})?")


class Unread(ValueError):
    """What stands in a field is not what was looked for there; the words say what would be."""


def read_whole(text: str, reading: Reading, *, most: int) -> int:
    """A whole number from 1 on, as a program writes it: "5", "5.0", "1,200". Unread says where a person finds it."""
    number = read_number(text)
    if number is None:
        raise Unread(f"“{shown(text)}” in {reading.words} is no number.")
    return whole(number, reading.words, most=most)


def whole(number: Decimal, where: str, *, most: int = MOST_QUANTITY) -> int:
    if not number.is_finite() or number != number.to_integral_value() or not 1 <= number <= most:
        raise Unread(f"{number} in {where} is no whole number from 1 to {most:,}.")
    return int(number)


def read_number(text: str) -> Decimal | None:
    """The number that the text is; None where it is none, or one that is read differently from country to country."""
    return Decimal(text.strip().replace(",", "")) if PLAIN.fullmatch(text.strip()) else None


def read_day(text: str, reading: Reading) -> date | None:
    """A day as a program writes it, with or without a time after it; None where nothing stands."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise Unread(f"“{shown(text)}” in {reading.words} is no day such as 2026-03-31.") from None
    if day.year > LAST_YEAR:
        raise Unread(f"{text[:10]} in {reading.words} can’t be meant. Name a day through {LAST_YEAR}.")
    return day


def read_value(text: str, *, shape: FeatureShape) -> tuple[Value, str]:
    """What a feature becomes, and the unit it was said in; UnreadableCell says what would be read."""
    return read_promise(_typed(text, shape), shape=shape)


def _typed(text: str, shape: FeatureShape) -> str | Sequence[str]:
    """As it would have been typed: a plain number is so many of the feature's unit, a set is split at its semicolons."""
    if shape.nature is Nature.SET:
        return [one for one in (part.strip() for part in text.replace(",", ";").split(";")) if one]
    number = read_number(text) if shape.nature is Nature.QUANTITY and shape.unit else None
    return text if number is None else f"{number.normalize():f} {shape.unit}"
