"""What may be written in one cell of a file of catalog records, and the one way it is written out again.

Each reader takes the text of a cell and gives it back as an export would write it, so that two files say the same
exactly when their texts are equal. What can't be read raises WrongEntry with words for whoever wrote the file.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeAlias

from catalog.domain.amounts import UnreadableCell
from catalog.domain.cells import check_characters
from catalog.domain.prices import CURRENCY_SIGNS, MICROS

Reader: TypeAlias = Callable[[str], str]

LONGEST_PROSE = 10_000
CONTACT = "contact"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NUMBER = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,18}")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?))?\s*(UTC|Z|[+-]\d\d:\d\d)?")
_MOST_MICROS = 2**63 - 1


class WrongEntry(ValueError):
    """The cell can't be read; the message says what stands there and what would be read."""


def a_line(most: int) -> Reader:
    """One line of text."""

    def read(text: str) -> str:
        said = text.strip()
        _check(said)
        if len(said) > most:
            raise WrongEntry(f"“{said[:40]}…” has {len(said):,} characters; at most {most:,} fit here.")
        return said

    return read


def prose(text: str) -> str:
    """Text of several lines."""
    said = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(said) > LONGEST_PROSE:
        raise WrongEntry(f"This text has {len(said):,} characters; at most {LONGEST_PROSE:,} fit here.")
    for character in said:
        if unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in "\n\t":
            raise WrongEntry(f"This text holds an invisible character (U+{ord(character):04X}); type it anew.")
    return said


def a_key(text: str) -> str:
    said = text.strip()
    if not _KEY.fullmatch(said):
        told = f"“{said[:40]}” is no key; " if said else "The key is missing; "
        raise WrongEntry(f"{told}use small letters, digits and _, starting with a letter, such as database_size.")
    return said


def optional(read: Reader) -> Reader:
    """Nothing, or what the reader reads."""
    return lambda text: read(text) if text.strip() else ""


def some_keys(text: str) -> str:
    """Several keys, divided by commas; their order stays."""
    found = [a_key(part) for part in re.split(r"[,;\n]", text) if part.strip()]
    twice = next((one for place, one in enumerate(found) if one in found[:place]), None)
    if twice is not None:
        raise WrongEntry(f"“{twice}” stands there twice.")
    return ", ".join(found)


def a_word(words: type[StrEnum], **called: str) -> Reader:
    """One of a few words; the plain value is read too. `called` names values that have no words of their own."""
    spelled = {choice: called.get(choice.value) or spell_word(choice) for choice in words}

    def read(text: str) -> str:
        said = " ".join(text.split()).casefold()
        for choice, words_of_it in spelled.items():
            if said in {choice.value, choice.value.replace("_", " "), words_of_it.casefold()}:
                return words_of_it
        raise WrongEntry(f"“{text.strip()[:40]}” is not one of: {', '.join(spelled.values())}.")

    return read


def spell_word(choice: StrEnum) -> str:
    """How an export says a choice: in its own words, else its value with blanks."""
    return str(getattr(choice, "words", "") or choice.value.replace("_", " "))


def meant(words: type[StrEnum], said: str) -> StrEnum:
    """The choice that canonical words name."""
    return next(choice for choice in words if said in {spell_word(choice), choice.value})


def yes_no(text: str) -> str:
    said = text.strip().casefold()
    if said in {"yes", "true", "1", "x", "✓"}:
        return "yes"
    if said in {"no", "false", "0", "", "–", "-"}:
        return "no"
    raise WrongEntry(f"“{text.strip()[:40]}” is neither yes nor no.")


def a_number(*, least: int = 0, most: int = 2**31 - 1) -> Reader:
    """A whole number in digits; thousands may be divided by commas."""

    def read(text: str) -> str:
        said = text.strip()
        if not _NUMBER.fullmatch(said) or not said.isascii():
            raise WrongEntry(f"“{said[:40]}” is no whole number; write digits, such as {max(least, 14)}.")
        value = int(said.replace(",", ""))
        if not least <= value <= most:
            raise WrongEntry(f"{said} is out of range; write {least:,} to {most:,}.")
        return str(value)

    return read


def a_currency(text: str) -> str:
    said = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", said):
        raise WrongEntry(f"“{text.strip()[:40]}” is no currency; write its three letters, such as USD or EUR.")
    return said


def a_price(text: str) -> str:
    """An amount of money such as 25 or 0.125, or the word contact where sales agree it."""
    said = text.strip()
    if said.casefold() in {CONTACT, "contact sales", "custom", "by agreement with sales"}:
        return CONTACT
    bare = said.lstrip("".join(CURRENCY_SIGNS)).strip()
    if not re.fullmatch(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,13})(?:\.[0-9]{1,6})?", bare) or not bare.isascii():
        raise WrongEntry(f"“{said[:40]}” is no amount; write for example 25 or 0.125, or contact.")
    return spell_micros(micros(bare) or 0)


def micros(said: str) -> int | None:
    """Millionths of the currency; None where sales agree the price."""
    if said == CONTACT:
        return None
    try:
        exact = Decimal(said.replace(",", "")) * MICROS
    except InvalidOperation:
        raise WrongEntry(f"“{said[:40]}” is no amount.") from None
    if exact > _MOST_MICROS:
        raise WrongEntry(f"{said} is more than can be kept.")
    return int(exact)


def spell_micros(amount: int | None) -> str:
    if amount is None:
        return CONTACT
    exact = Decimal(amount) / MICROS
    return f"{exact:f}" if exact != exact.to_integral_value() else f"{int(exact)}"


def an_instant(text: str) -> str:
    """A day or a moment; a day begins at midnight UTC, unless another zone's distance is written."""
    return spell_instant(read_instant(text.strip()))


def read_instant(said: str) -> datetime:
    found = _INSTANT.fullmatch(said)
    if found is None:
        raise WrongEntry(f"“{said[:40]}” is no date; write for example 2026-04-01, or 2026-04-01 09:30 UTC.")
    day, hour, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{hour or '00:00'}{zone if zone and zone[0] in '+-' else '+00:00'}")
    except ValueError:
        raise WrongEntry(f"“{said[:40]}” is no day that exists; write for example 2026-04-01.") from None
    return moment.astimezone(UTC)


def spell_instant(moment: datetime | None) -> str:
    if moment is None:
        return ""
    moment = moment.astimezone(UTC)
    exact = "minutes" if not (moment.second or moment.microsecond) else "auto"
    return moment.replace(tzinfo=None).isoformat(" ", exact) + " UTC"


def _check(said: str) -> None:
    try:
        check_characters(said)
    except UnreadableCell as unreadable:
        raise WrongEntry(str(unreadable)) from None
