"""What was made of a deal, as it stands now. Nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from desk.domain.crm.deciding import Made
from desk.domain.crm.kept import kept_agreed, kept_extension, kept_promise
from desk.domain.crm.wanted import Promise
from desk.models import CrmCompany, CrmDeal
from entitlements.models import Account, Contract, ContractVersion
from entitlements.models.contract import ContractState
from entitlements.queries.contracts.versions import OPEN, signed_versions
from entitlements.queries.merged import merged_into, standing_for
from journal.models import Approval, Connection

INSTANT = timedelta(microseconds=1)
SIGNING, TRIALS = "contract", ("trial_extension", "trial_reactivation")  # as requests are called


@dataclass(frozen=True, slots=True)
class Rejected:
    """Somebody said no to what a deal asks for; it is not asked for again until the deal says something else."""

    about: str
    words: str


def made_of(row: CrmDeal | None, *, at: datetime) -> Made:
    """What the deal made, as it said then; nothing of what it ended itself."""
    if row is None or not (row.agreed or row.trial_made):
        return Made()
    signed = signed_versions(row.contract) if row.contract is not None else []
    return Made(
        promises=kept_promises(row.agreed.get("promises")),
        agreed=kept_agreed(row.agreed.get("terms")),
        extension=kept_extension(row.trial_made["extension"]) if row.trial_made else None,
        account=standing_for(row.account).key if row.account is not None else "",
        signed=bool(signed),
        begun=bool(signed) and signed[0].effective_at is not None and signed[0].effective_at <= at,
        ended=_last_day(row.contract, at=at) if row.contract is not None else None,
    )


def _last_day(contract: Contract, *, at: datetime) -> date | None:
    """The last day on which it ran, of one that has ended."""
    if contract.ends_at is None or contract.ends_at > at:
        return None
    return (contract.ends_at - INSTANT).astimezone(ZoneInfo(contract.account.zone)).date()


def kept_promises(kept: list[dict[str, Any]] | None) -> Mapping[str, Promise]:
    return {one.key: one for one in map(kept_promise, kept or ())}


def version_made(row: CrmDeal) -> ContractVersion | None:
    """The version that the deal had signed, or asked for, last."""
    if row.contract is None:
        return None
    return row.contract.versions.filter(number=row.agreed.get("version", 0)).order_by("pk").first()


def request_of(version: ContractVersion) -> Approval | None:
    """What was asked for it last, decided or not."""
    return Approval.objects.filter(kind=SIGNING, subject_key=str(version.pk)).order_by("-pk").first()


def trial_request_of(row: CrmDeal) -> Approval | None:
    """What was asked for a longer trial, decided or not."""
    asked = row.trial_made.get("approval")
    return Approval.objects.filter(kind__in=TRIALS, pk=asked).first() if asked else None


def rejections_of(row: CrmDeal) -> list[Rejected]:
    """What the deal asks for and somebody said no to, where it still asks for the same."""
    found = []
    version = version_made(row)
    if version is not None and version.state != ContractState.SIGNED:
        found.append(("contract", request_of(version), f"change the deal there, or sign {version} here"))
    if row.trial_made:
        found.append(("trial", trial_request_of(row), "change the deal there, or extend the trial here"))
    return [
        Rejected(about, _said_no(asked, instead))
        for about, asked, instead in found
        if asked is not None and asked.state == Approval.State.REJECTED
    ]


def _said_no(asked: Approval, instead: str) -> str:
    why = f": {asked.note.rstrip('.')}" if asked.note.strip() else ""
    return f"{asked.decided_by_name} rejected what the deal asks for{why}. It isn’t asked for again; {instead}."


def waits(row: CrmDeal) -> bool:
    """Whether something of it waits for somebody's approval."""
    version = version_made(row)
    if version is not None and version.state == ContractState.REQUESTED:
        return True
    asked = trial_request_of(row)
    return asked is not None and asked.state == Approval.State.PENDING


def to_look_again(connection: Connection) -> list[str]:
    """The ids of deals of which something was asked for that wasn't signed: decided meanwhile, it has to be told."""
    rows = CrmDeal.objects.filter(connection=connection)
    rows = rows.filter(Q(contract__versions__state__in=OPEN) | Q(trial_made__has_key="approval"))
    return list(rows.order_by("external_id").values_list("external_id", flat=True).distinct())


def companies_of(account: Account) -> QuerySet[CrmCompany]:
    """The companies that an account is, in any CRM; also of those that were merged into it."""
    return CrmCompany.objects.filter(account__in=[account, *merged_into(account)])
