"""What came to its end for an account by itself, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from catalog.domain.values import PlanKind
from catalog.domain.window import Window
from entitlements.domain.facts import Phase
from entitlements.models import Account, Override, Subscription, SubscriptionItem, SubscriptionPhase
from entitlements.models.override import OverrideState


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that ended; `key` names it for ever, so that it is told once."""

    kind: str
    key: str
    at: datetime
    words: str
    afterwards: str

    def said_at(self, zone: str) -> str:
        local = self.at.astimezone(ZoneInfo(zone))
        return f"{local.day} {local:%B %Y at %H:%M} ({zone})"


# What ends with its subscription, or would have ended after it, is told by the subscription's own end.
OUTLIVED = Q(subscription__ends_at__isnull=True) | Q(subscription__ends_at__gt=F("ends_at"))


def endings_of(account: Account, stretch: Window) -> list[Ending]:
    """Every override, trial, grace, lent plan, add-on and subscription that ended in the stretch, earliest first."""
    found = [
        *_overrides(account, stretch),
        *_phases(account, stretch),
        *_items(account, stretch),
        *_subscriptions(account, stretch),
    ]
    return sorted(found, key=lambda ending: (ending.at, ending.key))


def _overrides(account: Account, stretch: Window) -> Iterator[Ending]:
    rows = Override.objects.filter(
        account=account,
        state=OverrideState.APPROVED,
        revoked_at__isnull=True,
        ends_at__gte=stretch.start,
        ends_at__lt=stretch.end,
    ).select_related("feature")
    for row in rows:
        assert row.ends_at is not None  # the filter says so
        yield Ending(
            "override_ended",
            f"override:{row.pk}",
            row.ends_at,
            f"The override on {row.feature} ended",
            "From now on the plan alone decides. If the customer should keep it, grant it again.",
        )


def _phases(account: Account, stretch: Window) -> Iterator[Ending]:
    rows = SubscriptionPhase.objects.filter(
        OUTLIVED,
        subscription__account=account,
        phase__in=[Phase.TRIAL, Phase.GRACE],
        ends_at__gte=stretch.start,
        ends_at__lt=stretch.end,
    ).select_related("subscription")
    for row in rows:
        assert row.ends_at is not None  # the filter says so
        converted = row.subscription.converted_at
        if row.phase == Phase.TRIAL and converted is None:
            yield Ending(
                "trial_ended",
                f"trial:{row.pk}",
                row.ends_at,
                "The trial ended",
                "Nobody converted it, so the plan's own rule for afterwards is in force.",
            )
        unpaid = row.restored_at is None or row.restored_at > row.ends_at
        if row.phase == Phase.GRACE and unpaid:
            yield Ending(
                "grace_ended",
                f"grace:{row.pk}",
                row.ends_at,
                "The grace after a failed payment ended",
                "Nobody has paid, so the subscription gives nothing until payment comes.",
            )


def _items(account: Account, stretch: Window) -> Iterator[Ending]:
    rows = SubscriptionItem.objects.filter(
        OUTLIVED,
        Q(lent=True) | Q(plan__kind=PlanKind.ADD_ON),
        subscription__account=account,
        ends_at__gte=stretch.start,
        ends_at__lt=stretch.end,
    ).select_related("plan")
    for row in rows:
        assert row.ends_at is not None  # the filter says so
        sort = "lent plan" if row.plan.kind == PlanKind.PLAN else "add-on"
        yield Ending(
            "item_ended",
            f"item:{row.pk}",
            row.ends_at,
            f"The {sort} {row.plan.name} ended",
            "What it gave on top is no longer available to the customer.",
        )


def _subscriptions(account: Account, stretch: Window) -> Iterator[Ending]:
    rows = Subscription.objects.filter(account=account, ends_at__gte=stretch.start, ends_at__lt=stretch.end)
    for row in rows:
        assert row.ends_at is not None  # the filter says so
        yield Ending(
            "subscription_ended",
            f"subscription:{row.pk}",
            row.ends_at,
            f"Subscription {row.number} ended",
            "What it gave is no longer available to the customer.",
        )
