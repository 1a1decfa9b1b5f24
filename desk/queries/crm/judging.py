"""What has to be done about a deal by a mapping, with all that is known of it here. Nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from catalog.domain.values import FeatureShape
from desk.domain.crm.deciding import Decided, Made, Told, decide
from desk.domain.crm.findings import CrmFindingKind, about_deal
from desk.domain.crm.following import Known, passed_by, stays_as_agreed
from desk.domain.crm.kept import kept_deal
from desk.domain.crm.mapping import DealMapping as Rules
from desk.domain.crm.told import Deal, DealState
from desk.domain.crm.wanted import Wanted, wanted
from desk.models import CrmCompany, CrmDeal, CrmFinding, DealMapping
from desk.queries.crm.doubting import doubts, sold_elsewhere
from desk.queries.crm.made import made_of, waits
from desk.queries.crm.mapping import read_mapping, shapes_of
from entitlements.domain.billed.findings import FindingState
from entitlements.models import Account
from entitlements.queries.merged import standing_for
from journal.models import Connection

NO_MAPPING = "No mapping is switched on, so it becomes nothing"
WAITS = "It waits for somebody’s approval"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose a deal is; `doubt`: what a person is told of that, `because`: what came of it instead."""

    account: Account | None = None
    doubt: str = ""
    because: str = ""


class ReadMapping(NamedTuple):
    """A mapping with the shapes of the features that its rules name."""

    mapping: Rules
    shapes: Mapping[str, FeatureShape]

    @classmethod
    def of(cls, row: DealMapping) -> "ReadMapping":
        found = read_mapping(row)
        return cls(found, shapes_of(found))


@dataclass(frozen=True, slots=True)
class Judged:
    """`because`: why nothing of it is done; `passed_by`: the mapping isn't about it, or it stays as it was agreed."""

    account: Account | None
    made: Made
    found: Wanted
    decided: Decided
    mapping: int = 0
    because: str = ""
    passed_by: bool = False

    @property
    def is_read(self) -> bool:
        """Whether what the deal says is known, and whose it is, and nothing stands against it: else nothing of it is done,
        and what stands goes on."""
        read = not (self.passed_by or self.found.faults or self.decided.refused)
        return read and (self.account is not None or bool(self.decided.steps))


def whose_deal(connection: Connection, deal: Deal) -> Whose:
    """The account of the deal's company, as it is linked."""
    if not deal.company:
        return Whose(doubt="It belongs to no company in the CRM, so nobody knows whose it is.")
    rows = CrmCompany.objects.filter(connection=connection, external_id=deal.company)
    company = rows.select_related("account").first()
    if company is None or company.told_at is None:
        return Whose(because="Its company hasn’t been looked at yet")
    if company.account is not None:
        return Whose(standing_for(company.account))
    if company.left_out:
        return Whose(because=f"{company} is no customer of ours")
    return Whose(doubt=f"Nobody knows which account {company} is: link it to one.")


def judge_deal(
    connection: Connection,
    mapping: DealMapping | None,
    deal: Deal,
    row: CrmDeal | None,
    *,
    at: datetime,
    anyway: bool = False,
    read: ReadMapping | None = None,
) -> Judged:
    """What has to be done by the mapping. `anyway`: as if it were about all deals, and each were read by it anew; `read`
    is the mapping where whoever judges many has read it already."""
    whose, made = whose_deal(connection, deal), made_of(row, at=at)
    if deal.state is not DealState.WON:
        decided = decide(deal, Wanted(), made, account="", today=at.date())
        return Judged(whose.account, made, Wanted(), decided, because=f"{deal.state.words}: nothing is held of it")
    number = mapping.number if mapping is not None else 0
    told_of = row is not None and _is_told_of(connection, deal)
    moved = whose.account is not None and made.account not in {"", whose.account.key}
    because = (
        "" if (anyway or moved) and mapping is not None else _left_alone(mapping, deal, row, made, told_of=told_of)
    )
    if mapping is None or because:
        return Judged(whose.account, made, Wanted(), Decided(), number, because, passed_by=True)
    by = read or ReadMapping.of(mapping)
    found = wanted(deal, by.mapping, shapes=by.shapes)
    decided = decide(
        deal,
        found,
        made,
        account=whose.account.key if whose.account is not None else "",
        today=_today(whose.account, at),
        doubt=whose.doubt or _left_behind(whose, row, made, at=at),
    )
    judged = Judged(whose.account, made, found, decided, number, decided.refused or _because(found, whose, row))
    return _doubted(judged, connection, deal, row, at=at) if told_of or not made else judged


def _doubted(judged: Judged, connection: Connection, deal: Deal, row: CrmDeal | None, *, at: datetime) -> Judged:
    """With what makes it doubtful before it made anything, and as long as a person has that to look at."""
    account, found, decided = judged.account, judged.found, judged.decided
    if account is None or found.faults or not (found.promises or found.extension):
        return judged
    if not judged.made and (same := sold_elsewhere(connection, account, deal, found)):
        told = Told(CrmFindingKind.DOUBTED, "same sale", same)
        return replace(judged, decided=Decided((), (*decided.told, told)), because=same)
    return replace(judged, decided=replace(decided, told=(*decided.told, *doubts(account, found, row, at=at))))


def _left_behind(whose: Whose, row: CrmDeal | None, made: Made, *, at: datetime) -> str:
    """Where the company was left out after its deal made something, that goes on until a person says what becomes of it."""
    contract = row.contract if row is not None and made.promises else None
    if whose.account is not None or contract is None or (contract.ends_at is not None and contract.ends_at <= at):
        return ""
    return (
        f"{whose.because}, and contract {contract.key} that the deal made goes on. Link the company, or end it by hand."
    )


def _left_alone(mapping: DealMapping | None, deal: Deal, row: CrmDeal | None, made: Made, *, told_of: bool) -> str:
    """Why the mapping isn't asked; empty where it is."""
    if mapping is None:
        return NO_MAPPING
    once = row is not None and row.contract_id is not None
    known = Known(holds=bool(made) or once, told_of=told_of, seen_open=_seen_open(row, mapping))
    if words := passed_by(deal, known, since=counts_from(mapping)):
        return words
    if row is None or not made or known.told_of or row.agreed.get("mapping", mapping.number) == mapping.number:
        return ""
    if not stays_as_agreed(kept_deal(row.agreed.get("of", {})), kept_deal(row.told), deal):
        return ""
    return f"It stays as it was agreed by mapping {row.agreed['mapping']}"


def counts_from(mapping: DealMapping) -> date:
    """The first day of which deals it is about; one that was never switched on is about none."""
    if mapping.since is not None:
        return mapping.since
    return mapping.in_force_at.astimezone(UTC).date() if mapping.in_force_at is not None else date.max


def _is_told_of(connection: Connection, deal: Deal) -> bool:
    rows = CrmFinding.objects.filter(connection=connection, subject=about_deal(deal.id), state=FindingState.OPEN)
    return rows.exists()


def _seen_open(row: CrmDeal | None, mapping: DealMapping) -> bool:
    """Seen not yet won while this mapping, or one before it, was in force: it was won since, whatever day it bears."""
    seen = seen_open_at(row) if row is not None else None
    if seen is None or mapping.in_force_at is None:
        return False
    return DealMapping.objects.filter(connection=mapping.connection_id, in_force_at__lte=seen).exists()


def seen_open_at(row: CrmDeal) -> datetime | None:
    """When it was last seen not yet won; a look at which it was, and that could do nothing of it, doesn't forget that."""
    if row.state in {DealState.OPEN, DealState.LOST}:
        return row.told_at
    kept = row.told.get("seen_open_at")
    return datetime.fromisoformat(kept) if kept else None


def _today(account: Account | None, at: datetime) -> date:
    return at.astimezone(ZoneInfo(account.zone) if account is not None else UTC).date()


def _because(found: Wanted, whose: Whose, row: CrmDeal | None) -> str:
    if found.faults:
        return found.faults[0].words
    if whose.account is None:
        return whose.doubt or whose.because
    if not (found.promises or found.extension or found.unmapped):
        return "No rule of the mapping speaks of it, so it becomes nothing"
    return WAITS if row is not None and waits(row) else ""
