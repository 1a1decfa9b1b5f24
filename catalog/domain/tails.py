"""What may stand beside an amount: when it comes again, what multiplies it, how the limit is kept, what more costs,
and how much of it may fall to one choice.

"8 GB included; then $0.125 per GB, up to 20 % beyond" · "100 a minute, soft limit" · "10 GB per seat of seats, pooled"
· "1,000 a month; of which Large model: 100, Small model: Unlimited". Each statement must be known, or none is believed;
`unread` quotes the first that is not.
"""

import re
from dataclasses import dataclass, replace
from typing import TypeAlias

from catalog.domain.amounts import UnreadableCell, read_leading_amount
from catalog.domain.prices import PriceLine, fragments_of, is_beyond, mentions_money, read_prices
from catalog.domain.sayings import Saying, saying_of
from catalog.domain.values import UNLIMITED, Amount, Enforcement, FeatureShape, Kind, Reset, Scaling
from catalog.domain.vocabulary import Names, Vocabulary, listed, named_at

SubLimits: TypeAlias = tuple[tuple[str, Amount | None], ...]  # "dimension.choice" and how much of it; None: none at all

RESETTING = frozenset({Kind.METERED, Kind.CREDIT})
LIMIT_WORDS = {"hard limit": Enforcement.HARD, "soft limit": Enforcement.SOFT, "tracked only": Enforcement.TRACK}
MOST_PERCENT = 1_000_000


@dataclass(frozen=True, slots=True)
class Tail:
    """`overage_percent` None: nothing is said of how far use may go beyond the amount."""

    prices: tuple[PriceLine, ...] = ()
    reset: Reset | None = None
    enforcement: Enforcement | None = None
    overage_percent: int | None = None
    scaling: Scaling = Scaling.FLAT
    seats_of: str = ""
    unread: str = ""


_PERIODS = "second|minute|hour|day|week|month|year|billing period|billing cycle"
_RESET = re.compile(rf"(?:(?:a|an|per|each|every)\s+|/\s*)(?P<period>{_PERIODS})\b", re.IGNORECASE)
_IN_ALL = re.compile(r"in all\b", re.IGNORECASE)
_PER_UNIT = re.compile(r"(?:per unit|for each unit|for each one)\b(?:\s+bought\b)?", re.IGNORECASE)
_SEATS = re.compile(r"(?P<each>per|for each|for every|each)\s+seat\s+of\s+", re.IGNORECASE)
_POOLED = re.compile(r"\s*,?\s*pooled\b", re.IGNORECASE)
_PERCENT = re.compile(
    r"(?:and\s+)?up to\s+(?P<percent>[0-9][0-9,]*)\s*%\s*(?:beyond|over|above|more)(?:\s+(?:it|the limit))?",
    re.IGNORECASE,
)
_NEXT = re.compile(r"\s*[,;]?\s*")
_OF_WHICH = re.compile(r"\s*[,;]?\s*\bof (?:which|these),?(?:\s+at most)?\s*:?\s+", re.IGNORECASE)
_NEXT_ITEM = re.compile(r"\s*[,;]\s*")
_COLON = re.compile(r"\s*:\s*")


def cut_sub_limits(said: str) -> tuple[str, str]:
    """The cell before "of which", and what follows it; nothing where the cell doesn't say it."""
    found = _OF_WHICH.search(said)
    return (said, "") if found is None else (said[: found.start()], said[found.end() :])


def read_tail(rest: str, *, shape: FeatureShape, vocabulary: Vocabulary | None, free: bool = False) -> Tail:
    """`free`: nothing is included, so that every price is for use beyond it."""
    tail, notes = Tail(), list[str]()
    for fragment in fragments_of(re.sub(r"^included\b", "", rest, flags=re.IGNORECASE)):
        statement = _limit(fragment)
        if statement is not None:
            tail = _joined(tail, statement, fragment)
        elif notes:
            notes.append(fragment)
        else:
            tail, left = _read_statements(fragment, tail, shape=shape, vocabulary=vocabulary)
            if mentions_money(left):
                notes.append(left)
            elif left:
                tail = replace(tail, unread=left)
        if tail.unread:
            break
    if tail.enforcement is Enforcement.HARD and tail.overage_percent is not None:
        raise UnreadableCell("A hard limit allows nothing beyond it; leave out the percentage, or write soft limit.")
    return _with_prices(tail, notes, shape=shape, free=free)


def read_sub_limits(text: str, *, shape: FeatureShape, vocabulary: Vocabulary | None) -> SubLimits:
    """ "Large model: 100, Small model: Unlimited", in the order of the feature's own choices."""
    names: Names = vocabulary.choices.get(shape.key, {}) if vocabulary else {}
    if not names:
        raise UnreadableCell(f"Use of {shape.name} is not told apart by anything, so “of which” can't stand here.")
    found: dict[str, Amount | None] = {}
    position = 0
    while position < len(text):
        named = _named_item(text, position, names)
        if named is None:
            words = re.split(r"[:;,]", text[position:], maxsplit=1)[0].strip()
            raise UnreadableCell(
                f"'{words}' is nothing by which use of {shape.name} is told apart; write one of: "
                f"{listed(names.values())}, each with a colon and its amount."
            )
        key, start = named
        end, position = _item_end(text, start, names)
        if key in found:
            raise UnreadableCell(f"{names[key]} is named twice; say its amount once.")
        found[key] = read_sub_limit(text[start:end].strip(), shape=shape)
    return tuple((key, found[key]) for key in names if key in found)


def read_sub_limit(text: str, *, shape: FeatureShape) -> Amount | None:
    """How much of the amount may fall to one choice: an amount, Unlimited, or None for "no"."""
    match saying_of(text):
        case Saying.NO:
            return None
        case Saying.UNLIMITED:
            return UNLIMITED
    amount, rest = read_leading_amount(text, shape=shape)
    if rest:
        raise UnreadableCell(f"'{rest}' can't stand behind a part of the amount; write the amount alone.")
    return amount.smallest


def _named_item(text: str, position: int, names: Names) -> tuple[str, int] | None:
    named = named_at(text, position, names)
    colon = _COLON.match(text, named[1]) if named else None
    return (named[0], colon.end()) if named and colon else None


def _item_end(text: str, start: int, names: Names) -> tuple[int, int]:
    """Where the amount of one item ends, and where the next item begins; commas inside an amount are part of it."""
    for separator in _NEXT_ITEM.finditer(text, start):
        if separator.end() == len(text) or _named_item(text, separator.end(), names) is not None:
            return separator.start(), separator.end()
        if re.match(r"[^\W\d]", text[separator.end() : separator.end() + 1]):
            return separator.start(), separator.end()  # words: the next round says that nothing is called so
    return len(text), len(text)


def _read_statements(
    fragment: str, tail: Tail, *, shape: FeatureShape, vocabulary: Vocabulary | None
) -> tuple[Tail, str]:
    """The statements a fragment begins with, and what is left of it."""
    position = 0
    while position < len(fragment):
        found = _statement(fragment, position, shape=shape, vocabulary=vocabulary)
        if found is None:
            break
        statement, end = found
        tail = _joined(tail, statement, fragment[position:end])
        following = _NEXT.match(fragment, end)
        position = following.end() if following else end
        if tail.unread:
            break
    return tail, fragment[position:]


def _statement(
    text: str, position: int, *, shape: FeatureShape, vocabulary: Vocabulary | None
) -> tuple[Tail, int] | None:
    if shape.kind in RESETTING:
        if found := _IN_ALL.match(text, position):
            return Tail(reset=Reset.NEVER), found.end()
        if found := _RESET.match(text, position):
            period = found["period"].casefold()
            return Tail(reset=Reset.BILLING if period.startswith("billing") else Reset(period)), found.end()
    if found := _PER_UNIT.match(text, position):
        return Tail(scaling=Scaling.PER_UNIT), found.end()
    found = _SEATS.match(text, position)
    if found is None or vocabulary is None:
        return None
    return _seats(text, found, shape=shape, vocabulary=vocabulary)


def _seats(text: str, found: re.Match[str], *, shape: FeatureShape, vocabulary: Vocabulary) -> tuple[Tail, int]:
    others = {key: name for key, name in vocabulary.counted.items() if key != shape.key}
    named = named_at(text, found.end(), others)
    if named is None:
        words = re.split(r"[,;]", text[found.end() :], maxsplit=1)[0].strip()
        raise UnreadableCell(f"'{words}' is no other feature with an amount; write one of: {listed(others.values())}.")
    key, end = named
    pooled = _POOLED.match(text, end)
    if found["each"].casefold() == "per" or pooled:
        return Tail(scaling=Scaling.PER_SEAT_OF, seats_of=key), pooled.end() if pooled else end
    return Tail(scaling=Scaling.EACH_SEAT_OF, seats_of=key), end


def _limit(fragment: str) -> Tail | None:
    """How a limit is kept, where the whole fragment says that."""
    folded = " ".join(fragment.casefold().split())
    if folded in LIMIT_WORDS:
        return Tail(enforcement=LIMIT_WORDS[folded])
    found = _PERCENT.fullmatch(fragment)
    if found is None:
        return None
    percent = int(found["percent"].replace(",", ""))
    if percent > MOST_PERCENT:
        raise UnreadableCell(f"'{fragment}' is more than anybody means; write at most {MOST_PERCENT:,} %.")
    return Tail(overage_percent=percent)


def _joined(tail: Tail, statement: Tail, said: str) -> Tail:
    """Both together; what is said twice is not understood."""
    given = {
        name: getattr(statement, name)
        for name in ("reset", "enforcement", "overage_percent", "scaling", "seats_of")
        if getattr(statement, name) != getattr(Tail(), name)
    }
    twice = any(getattr(tail, name) != getattr(Tail(), name) for name in given)
    return replace(tail, unread=said.strip()) if twice else replace(tail, **given)


def _with_prices(tail: Tail, notes: list[str], *, shape: FeatureShape, free: bool) -> Tail:
    if not notes:
        return tail
    prices = read_prices(notes, shape=shape)
    if prices is None:
        return replace(tail, unread=tail.unread or "; ".join(notes))
    # A price that is neither for more nor for so much of it may be the price of the whole: a person must say.
    whole = "" if free or any(is_beyond(line) for line in prices) else "; ".join(notes)
    return replace(tail, prices=prices, unread=tail.unread or whole)
