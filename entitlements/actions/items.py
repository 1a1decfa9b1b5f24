"""Single items of a subscription: how many of them, and until when.

An item is never rewritten: another quantity is another item that follows it. It keeps the version the first one has,
and publications move it alike: the same purchase in another quantity is no new sale, and must not cost a customer the
terms they were sold. To have *more* of it, it must be on sale in their market.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from catalog.domain.values import PlanKind
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.decided import mark_called_off, note_change, pending_on, put_back, take_back
from entitlements.actions.plan_changes import refuse_below_use
from entitlements.actions.sales import check_sale
from entitlements.actions.subscriptions import open_for_change, require_seller
from entitlements.domain.lifecycle import Move
from entitlements.domain.timing import ChangeSort, Proration, Timing
from entitlements.models import Account, SubscriptionItem
from entitlements.queries.life.planned import ChangeToCome
from entitlements.queries.life.renewals import next_renewal
from entitlements.queries.life.state import require_move
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale


class ItemOver(Refusal):
    """The item has ended; what it gave is told, and nothing in it can change."""

    code = "item_over"


@dataclass(frozen=True, slots=True)
class Replacement:
    """An item that ends, and what follows it; `follower` None: nothing does."""

    item: SubscriptionItem
    ends_at: datetime
    follower: SubscriptionItem | None
    was: int


@transaction.atomic
def change_quantity(
    *,
    item: SubscriptionItem,
    quantity: int,
    by: Actor,
    at: datetime,
    timing: Timing = Timing.NOW,
    on: datetime | None = None,
    seen: int | None = None,
    proration: Proration = Proration.NONE,
    reason: str = "",
) -> SubscriptionItem:
    """Changed how many of an add-on or a plan a customer has, at once, on a date or, where it is fewer, at the renewal.

    `seen` is the quantity the form showed. Another quantity that was planned before gives way to this one.
    """
    require_seller(by)
    item, account = _lock(item, at=at)
    if seen is not None and seen != item.quantity:
        raise Stale(f"Since you opened this form, the quantity has become {item.quantity}. Look again.")
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    planned = _give_way(item, deed=deed)
    change = plan_quantity(item, quantity, at=at, timing=timing, on=on, was_planned=planned)
    if change.follower is not None and quantity < item.quantity:
        ends = {item.pk: change.ends_at}
        refuse_below_use(item.subscription, when=change.ends_at, at=at, adds=[change.follower], ends=ends)
    kept = _replace(change, timing=timing, proration=proration, reason=reason, deed=deed)
    event = record(
        deed,
        "subscription:change_quantity",
        subject=item.subscription,
        account_key=account.key,
        reason=reason,
        changes={change.item.plan.name: [change.was, quantity], "starts_at": [None, change.ends_at.isoformat()]},
    )
    cause = f"The quantity of {item.plan.name} changed to {quantity}"
    journal_changes(account=account, before=before, at=at, cause=cause, event=event)
    return kept


def plan_quantity(
    item: SubscriptionItem,
    quantity: int,
    *,
    at: datetime,
    timing: Timing,
    on: datetime | None = None,
    was_planned: bool = False,
) -> Replacement:
    """What changing the quantity would write, refused for the same reasons; nothing is written.

    `was_planned`: another quantity was planned for the renewal, so that keeping this one is a change too.
    """
    _refuse_part(item)
    if quantity < 1:
        raise Invalid("The quantity is at least 1. To take it away, end it.", field="quantity")
    if quantity == item.quantity and not was_planned:
        raise Invalid(f"The customer has {quantity} already.", field="quantity")
    if timing is Timing.AT_RENEWAL and quantity > item.quantity:
        raise Invalid("More is there at once or from a day on; only fewer can wait for the renewal.", field="timing")
    when = _when(item, at=at, timing=timing, on=on)
    if item.ends_at is not None and item.ends_at <= when:
        until = "the next renewal" if timing is Timing.AT_RENEWAL else "that day"
        raise Invalid(f"It ends before {until}; change it at once, or leave it.", field="timing")
    if quantity > item.quantity:
        check_sale(item.subscription, item.plan, quantity=quantity, starts_at=when, at=at)
    if quantity == item.quantity:
        return Replacement(item, when, None, item.quantity)
    return Replacement(item, when, in_quantity(item, quantity, starts_at=when), item.quantity)


def _when(item: SubscriptionItem, *, at: datetime, timing: Timing, on: datetime | None) -> datetime:
    """When a change of the item takes effect; one that has not begun changes with its beginning."""
    match timing:
        case Timing.NOW:
            return max(at, item.starts_at)
        case Timing.AT_RENEWAL:
            return next_renewal(item, at=at)
        case Timing.ON_DATE:
            if on is None or on <= max(at, item.starts_at):
                raise Invalid("Choose a day that is still to come, after it has begun.", field="on")
            return on


def in_quantity(item: SubscriptionItem, quantity: int, *, starts_at: datetime) -> SubscriptionItem:
    """The same purchase in another quantity: its pin, the moment it was sold and its holds go with it."""
    follower = SubscriptionItem.objects.get(pk=item.pk)
    follower.pk, follower._state.adding = None, True
    follower.quantity, follower.starts_at, follower.ends_at, follower.follows = quantity, starts_at, item.ends_at, item
    return follower


@transaction.atomic
def end_item(
    *,
    item: SubscriptionItem,
    by: Actor,
    at: datetime,
    reason: str,
    timing: Timing = Timing.NOW,
    on: datetime | None = None,
    proration: Proration = Proration.NONE,
) -> SubscriptionItem | None:
    """Ended an add-on at once, on a date or at the next renewal; one that had not begun is taken back."""
    require_seller(by)
    item, account = _lock(item, at=at)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    _give_way(item, deed=deed, ends_too=True)
    when = plan_end(item, at=at, timing=timing, on=on)
    refuse_below_use(item.subscription, when=when, at=at, ends={item.pk: when})
    former, begun = item.ends_at, item.starts_at < when
    kept = cut_short(item, when, deed=deed)
    note_change(
        item.subscription,
        ChangeSort.END_ITEM,
        timing=timing,
        effective_at=when,
        words=f"{item.quantity} × {item.plan.name} ends",
        ended=[(item.pk, former)] if begun else [],
        proration=proration,
        reason=reason,
        deed=deed,
    )
    event = record(
        deed,
        "subscription:end_item",
        subject=item.subscription,
        account_key=account.key,
        reason=reason,
        changes={"item": [f"{item.quantity} × {item.plan.name}", None], "ends_at": [None, when.isoformat()]},
    )
    journal_changes(account=account, before=before, at=at, cause=f"{item.plan.name} was ended", event=event)
    return kept


def plan_end(item: SubscriptionItem, *, at: datetime, timing: Timing, on: datetime | None = None) -> datetime:
    """When ending it would take effect, or the refusal that keeps it from being ended."""
    _refuse_part(item)
    if item.plan.kind == PlanKind.PLAN:
        raise Refusal(f"{item.plan} is the plan of the subscription: change the plan, or end the subscription.")
    when = at if timing is Timing.NOW else _when(item, at=at, timing=timing, on=on)
    if item.ends_at is not None and item.ends_at <= when:
        until = "the next renewal" if timing is Timing.AT_RENEWAL else "that day"
        raise Invalid(f"It ends by itself before {until}.", field="timing")
    return when


def cut_short(item: SubscriptionItem, when: datetime, *, deed: Deed) -> SubscriptionItem | None:
    """End an item at the instant. What hasn't begun by then never was, unless a code was used up for it."""
    if item.starts_at < when:
        item.ends_at = when
        return keep(item, deed=deed)
    if item.redemptions.exists():
        item.ends_at = item.starts_at + datetime.resolution
        return keep(item, deed=deed)
    take_back(item, deed=deed)
    return None


def planned_after(item: SubscriptionItem) -> SubscriptionItem | None:
    """The item in which it goes on in another quantity at the renewal, where that was planned."""
    return SubscriptionItem.objects.filter(follows=item).first()


def as_if_unplanned(item: SubscriptionItem) -> SubscriptionItem | None:
    """Let the item run as long as what follows it, in memory alone; what was planned, if anything was."""
    planned = planned_after(item)
    if planned is not None:
        item.ends_at = planned.ends_at
    return planned


def _give_way(item: SubscriptionItem, *, deed: Deed, ends_too: bool = False) -> bool:
    """Take back another quantity that was planned for later, and an end where it is ended anew; whether any was.

    Another plan that is to come was agreed in this quantity: that is decided first.
    """
    for change in pending_on(item, sorts=[ChangeSort.PLAN], at=deed.at):
        raise ChangeToCome(f"{change.words} is planned already. Call it off first, then change the quantity.")
    sorts = [ChangeSort.QUANTITY, *([ChangeSort.END_ITEM] if ends_too else [])]
    planned = planned_after(item)
    for change in pending_on(item, sorts=sorts, at=deed.at):
        mark_called_off(change, deed=deed)
        put_back(item, change, deed=deed)
    if planned is not None:
        item.ends_at = planned.ends_at
        take_back(planned, deed=deed)
        keep(item, deed=deed)
    return planned is not None


def _replace(change: Replacement, *, timing: Timing, proration: Proration, reason: str, deed: Deed) -> SubscriptionItem:
    item, follower = change.item, change.follower
    if follower is None:
        return item
    former = item.ends_at
    at_once = change.ends_at <= item.starts_at  # it has not begun: nobody had it in the other quantity
    if at_once:
        item.quantity = follower.quantity
    else:
        item.ends_at = change.ends_at
    keep(item, deed=deed)
    kept = item if at_once else keep(follower, deed=deed)
    note_change(
        item.subscription,
        ChangeSort.QUANTITY,
        timing=Timing.NOW if at_once else timing,
        effective_at=change.ends_at,
        words=f"{change.was} × {item.plan.name} → {kept.quantity} × {item.plan.name}",
        item=kept,
        ended=[] if at_once else [(item.pk, former)],
        proration=proration,
        reason=reason,
        deed=deed,
    )
    return kept


def _lock(item: SubscriptionItem, *, at: datetime) -> tuple[SubscriptionItem, Account]:
    """The item as it stands once the account is ours, or the refusal that there is nothing left to change."""
    account = open_for_change(item.subscription, at, beside=not item.billing_id)
    require_move(item.subscription, Move.CHANGE, at=at)
    row = SubscriptionItem.objects.select_related("plan", "subscription__account").filter(pk=item.pk).first()
    if row is None:
        raise Stale("This item was taken back since you opened it. Look again.")
    if row.ends_at is not None and row.ends_at <= at:
        raise ItemOver(f"{row.plan} has ended already.")
    return row, account


def _refuse_part(item: SubscriptionItem) -> None:
    if item.sold_bundle_id is not None:
        raise Refusal(f"{item.plan} is part of a bundle: swap it for another part, or end the bundle.")
    if item.redemptions.exists():
        raise Refusal(f"{item.plan} came with a promotional code: take back its redemption instead.")
    if item.lent:
        raise Refusal(f"{item.plan} is lent and ends by itself.")
