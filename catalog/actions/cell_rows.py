"""The rows of one cell: a term with its price lines and the parts of its amount."""

from dataclasses import dataclass, replace

from catalog.domain.amounts import UnreadableCell
from catalog.domain.cells import Reading
from catalog.domain.tails import RESETTING, SubLimits
from catalog.domain.trial_ends import check_days
from catalog.domain.values import (
    UNLIMITED,
    AtTrialEnd,
    Enforcement,
    FeatureShape,
    Nature,
    Reset,
    Scaling,
    TermState,
)
from catalog.models import Feature, PlanTerm, PriceLine, SubLimit
from catalog.queries.cells import Subject, usual_of, without_usual
from catalog.queries.vocabulary import Words
from journal.actions.deeds import keep, remove
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid


@dataclass(frozen=True, slots=True)
class Rules:
    """How a limit is kept, what multiplies it, and what becomes of it after a trial.

    What is None is as the cell's own words say, or as usual.
    """

    reset: Reset | None = None
    enforcement: Enforcement | None = None
    overage_percent: int | None = None
    scaling: Scaling | None = None
    seats_of: Feature | None = None
    sub_limits: SubLimits | None = None
    at_trial_end: AtTrialEnd | None = None
    kept_days: int | None = None  # counts with KEPT_FOR


def ruled(meaning: Reading, rules: Rules, *, shape: FeatureShape | None) -> Reading:
    """What the cell says together with the rules chosen beside it; refused where they make no sense."""
    _refuse_odd_rules(rules, shape=shape)
    if not meaning.gives:
        return meaning
    scaling = meaning.scaling if rules.scaling is None else rules.scaling
    meaning = replace(
        meaning,
        reset=rules.reset or meaning.reset,
        enforcement=rules.enforcement or meaning.enforcement,
        overage_percent=meaning.overage_percent if rules.overage_percent is None else rules.overage_percent,
        scaling=scaling,
        seats_of=meaning.seats_of if rules.scaling is None else (rules.seats_of.key if rules.seats_of else ""),
        sub_limits=meaning.sub_limits if rules.sub_limits is None else rules.sub_limits,
        at_trial_end=rules.at_trial_end or meaning.at_trial_end,
        kept_days=meaning.kept_days if rules.at_trial_end is None else _kept_days(rules),
    )
    if meaning.enforcement is Enforcement.HARD and meaning.overage_percent is not None:
        raise Invalid("A hard limit allows nothing beyond it; leave the percentage empty.", field="overage_percent")
    return without_usual(meaning)


def fill(term: PlanTerm, meaning: Reading, *, shape: FeatureShape | None, known: Words | None = None) -> None:
    """The columns of a term from what its cell says; writes nothing. `known` finds what the cell names by key."""
    term.state = meaning.state
    term.amount, term.text, term.choices = None, "", None
    if meaning.value is not True and meaning.value is not UNLIMITED and shape is not None:
        term.set_value(meaning.value, shape=shape)
    term.typed_unit = meaning.typed_unit
    gives, kind = meaning.gives, shape.kind if shape else None
    term.reset = meaning.reset.value if meaning.reset and gives and kind in RESETTING else ""
    term.enforcement = (meaning.enforcement or usual_of(meaning)) if gives else Enforcement.HARD
    term.overage_percent = meaning.overage_percent if gives else None
    term.scaling = meaning.scaling if gives else Scaling.FLAT
    term.seats_of = known.features[meaning.seats_of] if known and gives and meaning.seats_of else None
    term.at_trial_end = meaning.at_trial_end if gives else AtTrialEnd.ENDS
    term.kept_days = meaning.kept_days if gives else None
    if meaning.state is not TermState.ADD_ON:
        term.sold_as = None
    elif known and meaning.sold_as:
        term.sold_as = known.add_ons[meaning.sold_as]
    if meaning.state is TermState.UNSETTLED and meaning.source_text:
        term.source_text = meaning.source_text


def write_rows(term: PlanTerm, meaning: Reading, *, subject: Subject, known: Words, deed: Deed) -> None:
    """Keep the term as filled, with its prices and parts."""
    keep(term, deed=deed)
    replace_prices(term, meaning, deed=deed)
    _replace_parts(term, meaning, subject=subject, known=known, deed=deed)
    term._prefetched_objects_cache = {}  # type: ignore[attr-defined]  # what was read before is no longer so


def wipe(term: PlanTerm, *, deed: Deed) -> None:
    """Take a term away, from the leaves up: a cascade would leave no history of what went with it."""
    for row in (*term.price_lines.all(), *term.sub_limits.all(), term):
        remove(row, deed=deed)


def lines_of(term: PlanTerm, meaning: Reading) -> list[PriceLine]:
    """The price rows of a cell, not yet kept."""
    return [
        PriceLine(
            term=term,
            position=position,
            amount_micros=price.amount_micros,
            currency=price.currency,
            per_amount=price.per_amount,
            note=price.note,
        )
        for position, price in enumerate(meaning.prices)
    ]


def replace_prices(term: PlanTerm, meaning: Reading, *, deed: Deed) -> None:
    wanted = lines_of(term, meaning)
    standing = list(term.price_lines.all())
    if [_price(line) for line in standing] == [_price(line) for line in wanted]:
        return
    for line in standing:
        remove(line, deed=deed)
    for line in wanted:
        keep(line, deed=deed)


def _price(line: PriceLine) -> tuple[object, ...]:
    return line.position, line.amount_micros, line.currency, line.per_amount, line.note


def _replace_parts(term: PlanTerm, meaning: Reading, *, subject: Subject, known: Words, deed: Deed) -> None:
    wanted = {key: _part(amount) for key, amount in (meaning.sub_limits if meaning.gives else ())}
    standing = {part.choice_id: part for part in term.sub_limits.all()}
    for key, (state, amount) in wanted.items():
        choice = known.choices[subject.key, key]
        part = standing.pop(choice.pk, None) or SubLimit(term=term, choice=choice, state="")
        if (part.state, part.amount) != (state, amount):
            part.state, part.amount = state, amount
            keep(part, deed=deed)
    for gone in standing.values():
        remove(gone, deed=deed)


def _part(amount: object) -> tuple[str, int | None]:
    if amount is None:
        return TermState.NOT_INCLUDED.value, None
    return (TermState.UNLIMITED.value, None) if amount is UNLIMITED else (TermState.VALUE.value, int(str(amount)))


def _kept_days(rules: Rules) -> int | None:
    if rules.at_trial_end is not AtTrialEnd.KEPT_FOR:
        return None
    if rules.kept_days is None:
        raise Invalid("Say for how many days it is kept after a trial.", field="kept_days")
    try:
        return check_days(rules.kept_days)
    except UnreadableCell as unreadable:
        raise Invalid(str(unreadable), field="kept_days") from unreadable


def _refuse_odd_rules(rules: Rules, *, shape: FeatureShape | None) -> None:
    name = shape.name if shape else "This group"
    counted = shape is not None and shape.nature is Nature.QUANTITY
    if rules.reset is not None and (shape is None or shape.kind not in RESETTING):
        raise Invalid(f"{name} is not used up, so it can't start again each {rules.reset}.", field="reset")
    if rules.enforcement is not None and not counted:
        raise Invalid(f"{name} has no amount, so there is no limit to keep.", field="enforcement")
    if rules.overage_percent is not None and rules.enforcement is Enforcement.HARD:
        raise Invalid("A hard limit allows nothing beyond it; leave the percentage empty.", field="overage_percent")
    if rules.scaling not in {None, Scaling.FLAT} and not counted:
        raise Invalid(f"{name} has no amount that could be multiplied.", field="scaling")
    by_seats = rules.scaling in {Scaling.PER_SEAT_OF, Scaling.EACH_SEAT_OF}
    if by_seats and rules.seats_of is None:
        raise Invalid("Choose whose seats multiply it.", field="seats_of")
    if by_seats and shape is not None and rules.seats_of is not None and rules.seats_of.key == shape.key:
        raise Invalid(f"{name} can't be multiplied by itself; choose another feature.", field="seats_of")
