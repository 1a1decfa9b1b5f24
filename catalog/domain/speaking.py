"""Which of several terms speaks about a feature in a case (DESIGN.md §3): own > included; then feature > nearest group;
then phase > market > interval. The resolver in `entitlements` follows the same order for a live subscription.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.domain.cases import Case
from catalog.domain.version_diff import TermFacts


@dataclass(frozen=True, slots=True)
class Written:
    """A term as it reaches one feature: `depth` steps down the included versions, `distance` groups up."""

    id: int
    case: Case
    facts: TermFacts
    depth: int = 0
    distance: int = 0


def precedence(term: Written) -> tuple[int, int, bool, bool, bool, int]:
    """The smallest speaks."""
    case = term.case
    return term.depth, term.distance, not case.phase, not case.market, not case.interval, term.id


def speaker(terms: Iterable[Written], *, case: Case) -> Written | None:
    """The term that speaks in the case; None where none is written for it, nor in general."""
    return min((term for term in terms if term.case.covers(case)), key=precedence, default=None)
