"""The case a term is written for: a phase of the subscription, a market, how it is paid; or none, which is in general.

A case in words ("During a trial, in Europe, paid yearly") reads back to the same case, so that a sheet can carry it
in a column. A market is said by its name where that is known, and found by its name or its key.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from catalog.domain.amounts import UnreadableCell

PHASES = {
    "trial": "during a trial",
    "grace": "during grace",
    "winding_down": "while winding down",
    "paused": "while paused",
}
INTERVALS = {"month": "paid monthly", "year": "paid yearly"}


@dataclass(frozen=True, slots=True, order=True)
class Case:
    """When a term speaks; `market` is a key. An empty part means whatever it is."""

    phase: str = ""
    market: str = ""
    interval: str = ""

    def __post_init__(self) -> None:
        if self.phase and self.phase not in PHASES:
            raise ValueError(f"There is no phase {self.phase!r} for which a term can be written.")
        if self.interval and self.interval not in INTERVALS:
            raise ValueError(f"Nothing is paid by the {self.interval!r}.")

    @property
    def is_general(self) -> bool:
        return self == GENERAL

    def covers(self, other: "Case") -> bool:
        """Whether a term for this case is heard in the other one; while paused only terms for a pause are."""
        if other.phase == "paused" and self.phase != "paused":
            return False
        pairs = ((self.phase, other.phase), (self.market, other.market), (self.interval, other.interval))
        return all(mine in ("", its) for mine, its in pairs)


GENERAL = Case()


def say_case(case: Case, market_name: str = "") -> str:
    """ "During a trial, in Europe, paid yearly"; nothing for the general case."""
    where = f"in {market_name or case.market}" if case.market else ""
    parts = [PHASES.get(case.phase, ""), where, INTERVALS.get(case.interval, "")]
    said = ", ".join(part for part in parts if part)
    return said[:1].upper() + said[1:]


def parse_case(text: str, markets: Mapping[str, str]) -> Case:
    """The case that words name; `markets` are names by key. Raises UnreadableCell with what could be written."""
    rest = " ".join(text.split())
    found = {"phase": "", "market": "", "interval": ""}
    while rest:
        part, value, length = _next_part(rest, markets)
        if not part or found[part]:
            raise UnreadableCell(f"“{rest}” is no case; write for example {_example(markets)}.")
        found[part] = value
        rest = re.sub(r"^\s*,?\s*", "", rest[length:])
    return Case(**found)


def cases_between(written: Iterable[Case]) -> tuple[Case, ...]:
    """Every case in which the terms written for these cases may speak differently; the general one first.

    A subscription's phase, market and interval that no term names are heard as if they were empty.
    """
    cases = list(written)
    phases, markets, intervals = ({getattr(case, part) for case in cases} | {""} for part in _PARTS)
    return tuple(sorted(Case(*parts) for parts in product(phases, markets, intervals)))


_PARTS = ("phase", "market", "interval")


def _next_part(rest: str, markets: Mapping[str, str]) -> tuple[str, str, int]:
    """Which part the words begin with, its value, and how long it is said."""
    for part, said in (("phase", PHASES), ("interval", INTERVALS)):
        for value, words in said.items():
            if _begins(rest, words):
                return part, value, len(words)
    found = [(len(name), key) for key, title in markets.items() for name in (title, key) if _begins(rest, f"in {name}")]
    if not found:
        return "", "", 0
    longest = max(length for length, _ in found)
    keys = {key for length, key in found if length == longest}
    if len(keys) > 1:
        raise UnreadableCell(f"Several markets are called so; write the key of one: {', '.join(sorted(keys))}.")
    return "market", keys.pop(), len("in ") + longest


def _begins(text: str, words: str) -> bool:
    return text[: len(words)].casefold() == words.casefold() and re.match(r"\s*(?:,|$)", text[len(words) :]) is not None


def _example(markets: Mapping[str, str]) -> str:
    where = next(iter(markets.values()), "")
    said = [PHASES["trial"], *([f"in {where}"] if where else []), INTERVALS["year"]]
    return "“" + ", ".join(said) + "”"
