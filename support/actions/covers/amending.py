"""Covers amended, ended early, and ordered: what gives a customer less once it has begun needs a second person.

An amendment is a successor from an instant on; the one before ends there. What has not begun has covered nothing, so it
is written anew, and can be called off. The visits that it includes are planned along with it, whichever way it was told.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from journal.actions import approvals
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor, ActorKind
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal
from journal.models import Approval
from support.actions.covers.writing import (
    KIND,
    end_row,
    hold,
    refuse_faulty,
    refuse_past,
    refuse_waiting,
    require,
    require_reason,
    rewrite_cover,
    write_cover,
)
from support.actions.work.planning import plan_visits
from support.domain.cover_draft import CoverDraft, plain_draft
from support.models import Cover
from support.queries.covers.changing import CoverChange, change_to, draft_before, end_of_predecessor
from support.queries.covers.checking import contract_end
from support.queries.covers.reading import cover_token, read_cover

TOLD = 3  # so many changes are named in a request; its page shows all


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a change: it stands in `cover`, or waits for a second person in `approval`."""

    cover: Cover
    approval: Approval | None = None

    @property
    def waits(self) -> bool:
        return self.approval is not None


@transaction.atomic
def amend_cover(
    *, cover: Cover, draft: CoverDraft, by: Actor, at: datetime, reason: str = "", seen: str | None = None
) -> Changed:
    """A cover was amended from an instant on, or asked to be, where it gives less and has begun already.

    `draft.starts_at` is the instant; not before `at`. What was agreed until then stays as it was.
    """
    require(by)
    held = hold(cover, seen=seen)
    refuse_past(held, at=at)
    refuse_waiting(held)
    change = weigh(held, draft, at=at)
    if change.needs_second_person and by.kind is not ActorKind.SYSTEM:
        payload = {"act": "amend", "draft": plain_draft(change.after), "seen": cover_token(held)}
        return _ask(held, change, payload, reason=reason, by=by, at=at)
    return Changed(carry_out(held, change, by=by, at=at, reason=reason.strip()))


@transaction.atomic
def set_priority(
    *, cover: Cover, priority: int | None, by: Actor, at: datetime, reason: str, seen: str | None = None
) -> Changed:
    """A cover was given its place beside others, or left to the rule that the more generous wins."""
    draft = replace(read_cover(cover).draft, priority=priority)
    if draft.priority == cover.priority:
        raise Refusal(f"“{cover.name}” has that place already; nothing was changed.")
    draft = replace(draft, starts_at=max(at, cover.starts_at))
    return amend_cover(cover=cover, draft=draft, by=by, at=at, reason=require_reason(reason), seen=seen)


@transaction.atomic
def end_cover(
    *, cover: Cover, ends_at: datetime, by: Actor, at: datetime, reason: str, seen: str | None = None
) -> Changed:
    """A cover was asked to end early; one that has not begun was called off, as if it had never been agreed."""
    require(by)
    reason = require_reason(reason)
    held = hold(cover, seen=seen)
    refuse_past(held, at=at)
    refuse_waiting(held)
    if at < held.starts_at:
        return Changed(_call_off(held, reason=reason, deed=begin(by=by, at=at)))
    change = weigh_end(held, ends_at, at=at)
    if by.kind is not ActorKind.SYSTEM:
        payload = {"act": "end", "ends_at": ends_at.isoformat(), "seen": cover_token(held)}
        return _ask(held, change, payload, reason=reason, by=by, at=at)
    return Changed(carry_out_end(held, ends_at, by=by, at=at, reason=reason))


def weigh(held: Cover, draft: CoverDraft, *, at: datetime) -> CoverChange:
    """What an amendment would change, and whether one person may do it; refused where it can't be."""
    was = draft_before(held)
    amended = was is not None  # then it goes on where the one before ends
    if draft.starts_at < at and (held.starts_at <= at or amended):
        raise Invalid("What was agreed until now stays as it is: let it begin today or later.", field="starts")
    draft = replace(draft, zone=held.zone, contract_ends_at=contract_end(draft))
    ends = read_cover(held).draft.last_instant
    if held.starts_at <= at and ends is not None and ends <= draft.starts_at:
        raise Invalid("The cover has ended by then. Renew it instead, or choose an earlier day.", field="starts")
    if was is not None and was.last_instant is not None and was.last_instant <= draft.starts_at:
        raise Invalid("The cover that it amends has ended by then. Choose an earlier day.", field="starts")
    refuse_faulty(draft, account=held.account, at=at, but=(held.pk, *((held.follows_id,) if amended else ())))
    change = change_to(held, draft, at=at)
    if not change.differences:
        raise Refusal("It says the same as before; change something, or leave it.")
    return change


def weigh_end(held: Cover, ends_at: datetime, *, at: datetime) -> CoverChange:
    before = read_cover(held).draft
    if ends_at < at:
        raise Invalid("It can’t end in the past: what was covered until now was covered.", field="through")
    if before.last_instant is not None and before.last_instant <= ends_at:
        raise Invalid(f"It lasts {read_cover(held).named.until} anyway; choose an earlier day.", field="through")
    return change_to(held, replace(before, ends_at=ends_at), at=at)


def carry_out(held: Cover, change: CoverChange, *, by: Actor, at: datetime, reason: str) -> Cover:
    """Write an amendment that nothing stands against: a successor, or the same row where it has not begun."""
    deed, draft = begin(by=by, at=at), change.after
    if at < held.starts_at:
        if held.follows is not None and end_of_predecessor(held) is not None:
            end_row(held.follows, draft.starts_at, deed=deed)
        row = rewrite_cover(held, draft, reason=reason, deed=deed)
    else:
        end_row(held, draft.starts_at, deed=deed)
        row = write_cover(draft, account=held.account, reason=reason, deed=deed, follows=held)
    changes = {one.label: [one.before, one.after] for one in change.differences}
    record(deed, "cover:amend", subject=row, account_key=held.account.key, reason=reason, changes=changes)
    plan_visits(row, at=at, by=by)
    return row


def carry_out_end(held: Cover, ends_at: datetime, *, by: Actor, at: datetime, reason: str) -> Cover:
    deed, until = begin(by=by, at=at), read_cover(held).named.until
    held.ended_early_at, held.end_reason = at, reason
    end_row(held, ends_at, deed=deed)
    changes = {"lasts": [until or "until somebody ends it", read_cover(held).named.until]}
    record(deed, "cover:end_early", subject=held, account_key=held.account.key, reason=reason, changes=changes)
    plan_visits(held, at=at, by=by)
    return held


def _call_off(held: Cover, *, reason: str, deed: Deed) -> Cover:
    """It lasts for no time at all, and what it would have followed goes on as before."""
    words, before = read_cover(held).words, held.follows
    if before is not None:
        was = end_of_predecessor(held)
        held.follows = None
    held.ends_at, held.through_on = held.starts_at, None
    held.ended_early_at, held.end_reason = deed.at, reason
    keep(held, deed=deed)
    if before is not None and was is not None:
        before.ends_at, before.through_on = was
        keep(before, deed=deed)
    changes = {"cover": [words, "called off before it began"]}
    record(deed, "cover:call_off", subject=held, account_key=held.account.key, reason=reason, changes=changes)
    plan_visits(held, at=deed.at, by=deed.by)
    return held


def _ask(held: Cover, change: CoverChange, payload: dict[str, Any], *, reason: str, by: Actor, at: datetime) -> Changed:
    if not reason.strip():
        raise Invalid("Say why: by this the customer has less, so somebody else decides.", field="reason")
    asked = approvals.request(
        kind=KIND,
        subject=held,
        account_key=held.account.key,
        summary=f"{held.account}: “{held.name}”. {summary(change)}",
        payload=payload,
        reason=reason.strip(),
        by=by,
        at=at,
    )
    return Changed(held, asked)


def summary(change: CoverChange) -> str:
    """What gives less is named first."""
    ordered = sorted(change.differences, key=lambda one: not one.lowers)
    more = f" And {len(ordered) - TOLD} more." if len(ordered) > TOLD else ""
    return " ".join(one.words for one in ordered[:TOLD]) + more
