"""Changing what was promised: an edit or a renewal is a new override that follows the old one (ADR 0014).

So whatever was answered, and whoever approved it, stays as it was; and what is new is judged as any grant is.
"""

from datetime import date, datetime
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import QuerySet

from catalog.domain.values import Value
from catalog.domain.window import end_through
from entitlements.actions.locking import lock_account
from entitlements.actions.override_decisions import KIND, carry_out
from entitlements.actions.override_drafts import Proposal, check_day, drafted
from entitlements.actions.overrides import require_writer
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Verdict
from entitlements.models import Override, ReasonCode, Subscription
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import end_of, renews, token_of
from entitlements.queries.contracts.guard import refuse_contract_override
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.policies import judge_edit, judge_grant
from journal.actions import approvals
from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import Approval

VALUE = ("mode", "amount", "text", "choices", "unlimited", "typed_unit")
PROMISE = (*VALUE, "subscription_id", "ends_at", "reason_code_id")
BESIDE = ("review_on", "link")


class Changes(TypedDict, total=False):
    """What an edit may change; whatever is left out stays."""

    value: Value | None
    mode: Mode
    typed_unit: str
    through_on: date | None
    review_on: date | None
    reason_code: ReasonCode | None
    link: str
    subscription: Subscription | None


@transaction.atomic
def edit(
    *, override: Override, by: Actor, at: datetime, reason: str, seen: str | None = None, **changes: Unpack[Changes]
) -> Override:
    """Edited an override: another one takes its place, at once within policy, else once someone else approves it.

    Until then the old one stays in force. One's own waiting request is withdrawn and asked for anew. Where only the
    link or the day of review is another, the override itself is changed. `seen` is the token of the row as it was read.
    """
    require_writer(by)
    override = _held(override, seen)
    proposal = propose_edit(override=override, by=by, at=at, reason=reason, **changes)
    if override.state == OverrideState.REQUESTED:
        _withdraw(override, by=by, at=at)
    elif not _differs(override, proposal.override, PROMISE):
        return _note(override, proposal.override, by=by, at=at)
    return carry_out(proposal, verb="override:edit", by=by, at=at)


@transaction.atomic
def renew(
    *,
    override: Override,
    through_on: date,
    by: Actor,
    at: datetime,
    reason: str,
    review_on: date | None = None,
    seen: str | None = None,
) -> Override:
    """Renewed an override: the same promise again, from the end of the old one, or from now where that has passed.

    It is judged by its own days; those that follow each other are counted, so policy limits how often.
    """
    require_writer(by)
    override = _held(override, seen)
    proposal = propose_renewal(
        override=override, through_on=through_on, by=by, at=at, reason=reason, review_on=review_on
    )
    return carry_out(proposal, verb="override:renew", by=by, at=at)


def propose_edit(*, override: Override, by: Actor, at: datetime, reason: str, **changes: Unpack[Changes]) -> Proposal:
    """What editing would write and how it is judged, refused for the same reasons; nothing is written."""
    _refuse_bound(override)
    if override.redemptions.exists():
        raise Refusal("A promotional code gave this, so it can't be edited. Grant another, or take the code back.")
    waiting = override.state == OverrideState.REQUESTED
    _check_editable(override, by=by, at=at)
    follows = override.follows if waiting else override
    successor = _edited(override, changes, reason=reason, follows=follows, by=by, at=at)
    if not _differs(override, successor, PROMISE + BESIDE):
        raise Invalid("Nothing would change. Change something first.")
    before = entitlements_of(account=override.account, at=at)
    if not waiting and not _differs(override, successor, PROMISE):
        return Proposal(successor, before, Verdict(within=True, because="The promise itself stays as it is."))
    return Proposal(successor, before, _judged(successor, by=by, at=at))


def _judged(successor: Override, *, by: Actor, at: datetime) -> Verdict:
    old = successor.follows
    if old is None or renews(successor):
        return judge_grant(override=successor, by=by, at=at)
    return judge_edit(override=successor, by=by, at=at)


def propose_renewal(
    *, override: Override, through_on: date, by: Actor, at: datetime, reason: str, review_on: date | None = None
) -> Proposal:
    """What renewing would write and how it is judged, refused for the same reasons; nothing is written."""
    _refuse_bound(override)
    _refuse_unrenewable(override, through_on)
    assert override.ends_at is not None  # refused just now
    successor = drafted(
        account=override.account,
        feature=override.feature,
        mode=Mode(override.mode),
        value=override.value,
        subscription=override.subscription,
        starts_at=override.ends_at,
        through_on=through_on,
        review_on=review_on,
        typed_unit=override.typed_unit,
        link=override.link,
        reason=reason,
        reason_code=override.reason_code,
        follows=override,
        by=by,
        at=at,
    )
    before = entitlements_of(account=override.account, at=at)
    return Proposal(successor, before, _judged(successor, by=by, at=at))


def _held(override: Override, seen: str | None) -> Override:
    """The row as it stands once it is ours. A request is held before the account, as by whoever decides it."""
    list(_open_request(override).select_for_update())
    lock_account(override.account_id)
    rows = Override.objects.select_related("account", "feature", "subscription", "reason_code", "follows")
    row = rows.get(pk=override.pk)
    if seen is not None and seen != token_of(row):
        who = row.revoked_by or row.approved_by or "Someone else"
        raise Stale(f"{who} has decided on this override, or changed it, since you opened it. See how it stands now.")
    return row


def _open_request(override: Override) -> QuerySet[Approval]:
    return Approval.objects.filter(kind=KIND, subject_key=str(override.pk), state=Approval.State.PENDING)


def _edited(
    override: Override, changes: Changes, *, reason: str, follows: Override | None, by: Actor, at: datetime
) -> Override:
    mode = changes.get("mode", Mode(override.mode))
    same_end = changes.get("through_on", override.through_on) == override.through_on
    successor = drafted(
        account=override.account,
        feature=override.feature,
        mode=mode,
        value=changes.get("value", None if mode is Mode.DENY else override.value),
        subscription=changes.get("subscription", override.subscription),
        starts_at=override.starts_at,
        ends_at=override.ends_at if same_end else None,
        through_on=changes.get("through_on", override.through_on),
        review_on=changes.get("review_on", override.review_on),
        typed_unit=changes.get("typed_unit", override.typed_unit),
        link=changes.get("link", override.link),
        reason=reason,
        reason_code=changes.get("reason_code", override.reason_code),
        follows=follows,
        by=by,
        at=at,
    )
    if same_end:  # as it was said, also where the account has moved to another zone since
        successor.ends_at, successor.zone = override.ends_at, override.zone
    return successor


def _differs(one: Override, other: Override, columns: tuple[str, ...]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in columns)


def _note(override: Override, edited: Override, *, by: Actor, at: datetime) -> Override:
    """Change what stands beside the promise, in place: it was approved, and still is."""
    deed = begin(by=by, at=at)
    for name in BESIDE:
        setattr(override, name, getattr(edited, name))
    changes = pending_changes(override)
    keep(override, deed=deed)
    record(
        deed,
        "override:edit",
        subject=override,
        account_key=override.account.key,
        reason=edited.reason,
        changes=changes,
    )
    return override


def _withdraw(override: Override, *, by: Actor, at: datetime) -> None:
    approvals.withdraw(approval=_open_request(override).get(), by=by, at=at, note="Asked for anew with changes")


def _refuse_bound(override: Override) -> None:
    """What a loan or a contract made is changed there, so that all of it stays together."""
    if override.loan is not None:
        raise Refusal(f"This is lent with “{override.loan.name}”. Recall the loan and lend it anew.")
    refuse_contract_override(override)


def _check_editable(override: Override, *, by: Actor, at: datetime) -> None:
    if override.state != OverrideState.REQUESTED:
        return _refuse_over(override, at=at)
    if override.requested_by_key != by.key:
        raise NotAllowed(f"{override.requested_by} asked for this, so nobody else can edit the request.")
    old = override.follows
    if old is not None and (old.revoked_at is not None or not renews(override)):
        _refuse_over(old, at=at)
    return None


def _refuse_revoked(override: Override) -> None:
    if override.revoked_at is not None:
        raise Stale(
            f"{override.revoked_by} has revoked {override}, or put another in its place. See how it stands now."
        )


def _refuse_over(override: Override, *, at: datetime) -> None:
    _refuse_revoked(override)
    if override.state != OverrideState.APPROVED:
        raise Stale("This request has been decided or withdrawn, so it can't be edited. Ask anew.")
    if override.ends_at is not None and override.ends_at <= at:
        raise Refusal("This override has ended. Renew it, or grant another.")


def _refuse_unrenewable(override: Override, through_on: date) -> None:
    _refuse_revoked(override)
    if override.state != OverrideState.APPROVED:
        raise Refusal("Only an override that is in force, or was, can be renewed.")
    if override.ends_at is None:
        raise Refusal("This override has no end, so there is nothing to renew. Edit it to give it an end.")
    again = next((one for one in override.followed_by.all() if _still_renews(one)), None)
    if again is not None:
        raise Refusal(f"It is renewed already, {end_of(again)}, by {again.requested_by}. Edit or renew that one.")
    check_day(through_on, field="through_on")
    if end_through(through_on, override.account.zone) <= override.ends_at:
        raise Invalid(f"It lasts {end_of(override)} already. Choose a later day.", field="through_on")


def _still_renews(override: Override) -> bool:
    standing = override.state in {OverrideState.REQUESTED, OverrideState.APPROVED}
    return standing and override.revoked_at is None and renews(override)
