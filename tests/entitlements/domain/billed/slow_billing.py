"""A second, naive reading of the rules, one instant at a time and without any steps: what a customer should have then.

It is written from the rules alone and shares no code with `decide`. Of what was held before it takes only what the
billing can't know: what the desk has still to tell it, what was agreed here, since when a payment is waited for.
"""

from collections import Counter
from datetime import datetime

from entitlements.domain.billed.steps import Held, Sold
from entitlements.domain.billed.told import Billed
from tests.entitlements.domain.billed.applied import ACCESS_AFTER, GRACE

NOTHING = (Counter(), {"nothing"})
ANY = {"active", "trial over", "trial"}


def should(billed: Billed, before: Held | None, *, sold: dict[str, Sold], at: datetime, then: datetime) -> tuple:
    """What should be held at `then`, decided at `at` and nothing heard since; and the phases it may be in."""
    if before is not None and before.ends_at is not None and before.ends_at <= at:
        before = None
    if billed.state == "not_begun":
        return NOTHING
    if billed.state == "ended" or (billed.ends_at and billed.ends_at <= at):
        return afterwards(billed, before, at=at, then=then)
    if before is None and (not bag(billed, sold, at) or never_paid(billed, at)):
        return NOTHING
    if billed.ends_at is None or then < billed.ends_at:
        return bag(billed, sold, then), phases(billed, before, at=at, then=then)
    agreed = before is not None and before.leaves_at == billed.ends_at and before.ends_at >= billed.ends_at
    if then < (before.ends_at if agreed else billed.ends_at + ACCESS_AFTER):  # type: ignore[union-attr]
        last = bag(billed, sold, billed.ends_at, before_it=True)
        return last, {"winding down"} | (phases(billed, before, at=at, then=then) & {"paused", "unpaid"})
    return NOTHING


def afterwards(billed, before, *, at, then):
    """It has ended: nothing, but the days that were agreed here with a cancellation as of then or earlier."""
    ended = (billed.ended_at or at) if billed.state == "ended" else billed.ends_at
    if before is None or before.leaves_at is None or before.leaves_at > ended:
        return NOTHING
    if then >= before.ends_at:
        return NOTHING
    kept = [one for one in before.items if lasts(one, before, then)]
    return Counter((one.plan, one.interval, one.quantity) for one in kept), {"winding down", "paused", "unpaid"}


def lasts(item, before, then):
    """What was to end here by itself does; what a schedule was to end goes on, since nothing comes of it any more."""
    end = item.window.end
    return end is None or then < end or end in [change.at for change in before.comes if change.id == item.id]


def bag(billed, sold, then, before_it=False):
    """The items of the last change that has begun by then; else those of today."""
    items = billed.items
    for change in sorted(billed.comes, key=lambda one: one.at):
        if change.at < then or (change.at == then and not before_it):
            items = change.items
    linked = [(sold[one.price], one.quantity) for one in items if one.price in sold]
    return Counter((what.plan, what.interval, quantity) for what, quantity in linked if quantity)


def never_paid(billed, at):
    end = billed.trial_ends_at
    return billed.state == "trial" and end is not None and end <= at and not billed.with_card


def phases(billed, before, *, at, then):
    waiting = before.telling_trial_end if before else None
    ours = before.trial_ends_at if before else None
    if waiting and ours and ours > at and waiting > at:
        return tried(billed, before, max(end for end in (billed.trial_ends_at, waiting) if end), at=at, then=then)
    match billed.state.value:
        case "trial" if waiting and ours is None:
            return {"active"}  # the desk made it a sale
        case "trial":
            ends = [end for end in (billed.trial_ends_at, waiting) if end]
            return tried(billed, before, max(ends, default=None), at=at, then=then)
        case "past_due":
            until = before.grace_ends_at if before and before.grace_ends_at else at + GRACE
            return {"grace"} if then < until else {"unpaid"}
        case "unpaid":
            return {"unpaid"}
        case "paused":
            return {"paused"}
        case _:
            return {"active"}


def tried(billed, before, end, *, at, then):
    if end is None or end <= at:
        return ANY - {"trial"} if end else ANY
    if then < end:
        return {"trial"}
    return {"active"} if billed.with_card else {"trial over"}
