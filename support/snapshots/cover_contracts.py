"""What covers stand on: contracts that are signed, and their lines for as long as they are agreed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.window import end_through, start_of_day
from entitlements.models import ContractLine, ContractVersion
from entitlements.models.contract import ContractState
from support.models import Cover


@dataclass(frozen=True, slots=True)
class Agreed:
    """From when to when a contract, or the line of it, carries a cover. `withheld`: why it carries none."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ends_because: str = ""
    withheld: str = ""


def agreed_by(covers: Collection[Cover]) -> dict[int, Agreed]:
    """Of each cover that names a contract; none that does: no read. One for the versions, one where lines are named."""
    naming = [cover for cover in covers if cover.contract_id is not None]
    if not naming:
        return {}
    signed: dict[int, list[ContractVersion]] = defaultdict(list)
    contracts = {cover.contract_id for cover in naming}
    versions = ContractVersion.objects.filter(contract__in=contracts, state=ContractState.SIGNED)
    for version in versions.order_by("effective_at", "number"):
        signed[version.contract_id].append(version)
    lines = _lines(version.pk for some in signed.values() for version in some) if _any_line(naming) else {}
    return {cover.pk: _agreed(cover, signed[cover.contract_id or 0], lines) for cover in naming}


def _any_line(covers: Collection[Cover]) -> bool:
    return any(cover.line is not None for cover in covers)


def _lines(versions: object) -> dict[tuple[int, int], ContractLine]:
    rows = ContractLine.objects.filter(version__in=list(versions))  # type: ignore[call-overload]
    return {(row.version_id, row.number): row for row in rows}


def _agreed(cover: Cover, signed: Sequence[ContractVersion], lines: dict[tuple[int, int], ContractLine]) -> Agreed:
    assert cover.contract is not None
    if not signed:
        return Agreed(withheld=f"Contract {cover.contract.key} is not signed.")
    starts_at = signed[0].effective_at
    having = [version for version in signed if (version.pk, cover.line) in lines]
    if not having:  # its number is that of a document, not of a line that is kept here
        return Agreed(starts_at)
    first, last = lines[having[0].pk, cover.line or 0], lines[having[-1].pk, cover.line or 0]
    if first.starts_on is not None:
        starts_at = start_of_day(first.starts_on, having[0].zone)
    elif having[0].effective_at is not None:
        starts_at = having[0].effective_at
    return Agreed(
        starts_at, _end(having[-1], last, signed), f", with line {cover.line} of contract {cover.contract.key}"
    )


def _end(last: ContractVersion, line: ContractLine, signed: Sequence[ContractVersion]) -> datetime | None:
    """Where the line was left out of what was agreed next, or through the last day it was agreed for."""
    following = signed[list(signed).index(last) + 1 :]
    ends = [version.effective_at for version in following[:1] if version.effective_at is not None]
    if line.through_on is not None:
        ends.append(end_through(line.through_on, last.zone))
    return min(ends, default=None)
