"""Terms: giving a cell of a draft its meaning."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from catalog.actions.drafts import EDIT, take_draft
from catalog.domain.cells import Reading, UnreadableCell, read_cell
from catalog.domain.values import Enforcement, FeatureShape, Kind, Nature, PlanKind, Reset, TermState
from catalog.domain.words import say_reset
from catalog.models import Feature, Plan, PlanTerm, PlanVersion, PriceLine
from catalog.queries.terms import general_term, say_cell, usual_enforcement
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal

_RESETTING = {Kind.METERED, Kind.CREDIT}


@dataclass(frozen=True, slots=True)
class Rules:
    """How a limit is kept. What is None is as the cell's own words say, or as usual."""

    reset: Reset | None = None
    enforcement: Enforcement | None = None
    overage_percent: int | None = None


@transaction.atomic
def set_term(
    *,
    version: PlanVersion,
    feature: Feature,
    reading: Reading | str,
    edits: int,
    by: Actor,
    at: datetime,
    rules: Rules | None = None,
    sold_as: Plan | None = None,
    reason: str = "",
) -> PlanTerm:
    """A cell of a draft was given a new meaning."""
    by.require(EDIT)
    draft = take_draft(version=version, edits=edits)
    meaning = _read(reading, feature=feature)
    rules = rules or Rules()
    _refuse_odd_rules(rules, shape=feature.shape)
    deed = begin(by=by, at=at)
    term = general_term(version=draft, feature=feature) or PlanTerm(version=draft, feature=feature)
    before, rhythm = _words(term), term.reset
    fill(term, meaning, shape=feature.shape, rules=rules)
    _name_seller(term, sold_as)
    keep(term, deed=deed)
    replace_prices(term, meaning, deed=deed)
    after = _words(term)
    if before == after and rhythm != term.reset:  # of an average or a peak the cell doesn't say the period
        before, after = (f"{after}, measured over {_period(reset)}" for reset in (rhythm, term.reset))
    if before == after:
        raise Refusal(f"Nothing would change: {feature} says “{after}” already.", field="reading")
    _tell(draft, term, before=before, after=after, reason=reason, deed=deed)
    return term


def settle(
    *,
    term: PlanTerm,
    reading: Reading | str,
    edits: int,
    reason: str,
    by: Actor,
    at: datetime,
    rules: Rules | None = None,
    sold_as: Plan | None = None,
) -> PlanTerm:
    """A person decided what a cell means that the price page had left open."""
    if term.feature is None or term.state != TermState.UNSETTLED:
        raise Refusal(f"{term} is settled already. Change the cell on the plan sheet instead.")
    if not reason.strip():
        raise Invalid("Say why: the price page does not tell it, so the audit has to.", field="reason")
    return set_term(
        version=term.version,
        feature=term.feature,
        reading=reading,
        edits=edits,
        by=by,
        at=at,
        rules=rules,
        sold_as=sold_as,
        reason=reason,
    )


@transaction.atomic
def name_add_on(*, term: PlanTerm, add_on: Plan, edits: int, by: Actor, at: datetime, reason: str = "") -> PlanTerm:
    """The add-on that sells what the plan does not include was named."""
    by.require(EDIT)
    draft = take_draft(version=term.version, edits=edits)
    held = PlanTerm.objects.select_related("feature", "sold_as").get(pk=term.pk)
    held.version = draft
    if held.state != TermState.ADD_ON:
        raise Refusal(f"{held} is not sold as an add-on. Say so in the cell first.")
    before = _words(held)
    _name_seller(held, add_on)
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    _tell(draft, held, before=before, after=_words(held), reason=reason, deed=deed)
    return held


def fill(term: PlanTerm, meaning: Reading, *, shape: FeatureShape, rules: Rules) -> None:
    """The columns of a term from what its cell says; writes nothing."""
    term.state = meaning.state
    term.set_value(meaning.value, shape=shape)
    term.typed_unit = meaning.typed_unit
    reset = rules.reset or meaning.reset or (Reset(term.reset) if term.reset else None)
    term.reset = reset.value if reset and shape.kind in _RESETTING else ""
    usual = usual_enforcement(charged=meaning.overage)
    term.enforcement = rules.enforcement or meaning.enforcement or usual
    term.overage_percent = rules.overage_percent
    if meaning.state is not TermState.ADD_ON:
        term.sold_as = None


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


def _period(reset: str) -> str:
    return say_reset(Reset(reset)) if reset else "no period"


def _read(reading: Reading | str, *, feature: Feature) -> Reading:
    """What a person typed must be understood whole; only an imported page may leave a cell open."""
    if isinstance(reading, Reading):
        return reading
    try:
        meaning = read_cell(reading, shape=feature.shape, sold_as_add_on=feature.sold_as_add_on)
    except UnreadableCell as unreadable:
        raise Invalid(str(unreadable), field="reading") from unreadable
    if meaning.state is TermState.UNSETTLED:
        said = reading if len(reading) <= 80 else f"{reading[:80]}…"
        raise Invalid(
            f"“{said}” doesn't say what {feature} gives. Write an amount with its price if there is one, as in "
            "“8 GB included; then $0.125 per GB”, or no, Unlimited or Custom.",
            field="reading",
        )
    return meaning


def _refuse_odd_rules(rules: Rules, *, shape: FeatureShape) -> None:
    if rules.reset is not None and shape.kind not in _RESETTING:
        raise Invalid(f"{shape.name} is not used up, so it can't start again each {rules.reset}.", field="reset")
    if rules.enforcement is not None and shape.nature is not Nature.QUANTITY:
        raise Invalid(f"{shape.name} has no amount, so there is no limit to keep.", field="enforcement")
    if rules.overage_percent is not None and rules.enforcement is Enforcement.HARD:
        raise Invalid("A hard limit allows nothing beyond it; leave the percentage empty.", field="overage_percent")


def _name_seller(term: PlanTerm, add_on: Plan | None) -> None:
    if add_on is None:
        return
    if term.state != TermState.ADD_ON:
        raise Invalid("Only a cell that is sold as an add-on can name one. Leave it empty.", field="sold_as")
    if add_on.kind != PlanKind.ADD_ON:
        raise Invalid(f"{add_on} is a plan. Choose an add-on, or create it first.", field="sold_as")
    term.sold_as = add_on


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


def _words(term: PlanTerm) -> str | None:
    """The cell in words, with the add-on that sells it; None before it said anything."""
    if term.pk is None or term.feature is None:
        return None
    percent = "" if term.overage_percent is None else f", up to {term.overage_percent} % beyond"
    return say_cell(term, feature=term.feature) + percent + (f" ({term.sold_as})" if term.sold_as else "")


def _tell(
    draft: PlanVersion, term: PlanTerm, *, before: str | None, after: str | None, reason: str, deed: Deed
) -> None:
    draft.edits += 1
    keep(draft, deed=deed)
    changes = {term.feature.key: (before, after)} if term.feature else {}
    record(deed, "plan_term:set", subject=term, label=f"{draft}: {term.feature}", reason=reason, changes=changes)
