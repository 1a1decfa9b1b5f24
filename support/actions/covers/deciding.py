"""A second person decides on what gives a customer less: what was asked for takes effect with the approval, or not at all."""

from dataclasses import replace
from datetime import datetime

from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from journal.models import Approval
from support.actions.covers.amending import carry_out, carry_out_end, weigh, weigh_end
from support.actions.covers.writing import hold, refuse_past, refuse_waiting
from support.domain.cover_draft import CoverDraft, parse_draft
from support.models import Cover
from support.queries.covers.changing import CoverChange
from support.queries.covers.reading import cover_token

OUTDATED = "The cover has changed since this was asked for. Reject it; it can be asked for anew."


def approve_change(*, approval: Approval, by: Actor, at: datetime) -> Cover:
    """Approved that a cover gives less, or ends early; from the day that was asked for, or from now if that has passed."""
    held = hold(cover_of(approval))
    if cover_token(held) != approval.payload.get("seen"):
        raise Stale(OUTDATED)
    refuse_past(held, at=at)
    refuse_waiting(held, but=approval)
    if approval.payload["act"] == "end":
        ends_at = max(datetime.fromisoformat(approval.payload["ends_at"]), at)
        weigh_end(held, ends_at, at=at)
        return carry_out_end(held, ends_at, by=by, at=at, reason=approval.reason)
    change = weigh(held, draft_asked(approval, at=at), at=at)
    return carry_out(held, change, by=by, at=at, reason=approval.reason)


def turn_down(*, approval: Approval, by: Actor, at: datetime) -> Cover:
    """A change was rejected or withdrawn; the cover goes on as it is."""
    return cover_of(approval)


def outdated_change(approval: Approval) -> str:
    """Why the request can't be approved any more; nothing while it can."""
    return "" if cover_token(cover_of(approval)) == approval.payload.get("seen") else OUTDATED


def cover_of(approval: Approval) -> Cover:
    return Cover.objects.select_related("account", "contract", "follows").get(pk=int(approval.subject_key))


def draft_asked(approval: Approval, *, at: datetime) -> CoverDraft:
    """What was asked for, never from before it is decided."""
    draft = parse_draft(approval.payload["draft"])
    return replace(draft, starts_at=max(draft.starts_at, at))


def change_asked(approval: Approval, *, at: datetime) -> CoverChange | Refusal:
    """What it would do if it were approved at the moment; or why it can't be."""
    held = cover_of(approval)
    try:
        if approval.payload["act"] == "end":
            return weigh_end(held, max(datetime.fromisoformat(approval.payload["ends_at"]), at), at=at)
        return weigh(held, draft_asked(approval, at=at), at=at)
    except Refusal as refusal:
        return refusal
