"""Internal accounts: what our own people hold is checked by the same call, but always ends."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from entitlements.models import Account, Override, Subscription, SubscriptionItem
from entitlements.models.account import AccountKind
from entitlements.models.override import OverrideState
from journal.domain.refusal import Invalid

MOST_TOLD = 3


def require_end(*, account: Account, ends_at: datetime | None, field: str = "through_on") -> None:
    """Refuse what would have no end on an internal account; `field` is the input by which the end is asked."""
    if account.kind == AccountKind.INTERNAL and ends_at is None:
        raise Invalid(f"{account} is internal, so whatever it holds needs an end. Say through which day.", field=field)


def require_ended_items(subscription: Subscription) -> None:
    """Refuse to take away the end that an internal account's subscription has: its items would go on for good."""
    account = subscription.account
    if account.kind == AccountKind.INTERNAL and any(_items(Q(subscription=subscription))):
        raise Invalid(
            f"{account} is internal, so whatever it holds needs an end, and this would take it away.", field="ends_at"
        )


def refuse_endless(account: Account, *, at: datetime) -> None:
    """Refuse to make an account internal while it holds anything, or asks for anything, without an end."""
    found = [*_items(Q(subscription__account=account)), *_overrides(account)]
    if found:
        more = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
        told = ", ".join(found[:MOST_TOLD]) + more
        raise Invalid(
            f"An internal account holds nothing without an end, and {account} has {told}. Give each an end first.",
            field="kind",
        )


def _items(condition: Q) -> Iterator[str]:
    """The items that go on for good; one in a subscription that ends has an end."""
    rows = SubscriptionItem.objects.filter(condition, ends_at__isnull=True, subscription__ends_at__isnull=True)
    for row in rows.select_related("plan", "subscription"):
        yield f"{row.plan} in subscription {row.subscription.number}"


def _overrides(account: Account) -> Iterator[str]:
    """The overrides in force, to come or waiting for approval that have no end of their own."""
    rows = Override.objects.filter(account=account, ends_at__isnull=True, revoked_at__isnull=True)
    for row in rows.filter(state__in=(OverrideState.REQUESTED, OverrideState.APPROVED)).select_related("feature"):
        waiting = " that waits for approval" if row.state == OverrideState.REQUESTED else ""
        yield f"an override of {row.feature}{waiting}"
