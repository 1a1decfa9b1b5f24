"""What one version of a contract says otherwise than the one before: line by line, and in its terms."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from entitlements.models import ContractLine, ContractVersion
from entitlements.queries.contracts.versions import terms_of
from entitlements.queries.contracts.wording import say_line, say_terms

Sort: TypeAlias = Literal["added", "removed", "changed", "same"]


@dataclass(frozen=True, slots=True)
class LineDifference:
    """One line by its number, before and after; empty where it isn't there."""

    number: int
    sort: Sort
    before: str
    after: str


def difference(before: ContractVersion | None, after: ContractVersion) -> tuple[LineDifference, ...]:
    """Every line of either, by number; one read."""
    said = _said_by([version.pk for version in (before, after) if version is not None])
    return compare_lines(said[before.pk] if before is not None else {}, said[after.pk])


def compare_lines(was: Mapping[int, str], becomes: Mapping[int, str]) -> tuple[LineDifference, ...]:
    """The same of lines that were read and worded already, by number."""
    return tuple(
        _line(number, was.get(number, ""), becomes.get(number, "")) for number in sorted(was.keys() | becomes.keys())
    )


def _line(number: int, was: str, becomes: str) -> LineDifference:
    sort: Sort = "same" if was == becomes else "added" if not was else "removed" if not becomes else "changed"
    return LineDifference(number, sort, was, becomes)


def lines_of(version: ContractVersion) -> list[ContractLine]:
    return list(version.lines.select_related("plan", "feature").order_by("number"))


def _said_by(versions: Collection[int]) -> Mapping[int, Mapping[int, str]]:
    found: dict[int, dict[int, str]] = {pk: {} for pk in versions}
    rows = ContractLine.objects.filter(version__in=found).select_related("plan", "feature")
    for line in rows.order_by("number"):
        found[line.version_id][line.number] = say_line(line)
    return found


def terms_difference(before: ContractVersion | None, after: ContractVersion, *, at: datetime) -> tuple[str, str] | None:
    """The terms in words, before and after; None where they are the same."""
    was = "" if before is None else say_terms(terms_of(before, at=at))
    becomes = say_terms(terms_of(after, at=at))
    return None if was == becomes else (was, becomes)
