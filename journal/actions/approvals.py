"""Four eyes: what one person asks, another one decides."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import models, transaction

from journal.actions.approval_mail import tell_deciders, tell_requester
from journal.actions.deeds import Deed, begin, record
from journal.approvals import ApprovalHandler, handler_of
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, Stale
from journal.models import Approval
from journal.queries.approvals import asked_by


@transaction.atomic
def request(
    *,
    kind: str,
    subject: models.Model,
    summary: str,
    by: Actor,
    at: datetime,
    account_key: str = "",
    payload: dict[str, Any] | None = None,
    reason: str = "",
    approver_role: str = "",
) -> Approval:
    """Asked for something that someone else must approve: of `approver_role`, or whoever may decide this kind."""
    handler_of(kind)  # a request nobody could ever decide is a mistake of ours, found here
    approval = Approval.objects.create(
        kind=kind,
        subject_type=subject._meta.model_name or "",
        subject_key=str(subject.pk),
        subject_label=str(subject)[:400],
        account_key=account_key,
        summary=summary,
        payload=payload or {},
        reason=reason,
        approver_role=approver_role,
        requested_at=at,
        requested_by_key=by.key,
        requested_by_name=by.name,
        requested_for_key=by.asks_for.key if by.asks_for is not None else "",
        requested_for_name=by.asks_for.name if by.asks_for is not None else "",
    )
    _record(approval, "approval:request", deed=begin(by=by, at=at), reason=reason)
    tell_deciders(approval, at=at)
    return approval


@transaction.atomic
def approve(*, approval: Approval, by: Actor, at: datetime, note: str = "") -> Approval:
    """Approved what someone else had asked for; it takes effect with the approval or not at all."""
    handler = handler_of(approval.kind)
    by.require(handler.permission)
    if by.key == approval.requested_by_key:
        raise NotAllowed("You asked for this yourself, so someone else has to approve it.")
    if by.key == approval.requested_for_key:
        raise NotAllowed(
            f"{approval.requested_by_name} asked for this in your name, so someone else has to approve it."
        )
    if asked_by(approval, by.key):
        raise NotAllowed(
            f"{approval.requested_by_name} asked for this by a key that you issued, so someone else has to approve it."
        )
    _require_role(approval, by)
    _decide(approval, Approval.State.APPROVED, by=by, at=at, note=note)
    return _carry_out(approval, "approval:approve", handler.approve, by=by, at=at)


@transaction.atomic
def reject(*, approval: Approval, by: Actor, at: datetime, note: str = "") -> Approval:
    """Rejected what someone had asked for."""
    handler = handler_of(approval.kind)
    by.require(handler.permission)
    _require_role(approval, by)
    _decide(approval, Approval.State.REJECTED, by=by, at=at, note=note)
    return _carry_out(approval, "approval:reject", handler.reject, by=by, at=at)


@transaction.atomic
def withdraw(*, approval: Approval, by: Actor, at: datetime, note: str = "") -> Approval:
    """Withdrew one's own request."""
    if by.key != approval.requested_by_key:
        raise NotAllowed("Only the one who asked can withdraw a request; you can approve or reject it.")
    handler: ApprovalHandler = handler_of(approval.kind)
    _decide(approval, Approval.State.WITHDRAWN, by=by, at=at, note=note)
    return _carry_out(approval, "approval:withdraw", handler.withdraw or handler.reject, by=by, at=at)


@transaction.atomic
def ask_for(*, approval: Approval, person: Actor, by: Actor, at: datetime) -> None:
    """Said in whose name it was asked, where nobody knew that then: they don't approve it either."""
    if by.key != approval.requested_by_key:
        raise NotAllowed("Only the one who asked can say for whom.")
    rows = Approval.objects.filter(pk=approval.pk, state=Approval.State.PENDING, requested_for_key="")
    if not rows.update(requested_for_key=person.key, requested_for_name=person.name):
        return
    approval.refresh_from_db()
    record(
        begin(by=by, at=at),
        "approval:name_person_asked_for",
        subject=approval,
        account_key=approval.account_key,
        label=approval.subject_label,
        changes={"requested_for_name": ["", person.name]},
    )


def _require_role(approval: Approval, by: Actor) -> None:
    if approval.approver_role and approval.approver_role not in by.roles:
        raise NotAllowed(f"{approval.approver_role.capitalize()} has to decide this one.")


def _decide(approval: Approval, state: Approval.State, *, by: Actor, at: datetime, note: str) -> None:
    """One conditional UPDATE: of two who decide at once exactly one is first, and the other is told so."""
    decided = Approval.objects.filter(pk=approval.pk, state=Approval.State.PENDING).update(
        state=state, decided_at=at, decided_by_key=by.key, decided_by_name=by.name, note=note
    )
    approval.refresh_from_db()
    if not decided:
        raise Stale(f"This request is no longer open: {approval.decided_by_name} has decided it already.")


def _carry_out(approval: Approval, verb: str, act: Callable[..., Any] | None, *, by: Actor, at: datetime) -> Approval:
    if act is not None:
        act(approval=approval, by=by, at=at)
    _record(approval, verb, deed=begin(by=by, at=at), reason=approval.note)
    tell_requester(approval, at=at)
    return approval


def _record(approval: Approval, verb: str, *, deed: Deed, reason: str) -> None:
    record(
        deed,
        verb,
        subject=approval,
        account_key=approval.account_key,
        reason=reason,
        label=approval.subject_label,
        changes={"state": [None if verb.endswith(":request") else "pending", approval.state]},
    )
