"""Terms as values and as words: the one bridge from the rows of a version to what the domain compares and says.

Two voices. `cell_text` is canonical: it says everything, names things by keys, and what is typed from it into an empty
cell gives an equal term. `say_cell` is for reading: it leaves out what a person takes for granted.
"""

from collections.abc import Mapping
from dataclasses import replace

from django.db.models import F
from django.db.models.functions import Coalesce

from catalog.domain.cases import GENERAL, Case, say_case
from catalog.domain.cells import Reading
from catalog.domain.groups import say_group_cell
from catalog.domain.values import FeatureShape
from catalog.domain.version_diff import TermFacts
from catalog.domain.vocabulary import Vocabulary
from catalog.domain.words import say_cell as say_words
from catalog.models import Feature, FeatureGroup, PlanTerm, PlanVersion
from catalog.queries.effective import Effective, Speaking, effective_of, effective_terms
from catalog.queries.term_rows import (
    case_of,
    facts_of,
    reading_of,
    snapshot_prices,
    snapshot_term,
    usual_enforcement,
    with_all,
)
from catalog.queries.vocabulary import choice_key, words

__all__ = [
    "Effective",
    "Speaking",
    "case_of",
    "cell_text",
    "effective_of",
    "effective_terms",
    "facts_of",
    "general_term",
    "general_terms",
    "own_term",
    "reading_of",
    "say_cell",
    "say_cell_case",
    "snapshot_prices",
    "snapshot_term",
    "snapshot_terms",
    "terms_of",
    "usual_enforcement",
    "with_all",
]

SHEET_ORDER = (
    Coalesce("feature__group__position", "group__position"),
    Coalesce("feature__group", "group"),
    F("feature__position").asc(nulls_first=True),  # what is said of the whole group stands at its head
    "feature_id",
)


def terms_of(version: PlanVersion) -> list[PlanTerm]:
    """All terms a version has of its own, for every case, in the order of the sheet, with everything they say."""
    return list(with_all(PlanTerm.objects.filter(version=version)).order_by(*SHEET_ORDER, "pk"))


def snapshot_terms(*, version: PlanVersion | None) -> Mapping[str, TermFacts]:
    """What a version says of each feature in general; nothing where there is no version yet."""
    return {feature.key: snapshot_term(term, feature=feature) for feature, term in general_terms(version=version)}


def general_terms(*, version: PlanVersion | None) -> list[tuple[Feature, PlanTerm]]:
    """The version's own terms that hold whatever the phase, market or interval, in the order of the sheet."""
    if version is None:
        return []
    terms = PlanTerm.objects.filter(version=version, feature__isnull=False, phase="", market=None, interval="")
    return [(term.feature, term) for term in with_all(terms).order_by(*SHEET_ORDER) if term.feature is not None]


def general_term(*, version: PlanVersion, feature: Feature) -> PlanTerm | None:
    return own_term(version=version, subject=feature)


def own_term(*, version: PlanVersion, subject: Feature | FeatureGroup, case: Case = GENERAL) -> PlanTerm | None:
    """What the version itself says of the feature or group for exactly this case."""
    about = {"feature": subject} if isinstance(subject, Feature) else {"group": subject}
    market = {"market__key": case.market} if case.market else {"market": None}
    terms = PlanTerm.objects.filter(version=version, phase=case.phase, interval=case.interval, **about, **market)
    return with_all(terms).first()


def cell_text(term: PlanTerm, known: Vocabulary | None = None, measure: FeatureShape | None = None) -> str:
    """Everything the cell of a feature or a group says, in canonical words; typed into an empty cell it is equal.

    `known` and `measure` (of `queries.vocabulary.words`) spare the reads that saying parts, or an amount of a group,
    takes; the words are the same without them.
    """
    if known is None and term.sub_limits.all():
        known = words().vocabulary
    names = Vocabulary(choices=known.choices) if known else None
    return _said(reading_of(term, shape=_shape(term, measure)), term, names=names, measure=measure, exact=True)


def say_cell(term: PlanTerm, *, feature: Feature | None = None) -> str:
    """The cell as a person reads it, in words that can be typed again; without the add-on that sells it."""
    reading = replace(reading_of(term, shape=_shape(term, None)), sold_as="")
    return _said(reading, term, names=names_in(term), measure=None, exact=False)


def _shape(term: PlanTerm, measure: FeatureShape | None) -> FeatureShape | None:
    """In what the term is read and said; an amount of a group in the group's own measure."""
    if term.feature is not None:
        return term.feature.shape
    if measure is None and term.amount is not None and term.group_id is not None:
        return words().measures[term.group_id]
    return measure


def _said(
    reading: Reading, term: PlanTerm, *, names: Vocabulary | None, measure: FeatureShape | None, exact: bool
) -> str:
    shape = _shape(term, measure)
    if term.feature is not None and shape is not None:
        return say_words(reading, shape=shape, names=names, exact=exact)
    return say_group_cell(reading, measure=shape, names=names, exact=exact)


def names_in(term: PlanTerm) -> Vocabulary:
    """The names of what this one term names, but for the add-on that sells it."""
    choices = {choice_key(part.choice): part.choice.name for part in term.sub_limits.all()}
    return Vocabulary(
        counted={term.seats_of.key: term.seats_of.name} if term.seats_of else {},
        choices={term.feature.key: choices} if term.feature else {},
    )


def say_cell_case(term: PlanTerm, *, feature: Feature | None = None) -> str:
    """A term written for a phase, a market or a billing interval: "During a trial: 5 GB"."""
    return f"{say_case(case_of(term), term.market.name if term.market else '')}: {say_cell(term)}"
