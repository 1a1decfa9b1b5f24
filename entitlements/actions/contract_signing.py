"""Signing a version of a contract: its lines become items and overrides, all of them at once or none.

What was answered until then stays true: a version speaks from its signing or from a later day, never before
(docs/adr/0015). Beyond policy for any line, the whole version waits for someone else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias, Unpack

from django.db import transaction

from catalog.domain.window import start_of_day
from catalog.queries.instants import say_instant
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.contract_settling import settle
from entitlements.actions.contracts import lock_contract, require_writer
from entitlements.actions.plan_changes import refuse_below_use
from entitlements.models import Contract, ContractVersion
from entitlements.models.contract import ContractState
from entitlements.queries.contracts.difference import difference
from entitlements.queries.contracts.previewing import Judged, as_signed, judge_signing
from entitlements.queries.contracts.ready import refuse_unready, require_draft
from entitlements.queries.contracts.settling import Settlement, settlement
from entitlements.queries.contracts.token import draft_token
from entitlements.queries.contracts.versions import (
    counts_on,
    effective_instant,
    end_agreed,
    signed_versions,
)
from entitlements.queries.contracts.wording import on_day
from entitlements.queries.entitlements import facts_of
from entitlements.queries.life.change_effects import Read
from entitlements.snapshots import Reader, snapshot_catalog
from journal.actions import approvals
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from journal.models import Approval

KIND = "contract"
Signed: TypeAlias = Sequence[ContractVersion]  # those signed before, in the order in which they speak


@transaction.atomic
def sign(*, version: ContractVersion, by: Actor, at: datetime, seen: str | None = None) -> ContractVersion:
    """Signed a version within policy, or asked for someone else to approve it.

    The first makes its items and overrides. An amendment leaves alone what it doesn't change; what it changes ends,
    and what it adds begins, at the instant from which it speaks.
    """
    require_writer(by)
    version = _lock(version)
    require_draft(version)
    if seen is not None and seen != draft_token(version):
        raise Stale
    signed = signed_versions(version.contract)
    refuse_unready(version, at=at, signed=signed)
    judged = judge_signing(version=version, by=by, at=at, before=signed)
    if judged.waits:
        return _ask(version, signed, judged, by=by, at=at)
    return _put_in_force(version, signed, judged.kept, by=by, at=at)


def _lock(version: ContractVersion) -> ContractVersion:
    contract = lock_contract(version.contract)
    row = ContractVersion.objects.select_related("reason_code").get(pk=version.pk)
    row.contract = contract
    return row


def _ask(version: ContractVersion, signed: Signed, judged: Judged, *, by: Actor, at: datetime) -> ContractVersion:
    contract = version.contract
    deed = begin(by=by, at=at)
    version.state, version.requested_by, version.requested_by_key = ContractState.REQUESTED, by.name, by.key
    keep(version, deed=deed)
    approvals.request(
        kind=KIND,
        subject=version,
        account_key=contract.account.key,
        summary=f"{contract.account}: {version}. {_said(version, signed)}. {judged.because}",
        payload={"seen": draft_token(version)},
        reason=version.reason,
        by=by,
        at=at,
        approver_role=judged.approver_role,
    )
    return version


def _said(version: ContractVersion, signed: Signed) -> str:
    """ "Line 1: 5 × Team → 8 × Team; line 2: Seats: 25"."""
    last = next(reversed(signed), None)
    changed = [one for one in difference(last, version) if one.sort != "same"]
    said = "; ".join(f"line {one.number}: {_was_becomes(one.before, one.after)}" for one in changed)
    return said[:1].upper() + said[1:] if said else "Other terms, the same lines"


def _was_becomes(before: str, after: str) -> str:
    if not before:
        return after
    return f"{before} → {after}" if after else f"{before} ends"


def _put_in_force(
    version: ContractVersion,
    signed: Signed,
    settled: Settlement | None,
    *,
    by: Actor,
    at: datetime,
    approved_by: str = "",
) -> ContractVersion:
    """`settled`: what is to be written, where it was worked out already. The catalog is read once for all of it, and what
    the customer has so far too."""
    contract, account, catalog = version.contract, version.contract.account, snapshot_catalog(Reader())
    said, settled = _said(version, signed), settled or _settlement(version, signed, at=at)
    facts = facts_of(account=account, catalog=catalog)
    _refuse_below_use(version, settled, facts=facts, catalog=catalog, at=at)
    was, ends_at = contract.ends_at, end_agreed(version, at=at)
    before = answers_before(account=account, at=at, facts=facts)
    deed = begin(by=by, at=at)
    _sign(version, deed=deed)
    if was != ends_at:
        contract.ends_at = ends_at
        keep(contract, deed=deed)
    settle(contract, settled, deed=deed, approved_by=approved_by)
    assert version.effective_at is not None  # it is signed
    ends = [was and was.isoformat(), ends_at and ends_at.isoformat()]
    event = record(
        deed,
        "contract:sign",
        subject=version,
        account_key=account.key,
        reason=version.reason,
        changes={"as_of": [None, version.effective_at.isoformat()], "lines": [None, said]}
        | ({"ends_at": ends} if was != ends_at else {}),
    )
    cause = f"{version} was signed"
    journal_changes(account=account, before=before, at=at, cause=cause, event=event, catalog=catalog)
    return version


def _sign(version: ContractVersion, *, deed: Deed) -> None:
    """Its instants: from when it speaks, and from which day its terms are counted."""
    if not counts_on(version):
        first = version.effective_on or on_day(deed.at, version.zone)
        version.term_starts_at = start_of_day(first, version.zone)
    version.effective_at = effective_instant(version, at=deed.at)
    version.state, version.signed_at, version.signed_by = ContractState.SIGNED, deed.at, deed.by.name
    keep(version, deed=deed)


def _settlement(version: ContractVersion, signed: Signed, *, at: datetime) -> Settlement:
    contract: Contract = version.contract
    versions = [*signed, as_signed(version, at=at)]
    return settlement(contract, versions, ends_at=end_agreed(version, at=at), at=at)


def _refuse_below_use(version: ContractVersion, settled: Settlement, *, at: datetime, **read: Unpack[Read]) -> None:
    """Where a feature's rule wants less to be in use before less is given, an amendment doesn't get round it."""
    subscription = version.contract.subscription
    ends = {item.pk: item.ends_at for item, _ in settled.item_moves if item.ends_at is not None}
    if subscription is not None and ends:
        when = effective_instant(version, at=at)
        refuse_below_use(subscription, when=when, at=at, adds=settled.items_begin, ends=ends, **read)


def approve_signing(*, approval: Approval, by: Actor, at: datetime) -> ContractVersion:
    """Approved a version of a contract and put it in force; it speaks from now if its first day has passed.

    Its terms are counted from the first day that was agreed all the same.
    """
    version = _requested(approval)
    if draft_token(version) != approval.payload.get("seen"):
        raise Stale("The contract has changed since this was asked for. Reject it; it can be signed anew.")
    signed = signed_versions(version.contract)
    refuse_unready(version, at=at, late=True, signed=signed)
    return _put_in_force(version, signed, None, by=by, at=at, approved_by=by.name)


def back_to_draft(*, approval: Approval, by: Actor, at: datetime) -> ContractVersion:
    """A version that was rejected, or whose request was withdrawn, is a draft again, to be changed or discarded."""
    version = _requested(approval)
    deed = begin(by=by, at=at)
    version.state, version.requested_by, version.requested_by_key = ContractState.DRAFT, "", ""
    keep(version, deed=deed)
    record(
        deed,
        "contract:reopen_draft",
        subject=version,
        account_key=version.contract.account.key,
        reason=approval.note,
    )
    return version


def _requested(approval: Approval) -> ContractVersion:
    row = ContractVersion.objects.select_related("contract").get(pk=int(approval.subject_key))
    version = _lock(row)
    if version.state != ContractState.REQUESTED:
        raise Refusal("This version is no longer waiting for a decision.")
    return version


def outdated_signing(approval: Approval) -> str:
    """Why the request can't be approved any more; nothing while it can."""
    version = ContractVersion.objects.select_related("contract").get(pk=int(approval.subject_key))
    ends_at = version.contract.ends_at
    if draft_token(version) != approval.payload.get("seen"):
        return "The contract has changed since this was asked for."
    if ends_at is not None and version.effective_on and start_of_day(version.effective_on, version.zone) > ends_at:
        return f"The contract ends before, on {say_instant(ends_at, zone=version.zone)}."
    return ""
