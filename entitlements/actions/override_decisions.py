"""Bringing overrides in force, at once or by the decision of someone else, and stopping them."""

from datetime import datetime

from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.locking import lock_account
from entitlements.actions.override_drafts import Proposal
from entitlements.models import Override
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import edits, outdated_override, renews, words_of
from journal.actions import approvals
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from journal.models import Approval

KIND = "override"


def put_in_force(override: Override, *, deed: Deed, approved_by: str = "") -> Override:
    """Keep the override as approved, within a deed that tells it and journals what it changed."""
    override.state = OverrideState.APPROVED
    override.approved_at, override.approved_by = deed.at, approved_by or deed.by.name
    return keep(override, deed=deed)


def stop(override: Override, *, deed: Deed) -> bool:
    """Revoke what still speaks or is to come, within a deed that tells it; False where nothing was left to revoke."""
    override.refresh_from_db(fields=["state", "ends_at", "revoked_at", "revoked_by"])
    over = override.ends_at is not None and override.ends_at <= deed.at
    if over or override.revoked_at is not None or override.state != OverrideState.APPROVED:
        return False
    override.revoked_at, override.revoked_by = deed.at, deed.by.name
    keep(override, deed=deed)
    return True


def carry_out(proposal: Proposal, *, verb: str, by: Actor, at: datetime) -> Override:
    """What is within policy is in force at once; what is beyond it is asked for, and changes nothing until then."""
    if proposal.judged.within:
        return _enforce(proposal.override, verb=verb, by=by, at=at)
    return _ask(proposal, by=by, at=at)


def _enforce(override: Override, *, verb: str, by: Actor, at: datetime) -> Override:
    """One that edits another takes its place in the same deed, so no instant has both of them or neither."""
    before = answers_before(account=override.account, at=at)
    deed = begin(by=by, at=at)
    old = override.follows
    if old is not None and edits(override):
        stop(old, deed=deed)
    put_in_force(override, deed=deed)
    event = record(
        deed,
        verb,
        subject=override,
        account_key=override.account.key,
        reason=override.reason,
        changes={override.feature.name: [None if old is None else words_of(old), words_of(override)]},
    )
    journal_changes(account=override.account, before=before, at=at, cause=f"{override}: {override.reason}", event=event)
    return override


def _ask(proposal: Proposal, *, by: Actor, at: datetime) -> Override:
    override, judged = proposal.override, proposal.judged
    _refuse_second_request(override)
    keep(override, deed=begin(by=by, at=at))
    approvals.request(
        kind=KIND,
        subject=override,
        account_key=override.account.key,
        summary=f"{override.account}: {_asked(override)}. {judged.because}",
        reason=override.reason,
        by=by,
        at=at,
        approver_role=judged.approver_role,
    )
    return override


def _refuse_second_request(override: Override) -> None:
    waiting = Override.objects.filter(
        account=override.account, feature=override.feature, state=OverrideState.REQUESTED
    ).first()
    if waiting is not None:
        raise Refusal(
            f"An override on {override.feature} waits for approval already, asked for by {waiting.requested_by}. "
            "Withdraw that request first, or wait for its decision."
        )


def _asked(override: Override) -> str:
    """ "Storage + 80 GB through …, instead of + 20 GB through …"."""
    said, old = f"{override.feature} {words_of(override)}", override.follows
    if old is None:
        return said
    return f"{said}, {'after' if renews(override) else 'instead of'} {words_of(old)}"


def approve_request(*, approval: Approval, by: Actor, at: datetime) -> Override:
    """Approved an override that was beyond the requester's policy; it starts now if it should have started before."""
    override = _requested(approval)
    lock_account(override.account_id)
    override = _requested(approval)
    if outdated := outdated_override(approval):
        raise Stale(f"{outdated} Reject this request; it can be asked for anew.")
    old, replaces = override.follows, edits(override)
    if old is not None and replaces and old.ends_at is not None and old.ends_at <= at:
        raise Refusal("The override it edits has ended while this waited. Reject it and ask anew.")
    override.starts_at = max(override.starts_at, at)
    if override.ends_at is not None and override.ends_at <= override.starts_at:
        raise Refusal("The last day of this override has passed while it waited. Reject it and ask anew.")
    return _enforce(override, verb="override:approve", by=by, at=at)


def reject_request(*, approval: Approval, by: Actor, at: datetime) -> Override:
    """Rejected an override that was asked for."""
    return _close(approval, OverrideState.REJECTED, verb="override:reject", by=by, at=at)


def withdraw_request(*, approval: Approval, by: Actor, at: datetime) -> Override:
    """Withdrew an override that one had asked for oneself."""
    return _close(approval, OverrideState.WITHDRAWN, verb="override:withdraw", by=by, at=at)


def _close(approval: Approval, state: OverrideState, *, verb: str, by: Actor, at: datetime) -> Override:
    override = _requested(approval)
    deed = begin(by=by, at=at)
    override.state = state
    keep(override, deed=deed)
    record(deed, verb, subject=override, account_key=override.account.key, reason=approval.note)
    return override


def _requested(approval: Approval) -> Override:
    rows = Override.objects.select_related("account", "feature", "subscription", "follows__feature")
    override = rows.get(pk=int(approval.subject_key))
    if override.state != OverrideState.REQUESTED:
        raise Refusal("This override is no longer waiting for a decision.")
    return override
