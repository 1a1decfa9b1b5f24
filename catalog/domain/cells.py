"""One cell of the plan sheet: what people type or paste becomes a typed value (C9).

Nothing is guessed and nothing is dropped: what is vague is kept as unsettled with its text, what is wrong is refused
in words that say what would be read.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from decimal import Decimal

from catalog.domain.amounts import UnreadableCell, read_leading_amount, shown
from catalog.domain.choices import read_choice, read_choices, unquoted
from catalog.domain.prices import PriceLine, fragments_of, mentions_money, read_prices
from catalog.domain.sayings import PAY_AS_YOU_GO, TO_BE_SETTLED, UNLIMITED_START, Saying, saying_of
from catalog.domain.tails import SubLimits, Tail, cut_sub_limits, read_sub_limits, read_tail
from catalog.domain.trial_ends import TrialEnd, cut_trial_end
from catalog.domain.values import (
    UNLIMITED,
    AtTrialEnd,
    Enforcement,
    FeatureShape,
    Kind,
    Nature,
    Reset,
    Scaling,
    TermState,
    Value,
)
from catalog.domain.vocabulary import Vocabulary, keys_of, listed

__all__ = ["LONGEST", "Reading", "UnreadableCell", "check_characters", "is_left_open", "read_cell", "with_trial_end"]

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says. `overage`: use beyond the value is allowed and charged. `reset` and `enforcement` are None
    where the cell says nothing of them; `source_text` is the cell exactly as it stood.

    `seats_of` and `sold_as` are keys, the choices of `sub_limits` are spelled "dimension.choice". `unread` quotes the
    part for which a cell is left unsettled.
    """

    state: TermState
    value: Value | None = None
    typed_unit: str = ""
    prices: tuple[PriceLine, ...] = ()
    enforcement: Enforcement | None = None
    overage: bool = False
    source_text: str = ""
    reset: Reset | None = None
    overage_percent: int | None = None
    scaling: Scaling = Scaling.FLAT
    seats_of: str = ""
    sub_limits: SubLimits = ()
    sold_as: str = ""
    at_trial_end: AtTrialEnd = AtTrialEnd.ENDS
    kept_days: int | None = None
    unread: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.gives != (self.value is not None) or (self.state is TermState.UNLIMITED) != (self.value is UNLIMITED):
            raise ValueError(f"A cell that is {self.state} can't have the value {self.value!r}.")
        if (self.at_trial_end is AtTrialEnd.KEPT_FOR) != (self.kept_days is not None):
            raise ValueError("A cell that is kept for some days after a trial, and only that, says for how many.")

    @property
    def gives(self) -> bool:
        return self.state in {TermState.VALUE, TermState.UNLIMITED}


_ADD_ON_WORDS = re.compile(r"\badd[ -]?ons?\b", re.IGNORECASE)
_PAID_BY_USE = re.compile(rf"{PAY_AS_YOU_GO}\b(?P<rules>[^:$€£]*):", re.IGNORECASE)
_LEFT_OPEN = re.compile(rf"{TO_BE_SETTLED}\s*(?::\s*(?P<said>.*)|[.!…]*)", re.IGNORECASE | re.DOTALL)


def read_cell(
    text: str, *, shape: FeatureShape, sold_as_add_on: bool = False, vocabulary: Vocabulary | None = None
) -> Reading:
    """What the text says of the feature; raises UnreadableCell with words for whoever typed it.

    `sold_as_add_on`: the sheet says of this feature that a price beside it is the price of an add-on. `vocabulary`:
    what the cell may name beside the feature; without one, as on a price page, nothing else is looked for by name.
    """
    check_characters(text)
    said = text.replace("\u00a0", " ").replace("\ufe0f", "").strip()
    _refuse_formula(said)
    cell = _Cell(shape, sold_as_add_on, vocabulary)
    if (left_open := _LEFT_OPEN.fullmatch(said)) is not None:
        return cell.left_open((left_open["said"] or "").strip())
    said, trial_end = cut_trial_end(said)
    return replace(with_trial_end(cell.read(said), trial_end), source_text=text)


def with_trial_end(reading: Reading, trial_end: TrialEnd) -> Reading:
    """The reading with what becomes of it after a trial; a cell that nobody has decided says nothing of that."""
    at_trial_end, days = trial_end
    if at_trial_end is AtTrialEnd.ENDS or reading.state is TermState.UNSETTLED:
        return reading
    if not reading.gives:
        raise UnreadableCell("Nothing is given here that could be kept after a trial; leave that out.")
    return replace(reading, at_trial_end=at_trial_end, kept_days=days)


def is_left_open(text: str) -> bool:
    """Whether the cell says in so many words that nobody has decided it: "to be settled: Coming soon"."""
    return _LEFT_OPEN.fullmatch(text.strip()) is not None


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


@dataclass(frozen=True, slots=True)
class _Cell:
    """The cell of one feature, being read."""

    shape: FeatureShape
    sold_as_add_on: bool
    vocabulary: Vocabulary | None

    def read(self, said: str) -> Reading:
        if not said:
            return _unsettled()
        saying = saying_of(said)
        if saying is not None:
            return self._read_saying(saying, said)
        if self.shape.nature is Nature.TEXT:
            literal = unquoted(said)
            return Reading(TermState.VALUE, said if literal is None else literal)
        if self.shape.nature is not Nature.QUANTITY:
            return self._read_one(said)
        main, parts = cut_sub_limits(said)
        return self._divided(self._read_whole(main), parts) if parts else self._read_one(said)

    def left_open(self, said: str) -> Reading:
        """What nobody has decided keeps the words that were found, and the prices in them."""
        try:
            reading = self.read(said)
        except UnreadableCell:
            reading = _unsettled()
        prices = reading.prices if reading.state is TermState.UNSETTLED else ()
        return Reading(TermState.UNSETTLED, prices=prices, source_text=said, unread=said)

    def _read_whole(self, said: str) -> Reading:
        """What stands before "of which": a word for the whole, or an amount."""
        return self._read_saying(saying, said) if (saying := saying_of(said)) is not None else self._read_one(said)

    def _divided(self, reading: Reading, parts: str) -> Reading:
        if not reading.gives:
            return replace(_unsettled(f"of which {parts}"), prices=reading.prices)
        return replace(reading, sub_limits=read_sub_limits(parts, shape=self.shape, vocabulary=self.vocabulary))

    def _read_one(self, said: str) -> Reading:
        try:
            return self._read_value(said)
        except UnreadableCell:
            amount_first = self.shape.nature is Nature.QUANTITY and said[0] in "-\u22120123456789"
            if amount_first or not mentions_money(said):
                raise
            return self._read_priced(said)

    def _read_saying(self, saying: Saying, said: str) -> Reading:
        match saying:
            case Saying.NO:
                return Reading(TermState.NOT_INCLUDED)
            case Saying.CUSTOM:
                return Reading(TermState.SET_PER_CUSTOMER)
            case Saying.VAGUE:
                return _unsettled(said)
            case Saying.ADD_ON:
                return self._read_add_on(said)
            case Saying.YES:
                # "Yes" to a question of how much, or which, answers nothing: a person must say it.
                gate = self.shape.nature is Nature.GATE
                return Reading(TermState.VALUE, True) if gate else _unsettled(said)
            case Saying.UNLIMITED:
                return self._read_unlimited(said)

    def _read_add_on(self, said: str) -> Reading:
        """ "sold as an add-on", after a colon the add-on by its key and the prices, where it has some."""
        _, _, offer = said.partition(":")
        fragments = fragments_of(offer)
        seller = ""
        if fragments and not mentions_money(fragments[0]) and self.vocabulary is not None:
            seller = _seller(fragments.pop(0), self.vocabulary)
        prices = read_prices(fragments, shape=self.shape) or ()
        if fragments and not prices and self.vocabulary is not None:
            return _unsettled("; ".join(fragments))
        return Reading(TermState.ADD_ON, prices=prices, sold_as=seller)

    def _read_unlimited(self, said: str) -> Reading:
        match self.shape.nature:
            case Nature.QUANTITY:
                return Reading(TermState.UNLIMITED, UNLIMITED)
            case Nature.TEXT:
                return Reading(TermState.VALUE, said)
            case _:
                raise UnreadableCell(f"{self.shape.name} has no amount that could be '{said}'; {_instead(self.shape)}.")

    def _read_priced(self, said: str) -> Reading:
        """A cell of nothing but prices; where they can't be understood, or stand beside other words, it is unsettled."""
        paid_by_use = _PAID_BY_USE.match(said)
        if paid_by_use and self.shape.kind in {Kind.METERED, Kind.CAPACITY}:
            rest = f"{paid_by_use['rules']}; {said[paid_by_use.end() :].strip()}"
            tail = read_tail(rest, shape=self.shape, vocabulary=self.vocabulary, free=True)
            return self._with_rules(Decimal(0), tail)
        fragments = fragments_of(said[paid_by_use.end() :] if paid_by_use else said)
        prices = read_prices(fragments, shape=self.shape)
        if prices is None:
            return _unsettled(said)
        if not paid_by_use and (self.sold_as_add_on or _ADD_ON_WORDS.search(said)):
            return Reading(TermState.ADD_ON, prices=prices)
        if self.shape.kind in {Kind.METERED, Kind.CAPACITY}:
            return Reading(TermState.VALUE, Decimal(0), prices=prices, overage=True)
        return replace(_unsettled(said), prices=prices)

    def _read_value(self, said: str) -> Reading:
        match self.shape.nature:
            case Nature.GATE:
                raise UnreadableCell(f"'{shown(said)}' is neither yes nor no; {_instead(self.shape)}.")
            case Nature.RANKED:
                return Reading(TermState.VALUE, read_choice(said, shape=self.shape))
            case Nature.SET:
                return Reading(TermState.VALUE, read_choices(said, shape=self.shape))
            case _:
                return self._read_amount(said)

    def _read_amount(self, said: str) -> Reading:
        limitless = UNLIMITED_START.match(said)
        if limitless is not None:
            tail = read_tail(said[limitless.end() :], shape=self.shape, vocabulary=self.vocabulary)
            return self._with_rules(UNLIMITED, tail)
        amount, rest = read_leading_amount(said, shape=self.shape)
        tail = read_tail(rest, shape=self.shape, vocabulary=self.vocabulary)
        return self._with_rules(amount.smallest, tail, typed_unit=amount.typed_unit)

    def _with_rules(self, value: Value, tail: Tail, *, typed_unit: str = "") -> Reading:
        unread = tail.unread
        if value is UNLIMITED and tail.prices:
            unread = unread or "; ".join(line.note for line in tail.prices)
        if unread:
            return replace(_unsettled(unread), prices=tail.prices)
        return Reading(
            TermState.UNLIMITED if value is UNLIMITED else TermState.VALUE,
            value,
            typed_unit=typed_unit,
            prices=tail.prices,
            enforcement=tail.enforcement,
            overage=bool(tail.prices),
            reset=tail.reset,
            overage_percent=tail.overage_percent,
            scaling=tail.scaling,
            seats_of=tail.seats_of,
        )


def _unsettled(unread: str = "") -> Reading:
    return Reading(TermState.UNSETTLED, unread=unread)


def _seller(words: str, vocabulary: Vocabulary) -> str:
    keys = keys_of(words, vocabulary.add_ons)
    if len(keys) == 1:
        return keys.pop()
    if keys:
        raise UnreadableCell(f"Several add-ons are called '{words}'; write the key of one: {', '.join(sorted(keys))}.")
    known = listed(vocabulary.add_ons) or "none yet, so create it first"
    raise UnreadableCell(f"There is no add-on called '{words}'; the add-ons are {known}.")


def _instead(shape: FeatureShape) -> str:
    if shape.nature is Nature.GATE:
        return "write yes, no, Custom or Coming soon"
    return "write one of: " + ", ".join(choice.label for choice in shape.choices)
