"""One cell of the plan sheet: what people type or paste becomes a typed value (C9).

Nothing is guessed and nothing is dropped: what is vague is kept as unsettled with its text, what is wrong is refused
in words that say what would be read.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal

from catalog.domain.amounts import UnreadableCell, read_leading_amount
from catalog.domain.choices import read_choice, read_choices, unquoted
from catalog.domain.prices import PriceLine, fragments_of, is_beyond, mentions_money, read_prices
from catalog.domain.sayings import PAY_AS_YOU_GO, Saying, saying_of
from catalog.domain.values import UNLIMITED, Enforcement, FeatureShape, Kind, Nature, Reset, TermState, Value

__all__ = ["LONGEST", "Reading", "UnreadableCell", "check_characters", "read_cell"]

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says. `overage`: use beyond the value is allowed and charged. `reset` and `enforcement` are None
    where the cell says nothing of them; `source_text` is the cell exactly as it stood.
    """

    state: TermState
    value: Value | None = None
    typed_unit: str = ""
    prices: tuple[PriceLine, ...] = ()
    enforcement: Enforcement | None = None
    overage: bool = False
    source_text: str = ""
    reset: Reset | None = None

    def __post_init__(self) -> None:
        speaks = self.state in {TermState.VALUE, TermState.UNLIMITED}
        if speaks != (self.value is not None) or (self.state is TermState.UNLIMITED) != (self.value is UNLIMITED):
            raise ValueError(f"A cell that is {self.state} can't have the value {self.value!r}.")


@dataclass(frozen=True, slots=True)
class _Tail:
    """What may follow an amount."""

    prices: tuple[PriceLine, ...] = ()
    reset: Reset | None = None
    enforcement: Enforcement | None = None
    understood: bool = True


_UNSETTLED = Reading(TermState.UNSETTLED)
_NOT_UNDERSTOOD = _Tail(understood=False)
_ADD_ON_WORDS = re.compile(r"\badd[ -]?ons?\b", re.IGNORECASE)
_RESET = re.compile(
    r"(?:(?:a|an|per|each|every)\s+|/\s*)(?P<period>hour|day|week|month|year|billing period|billing cycle)",
    re.IGNORECASE,
)
_PAID_BY_USE = re.compile(rf"{PAY_AS_YOU_GO}\s*:", re.IGNORECASE)
_IN_ALL = "in all"
_LIMITS = {"hard limit": Enforcement.HARD, "soft limit": Enforcement.SOFT, "tracked only": Enforcement.TRACK}


def read_cell(text: str, *, shape: FeatureShape, sold_as_add_on: bool = False) -> Reading:
    """What the text says of the feature; raises UnreadableCell with words for whoever typed it.

    `sold_as_add_on`: the sheet says of this feature that a price beside it is the price of an add-on.
    """
    check_characters(text)
    said = text.replace("\u00a0", " ").replace("\ufe0f", "").strip()
    _refuse_formula(said)
    return replace(_read(said, shape=shape, sold_as_add_on=sold_as_add_on), source_text=text)


def check_characters(text: str) -> None:
    """Refuse what no person types into a cell: control and invisible characters, and whole essays."""
    if len(text) > LONGEST:
        raise UnreadableCell(f"This cell holds {len(text):,} characters; write at most {LONGEST:,}.")
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cf", "Cs"}:
            raise UnreadableCell(
                f"This cell holds an invisible character (U+{ord(character):04X}); type the text anew, on one line."
            )


def _refuse_formula(said: str) -> None:
    if said.startswith(("=", "+", "@")) or re.match(r"[-\u2212]\s*[^\s0-9.]", said):
        raise UnreadableCell(f"'{said}' looks like a formula; write the value itself, or put text in double quotes.")


def _read(said: str, *, shape: FeatureShape, sold_as_add_on: bool) -> Reading:
    if not said:
        return _UNSETTLED
    saying = saying_of(said)
    if saying is not None:
        return _read_saying(saying, said, shape=shape)
    if shape.nature is Nature.TEXT:
        literal = unquoted(said)
        return Reading(TermState.VALUE, said if literal is None else literal)
    try:
        return _read_value(said, shape=shape)
    except UnreadableCell:
        amount_first = shape.nature is Nature.QUANTITY and said[0] in "-\u22120123456789"
        if amount_first or not mentions_money(said):
            raise
        return _read_priced(said, shape=shape, sold_as_add_on=sold_as_add_on)


def _read_saying(saying: Saying, said: str, *, shape: FeatureShape) -> Reading:
    match saying:
        case Saying.NO:
            return Reading(TermState.NOT_INCLUDED)
        case Saying.CUSTOM:
            return Reading(TermState.SET_PER_CUSTOMER)
        case Saying.VAGUE:
            return _UNSETTLED
        case Saying.ADD_ON:
            return _read_add_on(said, shape=shape)
        case Saying.YES:
            # "Yes" to a question of how much, or which, answers nothing: a person must say it.
            return Reading(TermState.VALUE, True) if shape.nature is Nature.GATE else _UNSETTLED
        case Saying.UNLIMITED:
            return _read_unlimited(said, shape=shape)


def _read_add_on(said: str, *, shape: FeatureShape) -> Reading:
    """ "sold as an add-on", with its prices after a colon where it has some."""
    _, _, offer = said.partition(":")
    return Reading(TermState.ADD_ON, prices=read_prices(fragments_of(offer), shape=shape) or ())


def _read_unlimited(said: str, *, shape: FeatureShape) -> Reading:
    match shape.nature:
        case Nature.QUANTITY:
            return Reading(TermState.UNLIMITED, UNLIMITED)
        case Nature.TEXT:
            return Reading(TermState.VALUE, said)
        case _:
            raise UnreadableCell(f"{shape.name} has no amount that could be '{said}'; {_instead(shape)}.")


def _instead(shape: FeatureShape) -> str:
    if shape.nature is Nature.GATE:
        return "write yes, no, Custom or Coming soon"
    return "write one of: " + ", ".join(choice.label for choice in shape.choices)


def _read_priced(said: str, *, shape: FeatureShape, sold_as_add_on: bool) -> Reading:
    """A cell of nothing but prices; where they can't be understood, or stand beside other words, it is unsettled."""
    paid_by_use = _PAID_BY_USE.match(said)
    offer = said[paid_by_use.end() :] if paid_by_use else said
    prices = read_prices(fragments_of(offer), shape=shape)
    if prices is None:
        return _UNSETTLED
    if not paid_by_use and (sold_as_add_on or _ADD_ON_WORDS.search(said)):
        return Reading(TermState.ADD_ON, prices=prices)
    if shape.kind in {Kind.METERED, Kind.CAPACITY}:
        return Reading(TermState.VALUE, Decimal(0), prices=prices, overage=True)
    return Reading(TermState.UNSETTLED, prices=prices)


def _read_value(said: str, *, shape: FeatureShape) -> Reading:
    match shape.nature:
        case Nature.GATE:
            raise UnreadableCell(f"'{said}' is neither yes nor no; {_instead(shape)}.")
        case Nature.RANKED:
            return Reading(TermState.VALUE, read_choice(said, shape=shape))
        case Nature.SET:
            return Reading(TermState.VALUE, read_choices(said, shape=shape))
        case _:
            return _read_amount(said, shape=shape)


def _read_amount(said: str, *, shape: FeatureShape) -> Reading:
    amount, rest = read_leading_amount(said, shape=shape)
    tail = _read_tail(rest, shape=shape)
    if not tail.understood:
        return Reading(TermState.UNSETTLED, prices=tail.prices)
    return Reading(
        TermState.VALUE,
        amount.smallest,
        typed_unit=amount.typed_unit,
        prices=tail.prices,
        enforcement=tail.enforcement,
        overage=bool(tail.prices),
        reset=tail.reset,
    )


def _read_tail(rest: str, *, shape: FeatureShape) -> _Tail:
    """ "included; then $0.125 per GB", "a month, soft limit": each statement must be known, or none is believed."""
    tail = _Tail()
    fragments = fragments_of(re.sub(r"^included\b", "", rest, flags=re.IGNORECASE))
    for place, fragment in enumerate(fragments):
        folded = fragment.casefold()
        if mentions_money(fragment):
            return _read_priced_tail(fragments[place:], tail, shape=shape)
        if folded in _LIMITS and tail.enforcement is None:
            tail = replace(tail, enforcement=_LIMITS[folded])
        elif (reset := _read_reset(folded, shape=shape)) is not None and tail.reset is None:
            tail = replace(tail, reset=reset)
        else:
            return _NOT_UNDERSTOOD
    return tail


def _read_priced_tail(fragments: list[str], tail: _Tail, *, shape: FeatureShape) -> _Tail:
    prices = read_prices(fragments, shape=shape)
    if prices is None:
        return _NOT_UNDERSTOOD
    # A price that is neither for more nor for so much of it may be the price of the whole: a person must say.
    return replace(tail, prices=prices, understood=any(is_beyond(line) for line in prices))


def _read_reset(folded: str, *, shape: FeatureShape) -> Reset | None:
    if shape.kind not in {Kind.METERED, Kind.CREDIT}:
        return None
    if folded == _IN_ALL:
        return Reset.NEVER
    found = _RESET.fullmatch(folded)
    if found is None:
        return None
    return Reset.BILLING if found["period"].startswith("billing") else Reset(found["period"])
