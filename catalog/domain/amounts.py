"""An amount as people type it ("500 MB", "2 Million", "50,000", "10k", "7 days"), read exactly.

Nothing is rounded and nothing is guessed: an amount that isn't a whole number of the feature's smallest units, a
number that two countries read differently ("1.500"), and an amount without its unit are refused in words.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from catalog.domain.units import Family, Unit, plural, smallest_in, unit_named, unit_of
from catalog.domain.values import FeatureShape

BIGINT_MAX = 9_223_372_036_854_775_807
MILLION, BILLION = "Million", "Billion"
MULTIPLES = {MILLION: 10**6, BILLION: 10**9}


class UnreadableCell(ValueError):
    """What was typed can't be read; the message says why, and what would be."""


@dataclass(frozen=True, slots=True)
class TypedAmount:
    """A whole number of smallest units, and the unit it was typed in ("" for a plain count)."""

    smallest: Decimal
    typed_unit: str

    def __post_init__(self) -> None:
        if self.smallest != self.smallest.to_integral_value() or not 0 <= self.smallest <= BIGINT_MAX:
            raise ValueError("An amount is a whole number of smallest units, from 0 to the largest that can be stored.")


_GROUPED_BY_SPACES = re.compile(r"[0-9]{1,3}(?:\s[0-9]{3})+(?![0-9])")
_LEADING = re.compile(r"(?P<sign>[-\u2212]?)\s*(?P<number>[0-9]+(?:[.,][0-9]+)*)\s*(?P<rest>.*)")
_WELL_FORMED = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_READ_DIFFERENTLY = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{2}0")
_WORD = re.compile(r"[^\W\d_]+")
_SPELLED = {
    "thousand": (1000, ""),
    "million": (MULTIPLES[MILLION], MILLION),
    "millions": (MULTIPLES[MILLION], MILLION),
    "mn": (MULTIPLES[MILLION], MILLION),
    "billion": (MULTIPLES[BILLION], BILLION),
    "billions": (MULTIPLES[BILLION], BILLION),
    "bn": (MULTIPLES[BILLION], BILLION),
}
_LETTERS = {"k": (1000, ""), "m": (MULTIPLES[MILLION], MILLION)}


def example_of(shape: FeatureShape) -> str:
    """What could have been written instead, in this feature's own terms."""
    match unit_of(shape).family:
        case Family.BYTES:
            return "500 MB or 1.5 GB"
        case Family.TIME:
            return "7 days or 1 hour"
        case Family.COUNT:
            return "50 or 2 Million"


def shown(text: str) -> str:
    """A quotation short enough for a sentence."""
    return text if len(text) <= 60 else f"{text[:59]}…"


def read_leading_amount(text: str, *, shape: FeatureShape) -> tuple[TypedAmount, str]:
    """The amount at the start of the text, and whatever follows it, untouched but for surrounding space."""
    said = text.strip()
    found = _LEADING.fullmatch(said)
    if found is None:
        raise _no_amount(said, shape=shape)
    if grouped := _GROUPED_BY_SPACES.match(said):
        written = re.sub(r"\s", ",", grouped[0])
        raise UnreadableCell(f"'{grouped[0]}' has spaces in it; use commas for thousands: {written}.")
    number = None if found["sign"] else _read_number(found["number"])
    multiple, multiple_name, rest = _split_multiple(found["rest"], shape=shape)
    unit, rest = _split_unit(rest, shape=shape, number=found["number"])
    written = said[: len(said) - len(rest)].strip()
    if number is None:
        raise UnreadableCell(f"'{shown(written)}' is a negative amount; write 0 or more, or no if it is not included.")
    smallest = number * multiple * smallest_in(unit, shape=shape)
    typed_unit = multiple_name if unit.family is Family.COUNT else unit.key
    return TypedAmount(_whole(smallest, text=written, shape=shape), typed_unit), rest


def _no_amount(said: str, *, shape: FeatureShape) -> UnreadableCell:
    plain = unicodedata.normalize("NFKC", said)
    if said.startswith(("'", "\u2019")):
        return UnreadableCell(f"'{shown(said)}' begins with an apostrophe; leave it out.")
    if plain != said and plain[:1] in set("0123456789"):
        return UnreadableCell(f"'{shown(said)}' is not in plain digits; write a number such as {example_of(shape)}.")
    return UnreadableCell(
        f"'{shown(said)}' is not an amount; write a number such as {example_of(shape)}, or Unlimited, no, Custom."
    )


def _read_number(digits: str) -> Fraction:
    if not _WELL_FORMED.fullmatch(digits):
        raise UnreadableCell(
            f"'{shown(digits)}' is not a number as written here; use commas for thousands and a point for decimals: "
            "50,000 or 1.5."
        )
    if _READ_DIFFERENTLY.fullmatch(digits):
        raise UnreadableCell(
            f"'{digits}' is read differently from country to country; write {digits.replace('.', ',')} "
            f"or {digits.rstrip('0').rstrip('.')}."
        )
    return Fraction(digits.replace(",", ""))


def _split_multiple(rest: str, *, shape: FeatureShape) -> tuple[int, str, str]:
    word = _WORD.match(rest)
    if word is None:
        return 1, "", rest
    known = dict(_SPELLED)
    if unit_of(shape).family is Family.COUNT:
        known |= _LETTERS
    multiple, name = known.get(word[0].casefold(), (0, ""))
    return (multiple, name, rest[word.end() :].strip()) if multiple else (1, "", rest)


def _split_unit(rest: str, *, shape: FeatureShape, number: str) -> tuple[Unit, str]:
    own = unit_of(shape)
    if own.family is Family.COUNT:
        return own, _without_noun(rest, own=own, shape=shape)
    word = _WORD.match(rest)
    typed = unit_named(word[0]) if word else None
    if word is not None and typed is not None:
        if typed.family is not own.family:
            raise _foreign_unit(typed, shape=shape)
        return typed, rest[word.end() :].strip()
    if Fraction(number.replace(",", "")) == 0:
        return own, rest
    if word is not None and word[0].casefold().rstrip("s") in {"month", "year"}:
        raise UnreadableCell(f"A {word[0].rstrip('s')} has no fixed length; write days, such as 30 days.")
    raise UnreadableCell(f"'{shown(number)}' needs its unit for {shape.name}; write {example_of(shape)}.")


def _without_noun(rest: str, *, own: Unit, shape: FeatureShape) -> str:
    """The rest after the feature's own noun, if it stands there ("10 branches included")."""
    for noun in (plural(own.key), own.key):
        if noun and re.match(re.escape(noun) + r"(?!\w)", rest, re.IGNORECASE):
            return rest[len(noun) :].strip()
    word = _WORD.match(rest)
    typed = unit_named(word[0]) if word else None
    if typed is not None:
        raise _foreign_unit(typed, shape=shape)
    return rest


def _foreign_unit(typed: Unit, *, shape: FeatureShape) -> UnreadableCell:
    noun = unit_of(shape).noun(one=False) or "plain numbers"
    return UnreadableCell(
        f"'{typed.key}' is not a unit of {shape.name}, which is counted in {noun}; write {example_of(shape)}."
    )


def _whole(smallest: Fraction, *, text: str, shape: FeatureShape) -> Decimal:
    if smallest.denominator != 1:
        raise UnreadableCell(
            f"'{shown(text)}' is finer than the smallest unit of {shape.name}; write a whole amount: {example_of(shape)}."
        )
    if smallest > BIGINT_MAX:
        raise UnreadableCell(f"'{shown(text)}' is more than can be kept; write Unlimited if there is no limit.")
    return Decimal(int(smallest))
