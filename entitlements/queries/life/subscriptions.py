"""The subscriptions of an account as they stand at a moment: state, items, dates, and what is to come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from entitlements.domain.holdings import Holdings
from entitlements.models import Account, Subscription, SubscriptionItem
from entitlements.queries.entitlements import facts_of
from entitlements.queries.holdings import HeldSubscription, holdings
from entitlements.queries.life.planned import PlannedChange, changes_of
from entitlements.queries.life.renewal_ahead import renewal_ahead
from journal.domain.refusal import NotFound


@dataclass(frozen=True, slots=True)
class HeldRow:
    """An item, the number of the version it has now, and whether it gives anything now."""

    row: SubscriptionItem
    version: int
    live: bool


@dataclass(frozen=True, slots=True)
class SubscriptionNow:
    row: Subscription
    held: HeldSubscription
    items: tuple[HeldRow, ...]
    to_come: tuple[PlannedChange, ...]
    renews_at: datetime | None


def subscription_of(*, account: Account, number: int) -> Subscription:
    row = Subscription.objects.select_related("account").filter(account=account, number=number).first()
    if row is None:
        raise NotFound(f"{account} has no subscription {number}.")
    return row


def subscriptions_of(*, account: Account, at: datetime) -> tuple[SubscriptionNow, ...]:
    """Every subscription of the account, oldest first; ended ones too."""
    held = {one.id: one for one in holdings(account_ids=[account.pk], at=at)[account.pk]}
    live = _live_versions(account, at=at)
    changes = [change for change in changes_of(account=account, at=at) if change.to_come]
    rows = account.subscriptions.select_related("account").prefetch_related("items__plan", "items__version")
    return tuple(
        SubscriptionNow(
            row,
            held[row.pk],
            items=tuple(_item(item, live) for item in row.items.all()),
            to_come=tuple(change for change in reversed(changes) if change.row.subscription_id == row.pk),
            renews_at=renewal_ahead(row, at=at),
        )
        for row in rows
    )


def _live_versions(account: Account, *, at: datetime) -> Mapping[int, int]:
    """The number of the version each item has that lives now, by the item's id; what follows a trial is none of it."""
    live = Holdings(facts_of(account=account), at).live
    return {int(one.item.id): one.version.number for one in live if one.item.id.isdigit()} | {
        int(one.item.id.partition(":")[0]): one.version.number for one in live if ":restored-" in one.item.id
    }


def _item(item: SubscriptionItem, live: Mapping[int, int]) -> HeldRow:
    return HeldRow(item, live.get(item.pk, item.version.number), item.pk in live)
