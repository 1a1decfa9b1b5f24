"""The way back: values, prices and terms in the words a person would type, so that what is shown can be typed again."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction

from catalog.domain.amounts import MILLION, MULTIPLES
from catalog.domain.cells import Reading
from catalog.domain.choices import spell_choice, spell_choices, spell_text
from catalog.domain.prices import CURRENCY_SIGNS, MICROS, PriceLine, without_lead
from catalog.domain.sayings import (
    INCLUDED,
    NOT_INCLUDED,
    PAY_AS_YOU_GO,
    SET_PER_CUSTOMER,
    SOLD_AS_ADD_ON,
    TO_BE_SETTLED,
    UNLIMITED_WORD,
)
from catalog.domain.trial_ends import say_trial_end
from catalog.domain.units import Family, Unit, ladder, smallest_in, unit_named, unit_of
from catalog.domain.values import (
    UNLIMITED,
    Aggregation,
    Amount,
    Enforcement,
    FeatureShape,
    Kind,
    Nature,
    Reset,
    Scaling,
    TermState,
    Value,
)
from catalog.domain.vocabulary import Vocabulary, spell

NO_PART = "no"
_SIGNS = {currency: sign for sign, currency in CURRENCY_SIGNS.items()}
_SHORT = 3  # decimals
_RESETS = {
    Reset.SECOND: "a second",
    Reset.MINUTE: "a minute",
    Reset.HOUR: "an hour",
    Reset.DAY: "a day",
    Reset.WEEK: "a week",
    Reset.MONTH: "a month",
    Reset.YEAR: "a year",
    Reset.BILLING: "a billing period",
    Reset.NEVER: "in all",
}
_LIMITS = {Enforcement.HARD: "hard limit", Enforcement.SOFT: "soft limit", Enforcement.TRACK: "tracked only"}


def say_value(value: Value, *, shape: FeatureShape, typed_unit: str = "") -> str:
    """ "500 MB", "50,000", "7 days", "Unlimited", "Smart CDN", "on": `read_cell` reads it back as the same value.

    A gate that is off reads back as "not included", which is what off means.
    """
    if value is UNLIMITED:
        return UNLIMITED_WORD
    if isinstance(value, Decimal):
        return _say_amount(int(value), shape=shape, typed_unit=typed_unit)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, frozenset):
        return spell_choices(value, shape=shape)
    text = str(value)
    return spell_choice(text, shape=shape) if shape.nature is Nature.RANKED else spell_text(text)


def _say_amount(amount: int, *, shape: FeatureShape, typed_unit: str) -> str:
    own = unit_of(shape)
    if own.family is Family.COUNT:
        return _say_count(Fraction(amount) / smallest_in(own, shape=shape), typed_unit=typed_unit)
    typed = unit_named(typed_unit)
    if amount == 0:
        typed = typed or own
    rungs = [typed, *ladder(shape)] if typed is not None and typed.family is own.family else list(ladder(shape))
    for unit in rungs:
        size = smallest_in(unit, shape=shape)
        if (Fraction(amount) >= size or unit is typed) and _is_short(Fraction(amount) / size, unit):
            return _with_unit(Fraction(amount) / size, unit)
    smallest = rungs[-1]
    return _with_unit(Fraction(amount) / smallest_in(smallest, shape=shape), smallest)


def _say_count(count: Fraction, *, typed_unit: str) -> str:
    multiple = MULTIPLES.get(typed_unit)
    if multiple is not None and count >= multiple and _decimals(count / multiple) <= _SHORT:
        return f"{_say_number(count / multiple)} {typed_unit}"
    return _say_number(count)


def _is_short(number: Fraction, unit: Unit) -> bool:
    """Bytes are said with a few decimals ("25.6 GB"), times in whole units ("36 hours")."""
    return _decimals(number) <= (_SHORT if unit.family is Family.BYTES else 0)


def _with_unit(number: Fraction, unit: Unit) -> str:
    return f"{_say_number(number)} {unit.noun(one=number == 1)}"


def _decimals(number: Fraction) -> int:
    """How many decimals it takes to write the number exactly; more than anybody writes if that never ends."""
    rest, places = number.denominator, 0
    while rest % 10 == 0 or rest % 5 == 0 or rest % 2 == 0:
        rest //= 10 if rest % 10 == 0 else 5 if rest % 5 == 0 else 2
        places += 1
    return places if rest == 1 else 1_000


def _say_number(number: Fraction) -> str:
    with localcontext() as exact:
        exact.prec = 60
        written = Decimal(number.numerator) / Decimal(number.denominator)
        return f"{written:,f}" if written == written.to_integral_value() else f"{written.normalize():,f}"


def say_money(amount_micros: int, currency: str = "USD") -> str:
    """ "$25", "$2.50", "$0.00325", "CHF 5"."""
    amount = Decimal(amount_micros) / MICROS
    digits = f"{amount:,.2f}" if amount * 100 == int(amount * 100) else f"{amount.normalize():,f}"
    sign = _SIGNS.get(currency)
    return f"{sign or currency + ' '}{digits.removesuffix('.00')}"


def say_price(line: PriceLine, *, shape: FeatureShape) -> str:
    """ "$0.125 per GB"; a price that wasn't fully understood is said in its own words."""
    if line.per_amount is None:
        return without_lead(line.note) or say_money(line.amount_micros, line.currency)
    return f"{say_money(line.amount_micros, line.currency)} per {_say_measure(line.per_amount, shape=shape)}"


def _say_measure(amount: int, *, shape: FeatureShape) -> str:
    own = unit_of(shape)
    if own.family is not Family.COUNT:
        return _say_amount(amount, shape=shape, typed_unit="").removeprefix("1 ")
    count = Fraction(amount) / smallest_in(own, shape=shape)
    noun = own.noun(one=count == 1)
    if count == MULTIPLES[MILLION]:
        return f"{MILLION} {noun}".strip()
    return (noun if count == 1 else f"{_say_number(count)} {noun}".strip()) or "1"


def say_prices(lines: Sequence[PriceLine], *, shape: FeatureShape) -> str:
    """All the prices of a cell: "$60 per drain per month; and $0.20 per Million processed"."""
    first, *others = lines
    return "; ".join([say_price(first, shape=shape), *(_say_further(line, shape=shape) for line in others)])


def _say_further(line: PriceLine, *, shape: FeatureShape) -> str:
    joined = line.per_amount is None and line.note != without_lead(line.note)
    return line.note if joined else f"and {say_price(line, shape=shape)}"


def say_reset(reset: Reset) -> str:
    """ "a month", "a billing period"; what stands after an amount that is used up and comes again."""
    return _RESETS[reset]


def say_enforcement(enforcement: Enforcement) -> str:
    return _LIMITS[enforcement]


def say_term(
    *,
    shape: FeatureShape,
    state: TermState,
    value: Value | None = None,
    typed_unit: str = "",
    prices: Sequence[PriceLine] = (),
    reset: Reset | None = None,
    enforcement: Enforcement | None = None,
    source_text: str = "",
) -> str:
    """A whole cell of the sheet in words: "8 GB, then $0.125 per GB", "not included", "sold as an add-on"."""
    if value is None and state in {TermState.VALUE, TermState.UNLIMITED}:
        raise ValueError(f"A term that is {state} has a value.")
    reading = Reading(state, value, typed_unit, tuple(prices), enforcement, source_text=source_text, reset=reset)
    return say_cell(reading, shape=shape)


def say_cell(reading: Reading, *, shape: FeatureShape, names: Vocabulary | None = None, exact: bool = False) -> str:
    """A cell in words that can be typed again. `exact`: with all it says, also what a person takes for granted.

    Whose seats multiply it, the add-on that sells it and its parts are said by their names where these are known.
    """
    offer = say_prices(reading.prices, shape=shape) if reading.prices else ""
    match reading.state:
        case TermState.NOT_INCLUDED:
            return NOT_INCLUDED
        case TermState.SET_PER_CUSTOMER:
            return SET_PER_CUSTOMER
        case TermState.ADD_ON:
            seller = spell(reading.sold_as, names.add_ons if names else {}) if reading.sold_as else ""
            told = "; ".join(part for part in (seller, offer) if part)
            return f"{SOLD_AS_ADD_ON}: {told}" if told else SOLD_AS_ADD_ON
        case TermState.UNSETTLED:
            source = reading.source_text.strip()
            return f"{TO_BE_SETTLED}: {source}" if source else TO_BE_SETTLED
        case TermState.VALUE | TermState.UNLIMITED:
            words = _say_given(reading, offer, shape=shape, names=names or Vocabulary(), exact=exact)
            if reading.sub_limits:
                words = f"{words}; of which {_say_parts(reading, shape, names)}"
            if kept := say_trial_end(reading.at_trial_end, reading.kept_days):
                words = f"{INCLUDED if words == 'on' and not exact else words}, {kept}"
            return words


def _say_given(reading: Reading, offer: str, *, shape: FeatureShape, names: Vocabulary, exact: bool) -> str:
    assert reading.value is not None
    rhythm = _say_rhythm(reading, shape=shape, names=names, exact=exact)
    bare = reading.enforcement is None and reading.overage_percent is None
    if reading.value == 0 and offer and bare and isinstance(reading.value, Decimal):
        return f"{PAY_AS_YOU_GO}{rhythm if exact or reading.scaling is not Scaling.FLAT else ''}: {offer}"
    words = say_value(reading.value, shape=shape, typed_unit=reading.typed_unit) + rhythm
    if reading.enforcement is not None:
        words += f", {say_enforcement(reading.enforcement)}"
    if offer:
        words += f", {'' if offer.startswith(('additional', 'extra')) else 'then '}{offer}"
    return words if reading.overage_percent is None else f"{words}, {say_beyond(reading.overage_percent)}"


def _say_rhythm(reading: Reading, *, shape: FeatureShape, names: Vocabulary, exact: bool) -> str:
    """ " a month per unit"; of what isn't used up a person isn't told over which period it is measured."""
    told = exact or (isinstance(reading.value, Decimal) and is_used_up(shape))
    words = f" {say_reset(reading.reset)}" if reading.reset is not None and told else ""
    scaled = say_scaling(reading.scaling, seats=spell(reading.seats_of, names.counted))
    return f"{words} {scaled}" if scaled else words


def _say_parts(reading: Reading, shape: FeatureShape, names: Vocabulary | None) -> str:
    known = names.choices.get(shape.key, {}) if names else {}
    return ", ".join(
        f"{spell(choice, known)}: {say_part(amount, shape=shape)}" for choice, amount in reading.sub_limits
    )


def say_part(amount: Amount | None, *, shape: FeatureShape) -> str:
    """How much of an amount may fall to one choice: "100", "Unlimited", "no"."""
    return NO_PART if amount is None else say_value(amount, shape=shape)


def say_scaling(scaling: Scaling, *, seats: str) -> str:
    """What multiplies an amount; nothing where it stands by itself."""
    match scaling:
        case Scaling.FLAT:
            return ""
        case Scaling.PER_UNIT:
            return "per unit"
        case Scaling.PER_SEAT_OF:
            return f"per seat of {seats}, pooled"
        case Scaling.EACH_SEAT_OF:
            return f"for each seat of {seats}"


def say_beyond(percent: int) -> str:
    return f"up to {percent:,} % beyond"


def is_used_up(shape: FeatureShape) -> bool:
    """Whether so much is had per period ("50,000 a month"): an average or a peak is watched, not used up."""
    return shape.kind is Kind.CREDIT or shape.aggregation in {Aggregation.SUM, Aggregation.DISTINCT}


def say_reading(
    reading: Reading, *, shape: FeatureShape, reset: Reset | None = None, names: Vocabulary | None = None
) -> str:
    """What was read from a cell, in our words; `reset` is the feature's own, where the cell names none."""
    return say_cell(replace(reading, reset=reading.reset or reset), shape=shape, names=names)
