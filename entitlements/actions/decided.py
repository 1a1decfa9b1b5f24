"""Rows that say what was decided about a subscription, and the dates of items that carry it out.

What was planned is taken back or moved here, for every sort of change alike; who may do so, and when, is asked by the
actions that call it.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from catalog.domain.window import add_days
from entitlements.actions.billing import promise_change
from entitlements.actions.internal import require_ended_items
from entitlements.actions.licences.purchases import withdraw_licence
from entitlements.domain.facts import Phase
from entitlements.domain.timing import ChangeSort, Proration, Timing
from entitlements.models import Subscription, SubscriptionChange, SubscriptionItem, SubscriptionPhase
from entitlements.queries.life.planned import pending
from journal.actions.deeds import Deed, keep, remove
from journal.domain.refusal import Refusal

LONGEST_WORDS = 300


def note_change(
    subscription: Subscription,
    sort: ChangeSort,
    *,
    timing: Timing,
    effective_at: datetime,
    words: str,
    deed: Deed,
    item: SubscriptionItem | None = None,
    ended: Iterable[tuple[int, datetime | None]] = (),
    proration: Proration = Proration.NONE,
    reason: str = "",
    billing_id: str = "",
    brought: bool = False,
) -> SubscriptionChange:
    """Write down what was decided; `ended` are the items that end with it, and when they would have.

    `billing_id`: the name of the item at the system whose schedule brought it. Whoever bills is told of what was
    decided here, never of what it brought itself, whoever follows it: it would write its own words down again.
    """
    row = SubscriptionChange(
        subscription=subscription,
        sort=sort,
        timing=timing,
        proration=proration,
        effective_at=effective_at,
        words=words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…",
        item=item,
        ended=[[pk, end and end.isoformat()] for pk, end in ended],
        reason=reason,
        recorded_at=deed.at,
        recorded_by=deed.by.name,
        billing_id=billing_id,
    )
    keep(row, deed=deed)
    if not brought:
        promise_change(row, at=deed.at)
    return row


def call_off(change: SubscriptionChange, *, deed: Deed) -> None:
    """Put everything back as if the change had never been planned."""
    begun, ended = change.item, _ended(change)
    if begun is not None:
        _refuse_followed(begun)
    mark_called_off(change, deed=deed)
    if change.sort == ChangeSort.CANCEL:
        _keep_running(change, deed=deed)
    if begun is not None:
        take_back(begun, deed=deed)
    for item, former_end in ended:
        item.ends_at = former_end
        keep(item, deed=deed)
    require_ended_items(change.subscription)


def put_back(item: SubscriptionItem, change: SubscriptionChange, *, deed: Deed) -> None:
    """Let the item run until it would have ended without the change, in memory as in the row."""
    for ended, former_end in _ended(change):
        if ended == item:
            item.ends_at = former_end
            keep(item, deed=deed)


def mark_called_off(change: SubscriptionChange, *, deed: Deed) -> None:
    change.cancelled_at, change.cancelled_by, change.item = deed.at, deed.by.name, None
    keep(change, deed=deed)


def move_to(change: SubscriptionChange, effective_at: datetime, *, timing: Timing, deed: Deed) -> None:
    """Let the change take effect at another instant: both edges move, what ends then and what begins."""
    if change.sort == ChangeSort.CANCEL:
        _move_leaving(change, effective_at, deed=deed)
    for item, _former in _ended(change):
        item.ends_at = effective_at
        keep(item, deed=deed)
    if change.item is not None:
        change.item.starts_at = effective_at
        keep(change.item, deed=deed)
    change.effective_at, change.timing = effective_at, timing
    keep(change, deed=deed)


def take_back(item: SubscriptionItem, *, deed: Deed) -> None:
    """Remove an item that never began; rows that tell of it go on without it, and a licence that came with it ends."""
    withdraw_licence(item, deed=deed)
    for row in SubscriptionChange.objects.filter(item=item):
        row.item = None
        if row.cancelled_at is None and row.effective_at > deed.at:
            row.cancelled_at, row.cancelled_by = deed.at, deed.by.name
        keep(row, deed=deed)
    remove(item, deed=deed)


def pending_on(item: SubscriptionItem, *, sorts: Iterable[ChangeSort], at: datetime) -> list[SubscriptionChange]:
    """The changes still to come that begin or end the item, the next first."""
    rows = pending(item.subscription, at=at).filter(sort__in=list(sorts))
    return [row for row in rows if row.item_id == item.pk or any(ended == item for ended, _ in _ended(row))]


def _ended(change: SubscriptionChange) -> list[tuple[SubscriptionItem, datetime | None]]:
    """The items that end with the change, and when they would have.

    One that has meanwhile gone on in another quantity is the last of that chain. A cancellation ends no item: what it
    keeps there is the end its subscription would have had.
    """
    found = []
    for pk, former in () if change.sort == ChangeSort.CANCEL else change.ended:
        item = SubscriptionItem.objects.filter(pk=pk).first()
        while item is not None and item.ends_at != change.effective_at:
            item = SubscriptionItem.objects.filter(follows=item).first()
        if item is not None:
            found.append((item, former and datetime.fromisoformat(former)))
    return found


def _refuse_followed(item: SubscriptionItem) -> None:
    if SubscriptionItem.objects.filter(follows=item).exists():
        raise Refusal(f"{item.plan} goes on in another quantity after that. Call that off first.")


def winding_down(change: SubscriptionChange) -> SubscriptionPhase | None:
    """The days of access that follow a cancellation, where there are any."""
    return change.subscription.phases.filter(phase=Phase.WINDING_DOWN, starts_at=change.effective_at).first()


def end_of_leaving(change: SubscriptionChange, effective_at: datetime) -> datetime:
    """When the subscription would end if the customer left at that instant, with as many days of access after."""
    phase, zone = winding_down(change), change.subscription.account.zone
    return effective_at if phase is None else add_days(effective_at, _days_of(phase, zone), zone)


def _move_leaving(change: SubscriptionChange, effective_at: datetime, *, deed: Deed) -> None:
    """The days of access afterwards stay as many as they were."""
    phase, subscription = winding_down(change), change.subscription
    end = end_of_leaving(change, effective_at)
    if phase is not None:
        phase.starts_at, phase.ends_at = effective_at, end
        keep(phase, deed=deed)
    subscription.ends_at = end
    keep(subscription, deed=deed)


def _days_of(phase: SubscriptionPhase, zone: str) -> int:
    assert phase.ends_at is not None  # winding down always ends
    first, last = (instant.astimezone(ZoneInfo(zone)).date() for instant in (phase.starts_at, phase.ends_at))
    return (last - first).days


def _keep_running(change: SubscriptionChange, *, deed: Deed) -> None:
    phase, subscription = winding_down(change), change.subscription
    if phase is not None and phase.starts_at >= deed.at:
        remove(phase, deed=deed)
    elif phase is not None:
        phase.ends_at = deed.at
        keep(phase, deed=deed)
    former = next((end for _, end in change.ended), None)
    subscription.ends_at = former and datetime.fromisoformat(former)
    keep(subscription, deed=deed)
