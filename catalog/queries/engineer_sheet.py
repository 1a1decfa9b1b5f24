"""The plan sheet as an engineer reads it: keys and rules of each feature, and the raw value in each plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.domain.units import smallest_unit
from catalog.domain.values import AtTrialEnd, Nature, TermState
from catalog.models import Feature, PlanTerm
from catalog.queries.engineering import EngineeringLine
from catalog.queries.sheet import Cell, Sheet

HEADINGS = {
    "key": "Key",
    "kind": "Kind",
    "unit": "Unit and scale",
    "aggregation": "Adds up by",
    "reset": "Starts again",
    "given_by": "Given by",
    "combine": "Combines by",
    "parent_rule": "From a parent",
    "thresholds": "Thresholds",
    "dimensions": "Dimensions",
    "fallback": "When the desk is away",
}


@dataclass(frozen=True, slots=True)
class EngineerRow:
    name: str
    case: str
    told: tuple[str, ...]
    raw: tuple[str, ...]


def engineer_sheet(sheet: Sheet, *, lines: Mapping[int, EngineeringLine]) -> tuple[EngineerRow, ...]:
    """Each feature once, and once more for each special case some plan has; reads nothing."""
    return tuple(
        EngineerRow(
            row.name,
            row.case_key,
            tuple(getattr(lines[row.subject.pk], name) for name in HEADINGS),
            tuple(_raw(cell) for cell in row.cells),
        )
        for row in sheet.rows
        if isinstance(row.subject, Feature)
    )


def _raw(cell: Cell) -> str:
    """What is stored: the amount in the smallest unit, keys instead of names, the state where there is no value."""
    term, subject = cell.term, cell.subject
    if term is None or not isinstance(subject, Feature):
        return ""
    if term.at_trial_end == AtTrialEnd.ENDS:
        return _raw_value(term, subject)
    days = "" if term.kept_days is None else f" {term.kept_days} days"
    return f"{_raw_value(term, subject)} (at_trial_end: {term.at_trial_end}{days})"


def _raw_value(term: PlanTerm, subject: Feature) -> str:
    if term.state != TermState.VALUE:
        return term.state
    match subject.shape.nature:
        case Nature.GATE:
            return "true"
        case Nature.QUANTITY:
            return "" if term.amount is None else f"{term.amount} {smallest_unit(subject.shape)}".strip()
        case Nature.SET:
            return ", ".join(sorted(term.choices or ()))
        case _:
            return term.text
