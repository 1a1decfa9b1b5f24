"""The versions of a contract: which one speaks when, and by which terms; as known now or as known then."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from catalog.domain.window import start_of_day
from entitlements.domain.contract_terms import Terms
from entitlements.models import Contract, ContractVersion
from entitlements.models.contract import ContractState, Renewal
from entitlements.snapshots import Reader

OPEN = (ContractState.DRAFT.value, ContractState.REQUESTED.value)


def signed_versions(contract: Contract) -> list[ContractVersion]:
    """Those that were signed, in the order in which they speak; each leads to this contract as it is at hand."""
    return in_order(contract.versions.filter(state=ContractState.SIGNED).select_related("reason_code").order_by())


def in_order(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: (row.effective_at, row.number))


def last_signed(contract: Contract) -> ContractVersion | None:
    """The one agreed last; it may still be to come."""
    return next(iter(reversed(signed_versions(contract))), None)


def open_version(contract: Contract) -> ContractVersion | None:
    """The one being drafted, or waiting for approval; never more than one."""
    rows = contract.versions.filter(state__in=OPEN).select_related("contract__account", "reason_code")
    return rows.first()


def version_at(*, contract: Contract, at: datetime, known_at: datetime | None = None) -> Any | None:
    """The version that spoke at the moment; None before the first."""
    rows = Reader(known_at).rows(ContractVersion, contract_id=contract.pk, state=ContractState.SIGNED.value)
    return speaking(rows, at=at)


def speaking(rows: Iterable[Any], *, at: datetime) -> Any | None:
    begun = [row for row in in_order(rows) if row.effective_at <= at]
    return begun[-1] if begun else None


def terms_of(version: Any, *, at: datetime) -> Terms:
    """By which terms a version runs; those of a draft as if it were signed at the moment."""
    zone = ZoneInfo(version.zone)
    if version.term_starts_at is not None:
        first_day = version.term_starts_at.astimezone(zone).date()
    else:
        first_day = version.effective_on or at.astimezone(zone).date()
    return Terms(
        first_day=first_day,
        zone=version.zone,
        months=version.term_months,
        renews=version.renewal == Renewal.RENEWS,
        renewal_months=version.renewal_months,
        notice_days=version.notice_days,
    )


def effective_instant(version: ContractVersion, *, at: datetime) -> datetime:
    """When the version would begin to speak if it were signed at the moment; never before it."""
    if version.effective_on is None:
        return at
    return max(start_of_day(version.effective_on, version.zone), at)


def counts_on(version: ContractVersion) -> bool:
    """Whether it goes on in the term that runs, instead of beginning a new one."""
    return version.state != ContractState.SIGNED and version.term_starts_at is not None


def end_agreed(version: ContractVersion, *, at: datetime) -> datetime | None:
    """When the contract ends once this version is signed at the moment; None: nobody has said when."""
    contract = version.contract
    if is_ending(contract):
        return contract.ends_at
    terms = terms_of(version, at=at)
    if terms.months is None or terms.renews:
        return None
    if not counts_on(version):
        return terms.term(1).ends_at
    if contract.ends_at is not None and not _lasts_otherwise(version):
        return contract.ends_at
    running = terms.running(effective_instant(version, at=at))
    assert running is not None  # it has months
    return running.ends_at


def _lasts_otherwise(version: ContractVersion) -> bool:
    """Whether its term is another than the one that was agreed last: longer or shorter, or from another first day."""
    last = last_signed(version.contract)
    return last is None or (last.term_months, last.term_starts_at) != (version.term_months, version.term_starts_at)


def is_ending(contract: Any) -> bool:
    """Whether somebody has said that it ends, or ended it before its time."""
    return contract.notice_at is not None or contract.ended_early_at is not None


def differs_in_terms(version: ContractVersion, *, last: ContractVersion) -> bool:
    """Whether it says anything else than the version before about how long the contract runs."""
    said = ("term_months", "renewal", "renewal_months", "notice_days")
    return not counts_on(version) or any(getattr(version, name) != getattr(last, name) for name in said)
