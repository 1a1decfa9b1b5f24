"""Terms as values: the one bridge from the rows of a version to what the domain compares and says."""

from collections.abc import Iterable, Mapping

from catalog.domain.prices import PriceLine as Price
from catalog.domain.values import Enforcement, Reset, Scaling, TermState
from catalog.domain.version_diff import TermFacts
from catalog.domain.words import say_term
from catalog.models import Feature, PlanTerm, PlanVersion, PriceLine
from catalog.models.term import PHASES, term_value

_PHASES = dict(PHASES)


def snapshot_terms(*, version: PlanVersion | None) -> Mapping[str, TermFacts]:
    """What a version says of each feature in general; nothing where there is no version yet."""
    return {feature.key: snapshot_term(term, feature=feature) for feature, term in general_terms(version=version)}


def snapshot_term(term: PlanTerm, *, feature: Feature) -> TermFacts:
    """What a term says of a feature, as far as a customer can tell."""
    shape = feature.shape
    return TermFacts(
        state=TermState(term.state),
        value=term_value(term, shape=shape),
        typed_unit=term.typed_unit,
        reset=Reset(term.reset) if term.reset else None,
        enforcement=Enforcement(term.enforcement),
        overage_percent=term.overage_percent,
        scaling=Scaling(term.scaling),
        seats_of=term.seats_of.key if term.seats_of else "",
        prices=snapshot_prices(term.price_lines.all()),
        source_text=term.source_text,
    )


def general_terms(*, version: PlanVersion | None) -> list[tuple[Feature, PlanTerm]]:
    """The version's own terms that hold whatever the phase, market or interval, in the order of the sheet."""
    if version is None:
        return []
    terms = (
        PlanTerm.objects.filter(version=version, feature__isnull=False, phase="", market=None, interval="")
        .select_related("feature__group", "sold_as", "seats_of")
        .prefetch_related("price_lines")
        .order_by("feature__group__position", "feature__position", "feature_id")
    )
    return [(term.feature, term) for term in terms if term.feature is not None]


def general_term(*, version: PlanVersion, feature: Feature) -> PlanTerm | None:
    return PlanTerm.objects.filter(version=version, feature=feature, phase="", market=None, interval="").first()


def snapshot_prices(lines: Iterable[PriceLine]) -> tuple[Price, ...]:
    return tuple(Price(line.amount_micros, line.currency, line.per_amount, line.note) for line in lines)


def usual_enforcement(*, charged: bool) -> Enforcement:
    """What a limit means when nobody says: it stops, unless use beyond it is charged."""
    return Enforcement.TRACK if charged else Enforcement.HARD


def say_cell(term: PlanTerm, *, feature: Feature) -> str:
    """The whole cell, in words that can be typed again."""
    prices = snapshot_prices(term.price_lines.all())
    enforcement = Enforcement(term.enforcement)
    usual = usual_enforcement(charged=bool(prices) and term.state == TermState.VALUE)
    return say_term(
        shape=feature.shape,
        state=TermState(term.state),
        value=term_value(term, shape=feature.shape),
        typed_unit=term.typed_unit,
        prices=prices,
        reset=Reset(term.reset) if term.reset else None,
        enforcement=None if enforcement is usual else enforcement,
        source_text=term.source_text,
    )


def say_cell_case(term: PlanTerm, *, feature: Feature) -> str:
    """A term written for a phase, a market or a billing interval: "During a trial: 5 GB"."""
    case = [_PHASES.get(term.phase, ""), f"in {term.market}" if term.market else "", _billed(term.interval)]
    when = ", ".join(part for part in case if part)
    return f"{when[:1].upper()}{when[1:]}: {say_cell(term, feature=feature)}"


def _billed(interval: str) -> str:
    return f"billed by the {interval}" if interval else ""
