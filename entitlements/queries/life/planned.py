"""What was decided about subscriptions: what is still to come, what took effect, what was called off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from django.db.models import Q, QuerySet

from entitlements.domain.timing import ChangeSort, Timing
from entitlements.models import Account, Subscription, SubscriptionChange, SubscriptionItem
from entitlements.models.lapsing import lapse_of
from entitlements.queries.life.held_plans import plan_items
from entitlements.queries.life.renewals import next_renewal
from journal.domain.refusal import Refusal

Became: TypeAlias = Literal["to_come", "done", "cancelled", "overtaken"]


class ChangeToCome(Refusal):
    """Another change is planned already; which of the two holds, a person says first."""

    code = "change_to_come"


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change that was decided, and what has become of it."""

    row: SubscriptionChange
    state: Became
    words: str

    @property
    def to_come(self) -> bool:
        return self.state == "to_come"


STATE_WORDS = {
    "to_come": "To come",
    "done": "Done",
    "cancelled": "Called off",
    "overtaken": "Will not happen: the subscription ends before",
}


def changes_of(*, account: Account, at: datetime) -> tuple[PlannedChange, ...]:
    """Everything that was decided about the account's subscriptions, the newest first."""
    rows = SubscriptionChange.objects.filter(subscription__account=account).select_related("subscription__account")
    return tuple(planned_change(row, at=at) for row in rows.order_by("-effective_at", "-pk"))


def planned_change(row: SubscriptionChange, *, at: datetime) -> PlannedChange:
    """What has become of one change by the moment."""
    state = _state(row, at=at)
    return PlannedChange(row, state, f"{ChangeSort(row.sort).words}: {row.words}")


def _state(row: SubscriptionChange, *, at: datetime) -> Became:
    if row.cancelled_at is not None:
        return "cancelled"
    end = row.subscription.ends_at
    over = end is not None and (end < row.effective_at or (end == row.effective_at and row.sort != ChangeSort.CANCEL))
    if over:
        return "overtaken"
    return "to_come" if row.effective_at > at and row.timing != Timing.NOW else "done"


def pending(subscription: Subscription, *, at: datetime) -> QuerySet[SubscriptionChange]:
    """The changes of a subscription that were planned and are still to come, the next first."""
    rows = subscription.changes.filter(cancelled_at=None, effective_at__gt=at).exclude(timing=Timing.NOW)
    return rows.select_related("subscription__account", "item__plan").order_by("effective_at", "pk")


def decided_ahead(subscription: Subscription, *, at: datetime) -> list[SubscriptionChange]:
    """In one read what `pending` finds, and the cancellations among which `pending_cancellation` looks."""
    ahead = Q(effective_at__gt=at) & ~Q(timing=Timing.NOW)
    rows = subscription.changes.filter(ahead | Q(sort=ChangeSort.CANCEL), cancelled_at=None)
    return list(rows.select_related("item__plan").order_by("effective_at", "pk"))


def is_pending(row: SubscriptionChange, *, at: datetime) -> bool:
    """Of a change that wasn't called off."""
    return row.effective_at > at and row.timing != Timing.NOW


def cancellation_in(
    rows: Iterable[SubscriptionChange], subscription: Subscription, *, at: datetime
) -> SubscriptionChange | None:
    """The cancellation that can still be taken back, of a subscription's changes that weren't called off."""
    if subscription.ends_at is None or subscription.ends_at <= at:
        return None
    cancelled = (row for row in rows if row.sort == ChangeSort.CANCEL)
    return max(cancelled, key=lambda row: (row.recorded_at, row.pk), default=None)


def pending_cancellation(subscription: Subscription, *, at: datetime) -> SubscriptionChange | None:
    """The cancellation that can still be taken back: the subscription has not ended by it yet."""
    rows = subscription.changes.filter(sort=ChangeSort.CANCEL, cancelled_at=None)
    row = rows.select_related("subscription__account").order_by("-recorded_at", "-pk").first()
    return None if row is None or row.subscription.ends_at is None or row.subscription.ends_at <= at else row


def renewal_of(change: SubscriptionChange) -> datetime:
    """The renewal that a change waits for, as the periods stand now."""
    ended = [pk for pk, _ in change.ended] if change.sort != ChangeSort.CANCEL else []
    items = SubscriptionItem.objects.select_related("subscription__account").filter(pk__in=ended)
    item = items.first() or next(iter(plan_items(change.subscription, at=change.recorded_at)), None)
    return change.effective_at if item is None else next_renewal(item, at=change.recorded_at)


def keeps_from(change: SubscriptionChange, when: datetime) -> str:
    """Why the change can't take effect at that instant instead, as a sentence; empty where it can."""
    subscription, item = change.subscription, change.item
    formers = [datetime.fromisoformat(end) for _, end in change.ended if end]
    ends = [*formers, *([item.ends_at] if item is not None and item.ends_at else [])]
    if ends and min(ends) <= when:
        return "What it changes has ended by itself by then. Choose an earlier day."
    if change.sort == ChangeSort.CANCEL:
        over = subscription.ends_at is not None and subscription.ends_at < change.effective_at
        return "The subscription ends before it is cancelled. There is nothing to move." if over else ""
    begun = SubscriptionItem.objects.filter(pk__in=[pk for pk, _ in change.ended], starts_at__gte=when)
    if begun.exists():
        return "What it changes has not begun by then. Choose a later day."
    lapse = lapse_of(subscription, phases=subscription.phases.all())
    if item is None or item.follows_id is not None or lapse is None:
        return ""
    if (change.effective_at < lapse) == (when < lapse):
        return ""
    return "The trial ends between the two days, and what begins after it is a sale. Call it off and agree anew."
