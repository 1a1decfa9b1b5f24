"""Choices as people write them in a form: one a line, worst first; and how much a choice of a dimension counts.

"Gold" makes its own key, "gold | Gold support" names it. Of a dimension, "Premium token = 5" says that one counts as
five; without it, one counts as one. What is written for a form reads back as the same choices.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from catalog.domain.declarations import slug
from catalog.domain.values import Choice

ONE = 1000  # a weight is kept in thousandths
HEAVIEST = 1_000_000 * ONE
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WEIGHT = re.compile(r"\s*[=×]\s*([0-9][0-9.,]*)\s*$")


class UnreadableLine(ValueError):
    """A line that names no choice; the message quotes it and says what to write."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A choice of a dimension, and how many thousandths one of it counts."""

    key: str
    name: str
    thousandths: int = ONE


def read_choice_lines(text: str) -> tuple[Choice, ...]:
    """The choices, in the order of the lines."""
    choices = tuple(_choice(line) for line in _lines(text))
    _refuse_twice([choice.key for choice in choices], [choice.label for choice in choices])
    return choices


def write_choice_lines(choices: tuple[Choice, ...]) -> str:
    return "\n".join(_written(choice.key, choice.label) for choice in choices)


def read_weighed_lines(text: str) -> tuple[Weighed, ...]:
    """The choices of a dimension with their weights, in the order of the lines."""
    weighed = tuple(_weighed(line) for line in _lines(text))
    _refuse_twice([choice.key for choice in weighed], [choice.name for choice in weighed])
    return weighed


def write_weighed_lines(choices: tuple[Weighed, ...]) -> str:
    return "\n".join(f"{_written(c.key, c.name)} = {say_weight(c.thousandths)}" for c in choices)


def say_weight(thousandths: int) -> str:
    """ "5", "0.25"."""
    return f"{(Decimal(thousandths) / ONE).normalize():f}"


def _lines(text: str) -> list[str]:
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def _choice(line: str) -> Choice:
    key, bar, label = (part.strip() for part in line.partition("|"))
    if not bar:
        key, label = _key_of(line), line
    if not label or not _KEY.fullmatch(key):
        raise UnreadableLine(f"'{line}' is no choice; write its name, such as Gold, or key and name: gold | Gold.")
    return Choice(key, label)


def _key_of(label: str) -> str:
    """ "Gold support" → "gold_support"; what begins with a digit or another script is called "choice_…"."""
    made = slug(label)
    return (made if made == slug(f"x{label}")[1:] else f"choice_{made.removeprefix('feature').strip('_')}")[:64]


def _weighed(line: str) -> Weighed:
    found = _WEIGHT.search(line)
    choice = _choice(line[: found.start()] if found else line)
    return Weighed(choice.key, choice.label, _thousandths(found[1], line) if found else ONE)


def _thousandths(number: str, line: str) -> int:
    try:
        exact = Decimal(number.replace(",", "")) * ONE
    except InvalidOperation:
        raise UnreadableLine(f"'{line}': '{number}' is no number; write how much one counts, such as = 5.") from None
    if exact != exact.to_integral_value() or not 0 < exact <= HEAVIEST:
        raise UnreadableLine(f"'{line}': one counts as 0.001 to 1,000,000, with at most three decimals.")
    return int(exact)


def _refuse_twice(keys: list[str], names: list[str]) -> None:
    for listed, what in ((names, "name"), (keys, "key")):
        folded = [entry.casefold() for entry in listed]
        twice = next((entry for entry in listed if folded.count(entry.casefold()) > 1), None)
        if twice is not None:
            raise UnreadableLine(f"The {what} '{twice}' stands there twice; every choice needs its own.")


def _written(key: str, label: str) -> str:
    return label if _key_of(label) == key and "|" not in label and not _WEIGHT.search(label) else f"{key} | {label}"
