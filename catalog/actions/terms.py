"""Terms: giving one cell of a draft its meaning, for all or for one case."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from catalog.actions.cell_rows import Rules, fill, ruled, wipe, write_rows
from catalog.actions.drafts import EDIT, take_draft
from catalog.domain.cases import GENERAL, Case, say_case
from catalog.domain.cells import Reading, UnreadableCell
from catalog.domain.trial_ends import refuse_unheard
from catalog.domain.values import FeatureShape, PlanKind, Reset, TermState
from catalog.models import Feature, FeatureGroup, Plan, PlanTerm, PlanVersion
from catalog.queries.cells import Subject, understand, without_usual
from catalog.queries.terms import cell_text, own_term, say_cell
from catalog.queries.vocabulary import Words, words
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, NotFound, Refusal

__all__ = ["Rules", "clear_term", "name_add_on", "set_term", "settle"]


@transaction.atomic
def set_term(
    *,
    version: PlanVersion,
    feature: Feature | FeatureGroup,
    reading: Reading | str,
    edits: int,
    by: Actor,
    at: datetime,
    rules: Rules | None = None,
    sold_as: Plan | None = None,
    reason: str = "",
    case: Case = GENERAL,
) -> PlanTerm:
    """A cell of a draft was given a new meaning."""
    by.require(EDIT)
    draft = take_draft(version=version, edits=edits)
    known = words()
    term = own_term(version=draft, subject=feature, case=case) or new_term(draft, feature, case, known=known)
    standing = Reset(term.reset) if term.reset else None
    meaning = _ruled(reading, rules or Rules(), subject=feature, known=known, standing=standing)
    _refuse_unheard(meaning, case)
    before = told(term)
    stood = cell_text(term) if term.pk else None
    deed = begin(by=by, at=at)
    fill(term, meaning, shape=shape_of(feature, known), known=known)
    _name_seller(term, sold_as)
    write_rows(term, meaning, subject=feature, known=known, deed=deed)
    now_exact = cell_text(term)
    if stood == now_exact:
        raise Refusal(f"Nothing would change: {feature} says “{before}” already.", field="reading")
    after = told(term)
    if before == after:  # the difference is one that a person isn't usually told
        before, after = stood, now_exact
    _tell(draft, term, before=before, after=after, reason=reason, deed=deed)
    return term


@transaction.atomic
def clear_term(
    *,
    version: PlanVersion,
    feature: Feature | FeatureGroup,
    case: Case,
    edits: int,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> PlanVersion:
    """A cell of a draft was emptied: the version says nothing of its own there any more."""
    by.require(EDIT)
    draft = take_draft(version=version, edits=edits)
    term = own_term(version=draft, subject=feature, case=case)
    if term is None:
        raise Refusal(f"{draft} says nothing of {feature} here, so there is nothing to take away.")
    before = told(term)
    deed = begin(by=by, at=at)
    subject, label = term.pk, label_of(term)
    wipe(term, deed=deed)
    draft.edits += 1
    keep(draft, deed=deed)
    term.pk = subject
    changes = {key_of(term): (before, None)}
    record(deed, "plan_term:clear", subject=term, label=f"{draft}: {label}", reason=reason, changes=changes)
    return draft


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
    held = PlanTerm.objects.select_related("feature", "group", "sold_as", "market").get(pk=term.pk)
    held.version = draft
    if held.state != TermState.ADD_ON:
        raise Refusal(f"{held} is not sold as an add-on. Say so in the cell first.")
    before = told(held)
    _name_seller(held, add_on)
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    _tell(draft, held, before=before, after=told(held), reason=reason, deed=deed)
    return held


def new_term(draft: PlanVersion, subject: Subject, case: Case, *, known: Words) -> PlanTerm:
    """An empty cell for the case, not yet kept."""
    if case.market and case.market not in known.markets:
        raise NotFound(f"There is no market with the key {case.market}.")
    about = {"feature": subject} if isinstance(subject, Feature) else {"group": subject}
    market = known.markets[case.market] if case.market else None
    return PlanTerm(version=draft, phase=case.phase, market=market, interval=case.interval, **about)


def shape_of(subject: Subject, known: Words) -> FeatureShape | None:
    """In what the cell is read and said: the feature's shape, or the measure of a group."""
    return subject.shape if isinstance(subject, Feature) else known.measures[subject.pk]


def told(term: PlanTerm) -> str | None:
    """The cell in words, with the add-on that sells it; None before it said anything."""
    if term.pk is None:
        return None
    return say_cell(term) + (f" ({term.sold_as})" if term.sold_as else "")


def key_of(term: PlanTerm) -> str:
    """How the audit calls the cell: by key, with the case it is written for."""
    subject = term.feature or term.group
    assert subject is not None
    return subject.key + _in_case(term)


def label_of(term: PlanTerm) -> str:
    return f"{term.feature or term.group}{_in_case(term)}"


def _in_case(term: PlanTerm) -> str:
    market = term.market
    case = Case(term.phase, market.key if market else "", term.interval)
    said = say_case(case, market.name if market else "")
    return f" ({said[:1].lower()}{said[1:]})" if said else ""


def _ruled(reading: Reading | str, rules: Rules, *, subject: Subject, known: Words, standing: Reset | None) -> Reading:
    """What a person typed must be understood whole; only an imported page may leave a cell open.

    Where neither the words nor the rules say when it starts again, it goes on as it stood.
    """
    if isinstance(reading, Reading):
        meaning = without_usual(reading)
    else:
        try:
            meaning = understand(reading, subject=subject, known=known)
        except UnreadableCell as unreadable:
            raise Invalid(str(unreadable), field="reading") from unreadable
    meaning = ruled(meaning, rules, shape=shape_of(subject, known))
    return replace(meaning, reset=meaning.reset or standing) if meaning.gives else meaning


def _refuse_unheard(meaning: Reading, case: Case) -> None:
    try:
        refuse_unheard(meaning.at_trial_end, case=case)
    except UnreadableCell as unheard:
        raise Invalid(str(unheard), field="at_trial_end") from unheard


def _name_seller(term: PlanTerm, add_on: Plan | None) -> None:
    if add_on is None:
        return
    if term.state != TermState.ADD_ON:
        raise Invalid("Only a cell that is sold as an add-on can name one. Leave it empty.", field="sold_as")
    if add_on.kind != PlanKind.ADD_ON:
        raise Invalid(f"{add_on} is a plan. Choose an add-on, or create it first.", field="sold_as")
    term.sold_as = add_on


def _tell(
    draft: PlanVersion, term: PlanTerm, *, before: str | None, after: str | None, reason: str, deed: Deed
) -> None:
    draft.edits += 1
    keep(draft, deed=deed)
    changes = {key_of(term): (before, after)}
    record(deed, "plan_term:set", subject=term, label=f"{draft}: {label_of(term)}", reason=reason, changes=changes)
