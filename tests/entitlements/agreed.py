"""Contracts for tests of their pages and of the API: drafted, signed, amended, as people do it."""

from datetime import date, datetime
from typing import Any

from catalog.models import Feature, Plan
from entitlements.actions.contract_drafts import add_line, amend, edit_line, set_terms
from entitlements.actions.contract_signing import KIND, sign
from entitlements.actions.contracts import open_contract
from entitlements.domain.facts import Mode
from entitlements.models import Account, Contract, ContractLine, ContractVersion
from entitlements.models.contract import Renewal
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor
from journal.models import Approval
from tests.conftest import actor
from tests.entitlements.world import AT, GB

OCTOBER = date(2026, 10, 1)


def drafted(
    account: Account, *, at: datetime = AT, months: int | None = 12, renews: int | None = 12, **more: Any
) -> ContractVersion:
    """A draft of a year that renews by a year, from its signing, with 30 days of notice; no line yet."""
    told = {"name": "Framework agreement", "key": more.pop("key", "")}
    version = open_contract(account=account, **told, by=SYSTEM, at=at).versions.get()
    return with_terms(version, months=months, renews=renews, at=at, **more)


def with_terms(
    version: ContractVersion,
    *,
    months: int | None = 12,
    renews: int | None = 12,
    at: datetime = AT,
    effective_on: date | None = None,
    notice_days: int = 30,
    **more: Any,
) -> ContractVersion:
    told = {"reason": "As agreed", "reason_code": None} | more
    return set_terms(
        version=version,
        effective_on=effective_on,
        term_months=months,
        renewal=Renewal.RENEWS if renews else Renewal.ENDS,
        renewal_months=renews,
        notice_days=notice_days,
        by=SYSTEM,
        at=at,
        **told,
    )


def plan_line(
    version: ContractVersion, plan: Plan, quantity: int = 1, *, at: datetime = AT, **more: Any
) -> ContractLine:
    return add_line(version=version, plan=plan, quantity=quantity, by=SYSTEM, at=at, **more)


def storage_line(version: ContractVersion, storage: Feature, amount: int = 500, *, at: datetime = AT) -> ContractLine:
    """So many gigabytes at least."""
    told = {"mode": Mode.AT_LEAST, "value": amount * GB, "typed_unit": "GB"}
    return add_line(version=version, feature=storage, **told, by=SYSTEM, at=at)


def signed(version: ContractVersion, *, by: Actor = SYSTEM, at: datetime = AT) -> ContractVersion:
    return sign(version=version, by=by, at=at)


def approved(version: ContractVersion, *, at: datetime = AT) -> ContractVersion:
    """Signed beyond policy, and approved by finance."""
    request = Approval.objects.get(kind=KIND, subject_key=str(signed(version, at=at).pk))
    approvals.approve(approval=request, by=actor("finance"), at=at)
    version.refresh_from_db()
    return version


def agreed(account: Account, plan: Plan, *, at: datetime = AT, **more: Any) -> Contract:
    """A contract in force: one plan, a year that renews by a year."""
    version = drafted(account, at=at, **more)
    plan_line(version, plan, at=at)
    return signed(version, at=at).contract


def amended(
    contract: Contract, quantity: int = 3, *, effective_on: date | None = OCTOBER, at: datetime = AT
) -> ContractVersion:
    """The draft of an amendment: more of its first line, from a day to come."""
    version = with_terms(amend(contract=contract, by=SYSTEM, at=at), effective_on=effective_on, at=at)
    line = version.lines.earliest("number")
    edit_line(line=line, plan=line.plan, quantity=quantity, by=SYSTEM, at=at)
    return version


def one_of_each(account: Account, plan: Plan, *, at: datetime) -> dict[str, object]:
    """A contract in force and one being drafted, by the names of the permission table."""
    contract, draft = agreed(account, plan, at=at), drafted(account, at=at)
    return {
        "entitlements_contract": contract.pk,
        "contract_key": contract.key,
        "contract_version": 1,
        "drafted_contract": draft.contract_id,
        "drafted_line": plan_line(draft, plan, at=at).number,
    }
