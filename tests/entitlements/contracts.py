"""Contracts for tests, written by the desk's own actions."""

from datetime import date, datetime
from typing import Any

from catalog.models import Feature, Plan
from entitlements.actions.contract_drafts import add_line, amend, edit_line, remove_line, set_terms
from entitlements.actions.contract_signing import sign
from entitlements.actions.contracts import open_contract
from entitlements.domain.facts import Mode
from entitlements.models import Account, Contract, ContractLine, ContractVersion
from entitlements.models.contract import ContractState, Renewal
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor
from journal.models import Approval
from tests.conftest import actor
from tests.entitlements.world import AT


def drafted(account: Account, *, by: Actor = SYSTEM, at: datetime = AT, **terms: Any) -> ContractVersion:
    """A draft of twelve months from its signing that renews by twelve, with 30 days of notice, or as said."""
    contract = open_contract(account=account, name="Framework agreement", by=by, at=at)
    return with_terms(contract.versions.get(), by=by, at=at, **terms)


def with_terms(version: ContractVersion, *, by: Actor = SYSTEM, at: datetime = AT, **terms: Any) -> ContractVersion:
    told: dict[str, Any] = {
        "effective_on": None,
        "term_months": 12,
        "renewal": Renewal.RENEWS,
        "renewal_months": 12,
        "notice_days": 30,
        "reason": "The deal",
        "reason_code": None,
    } | terms
    return set_terms(version=version, by=by, at=at, **told)


def selling(version: ContractVersion, plan: Plan, quantity: int = 1, *, at: datetime = AT, **more: Any) -> ContractLine:
    return add_line(version=version, plan=plan, quantity=quantity, by=SYSTEM, at=at, **more)


def promising(
    version: ContractVersion, feature: Feature, value: Any, *, mode: Mode = Mode.REPLACE, at: datetime = AT, **more: Any
) -> ContractLine:
    return add_line(version=version, feature=feature, mode=mode, value=value, by=SYSTEM, at=at, **more)


def signed(version: ContractVersion, *, by: Actor = SYSTEM, at: datetime = AT) -> ContractVersion:
    """Signed, and approved by finance where that is wanted."""
    version = sign(version=version, by=by, at=at)
    if version.state == ContractState.REQUESTED:
        approvals.approve(approval=request_for(version), by=actor("finance"), at=at)
    return ContractVersion.objects.select_related("contract__account", "contract__subscription").get(pk=version.pk)


def request_for(version: ContractVersion) -> Approval:
    return Approval.objects.get(kind="contract", subject_key=str(version.pk), state=Approval.State.PENDING)


def amended(contract: Contract, *, on: date | None = None, at: datetime = AT, **terms: Any) -> ContractVersion:
    """An amendment that is being drafted, from its signing or from a day on; its terms go on."""
    version = amend(contract=contract, by=SYSTEM, at=at)
    return with_terms(version, at=at, effective_on=on, **terms) if on or terms else version


def line_of(version: ContractVersion, number: int) -> ContractLine:
    return version.lines.get(number=number)


def another_quantity(version: ContractVersion, number: int, quantity: int, *, at: datetime = AT) -> ContractLine:
    line = line_of(version, number)
    return edit_line(line=line, plan=line.plan, interval=line.interval, quantity=quantity, by=SYSTEM, at=at)


def without_line(version: ContractVersion, number: int, *, at: datetime = AT) -> None:
    remove_line(line=line_of(version, number), by=SYSTEM, at=at)
