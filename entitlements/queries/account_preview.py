"""What a customer would have if something about the account itself were otherwise: its market, its zone, its parent."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from catalog.domain.values import PlanKind
from entitlements.domain.figures import FeatureEffect
from entitlements.models import Account, SubscriptionItem
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.life.as_if import as_if, effects
from entitlements.queries.life.renewals import next_renewal


@dataclass(frozen=True, slots=True)
class MovedRenewal:
    """A renewal that is projected in the account's zone, and would be at another instant in another."""

    subscription: int
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class EditPreview:
    """`children` belong to the account; what they inherit may follow it."""

    effects: tuple[FeatureEffect, ...]
    renewals: tuple[MovedRenewal, ...]
    children: int


def edited(account: Account, **values: Any) -> Account:
    """The account in memory, with these values."""
    other = copy(account)
    for name, value in values.items():
        setattr(other, name, value)
    return other


def preview_edit(*, account: Account, at: datetime, **values: Any) -> EditPreview:
    """What changes for the customer at the moment, and which renewals to come move; nothing is written."""
    other = edited(account, **values)
    before = entitlements_of(account=account, at=at)
    return EditPreview(
        effects=effects(before, as_if(account=account, rows=[other], at=at)),
        renewals=() if other.zone == account.zone else tuple(_renewals(account, other, at=at)),
        children=account.children.count(),
    )


def _renewals(account: Account, other: Account, *, at: datetime) -> list[MovedRenewal]:
    """Recorded periods are never moved; what is projected from them counts in UTC and stays too."""
    found = []
    for item in _plans_held(account, at=at):
        item.subscription.account = account
        before = next_renewal(item, at=at)
        item.subscription.account = other
        after = next_renewal(item, at=at)
        if before != after:
            found.append(MovedRenewal(item.subscription.number, before, after))
    return found


def _plans_held(account: Account, *, at: datetime) -> list[SubscriptionItem]:
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    lasting = Q(subscription__ends_at__isnull=True) | Q(subscription__ends_at__gt=at)
    rows = SubscriptionItem.objects.filter(
        running, lasting, subscription__account=account, plan__kind=PlanKind.PLAN, lent=False, starts_at__lte=at
    )
    return list(rows.select_related("subscription").order_by("subscription__number", "pk"))
