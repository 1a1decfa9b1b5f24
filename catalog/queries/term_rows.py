"""The rows of terms as values: the one bridge from what is stored to what the domain compares and says."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from catalog.domain.cases import Case
from catalog.domain.cells import Reading
from catalog.domain.prices import PriceLine as Price
from catalog.domain.tails import SubLimits
from catalog.domain.values import (
    UNLIMITED,
    Amount,
    AtTrialEnd,
    Enforcement,
    FeatureShape,
    Reset,
    Scaling,
    TermState,
    Value,
)
from catalog.domain.version_diff import TermFacts
from catalog.models import Feature, PlanTerm, PriceLine, SubLimit
from catalog.models.term import term_value
from catalog.queries.vocabulary import choice_key


def with_all(terms: QuerySet[PlanTerm]) -> QuerySet[PlanTerm]:
    """Terms with all that is needed to say them, in three queries."""
    parts = SubLimit.objects.select_related("choice__dimension").order_by(
        "choice__dimension__position", "choice__dimension", "choice__position", "choice"
    )
    return terms.select_related("feature__group", "group", "market", "sold_as", "seats_of").prefetch_related(
        "price_lines", Prefetch("sub_limits", queryset=parts)
    )


def case_of(term: PlanTerm) -> Case:
    """The case a term is written for."""
    return Case(term.phase, term.market.key if term.market else "", term.interval)


def snapshot_term(term: PlanTerm, *, feature: Feature) -> TermFacts:
    """What a term says of a feature, as far as a customer can tell."""
    return facts_of(reading_of(term, shape=feature.shape), enforcement=Enforcement(term.enforcement))


def facts_of(reading: Reading, *, enforcement: Enforcement) -> TermFacts:
    """A reading as a customer has it; of what gives nothing, no rule is left."""
    gives = reading.gives
    return TermFacts(
        state=reading.state,
        value=reading.value,
        typed_unit=reading.typed_unit,
        reset=reading.reset if gives else None,
        enforcement=enforcement if gives else Enforcement.HARD,
        overage_percent=reading.overage_percent if gives else None,
        scaling=reading.scaling if gives else Scaling.FLAT,
        seats_of=reading.seats_of if gives else "",
        prices=reading.prices,
        source_text=reading.source_text,
        sub_limits=reading.sub_limits if gives else (),
        sold_as=reading.sold_as,
        at_trial_end=reading.at_trial_end if gives else AtTrialEnd.ENDS,
        kept_days=reading.kept_days if gives else None,
    )


def reading_of(term: PlanTerm, *, shape: FeatureShape | None) -> Reading:
    """A term as its cell was read. `shape` is the feature's, or what a group's amounts are said in; None: it has none.

    How the limit is kept is only said where it is unusual.
    """
    state, prices = TermState(term.state), snapshot_prices(term.price_lines.all())
    usual = usual_enforcement(charged=bool(prices) and state is TermState.VALUE, percent=term.overage_percent)
    enforcement = Enforcement(term.enforcement)
    return Reading(
        state,
        _value(term, shape=shape),
        typed_unit=term.typed_unit,
        prices=prices,
        enforcement=None if enforcement is usual else enforcement,
        overage=bool(prices) and state is TermState.VALUE,
        source_text=term.source_text,
        reset=Reset(term.reset) if term.reset else None,
        overage_percent=term.overage_percent,
        scaling=Scaling(term.scaling),
        seats_of=term.seats_of.key if term.seats_of else "",
        sub_limits=_parts(term),
        sold_as=term.sold_as.key if term.sold_as else "",
        at_trial_end=AtTrialEnd(term.at_trial_end),
        kept_days=term.kept_days,
    )


def _value(term: PlanTerm, *, shape: FeatureShape | None) -> Value | None:
    """What is said of a group without an amount is that it is included."""
    if term.state == TermState.UNLIMITED:
        return UNLIMITED
    if term.group_id is not None and term.amount is None:
        return True if term.state == TermState.VALUE else None
    return None if shape is None else term_value(term, shape=shape)


def _parts(term: PlanTerm) -> SubLimits:
    return tuple((choice_key(part.choice), part_amount(part)) for part in term.sub_limits.all())


def part_amount(part: SubLimit) -> Amount | None:
    """How much of a term's amount may fall to the choice; None: nothing of it."""
    match TermState(part.state):
        case TermState.UNLIMITED:
            return UNLIMITED
        case TermState.VALUE if part.amount is not None:
            return Decimal(part.amount)
        case _:
            return None


def snapshot_prices(lines: Iterable[PriceLine]) -> tuple[Price, ...]:
    return tuple(Price(line.amount_micros, line.currency, line.per_amount, line.note) for line in lines)


def usual_enforcement(*, charged: bool, percent: int | None = None) -> Enforcement:
    """What a limit means when nobody says: it stops, unless use beyond it is charged, or allowed up to a percentage."""
    if charged:
        return Enforcement.TRACK
    return Enforcement.HARD if percent is None else Enforcement.SOFT
