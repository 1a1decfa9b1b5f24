"""The plans a subscription holds, and what their versions say about its end."""

from datetime import datetime

from catalog.domain.values import PlanKind
from catalog.models import PlanVersion
from catalog.models.plan import Interval
from entitlements.domain.holdings import Holdings
from entitlements.models import Subscription, SubscriptionItem
from entitlements.queries.entitlements import facts_of

USUAL_GRACE = 14


def plan_items(subscription: Subscription, *, at: datetime) -> list[SubscriptionItem]:
    """The plans the subscription is of at the instant, the latest first: bought, or tried with a code."""
    rows = SubscriptionItem.objects.filter(subscription=subscription, plan__kind=PlanKind.PLAN, lent=False)
    rows = rows.select_related("plan", "version", "subscription__account").order_by("-starts_at", "-pk")
    return [row for row in rows if row.window.contains(at)]


def future_plans(subscription: Subscription, *, since: datetime) -> list[SubscriptionItem]:
    """The plans that were agreed for later, what follows another before it."""
    bought = SubscriptionItem.objects.filter(subscription=subscription, plan__kind=PlanKind.PLAN, lent=False)
    rows = bought.filter(redemptions=None, starts_at__gte=since).select_related("plan", "subscription__account")
    return list(rows.order_by("-starts_at", "-pk"))


def say_item(item: SubscriptionItem) -> str:
    """ "Team", or "10 × Team", with "by the year" where it is paid so."""
    words = item.plan.name if item.quantity == 1 else f"{item.quantity} × {item.plan.name}"
    return f"{words} by the year" if item.interval == Interval.YEAR else words


def grace_days_of(subscription: Subscription, *, at: datetime) -> int:
    """How long it still serves after a failed payment: by the version it holds, of several the longest."""
    return max(
        (v.grace_days for v in held_versions(subscription, at=at) if v.grace_days is not None), default=USUAL_GRACE
    )


def wind_down_days_of(subscription: Subscription, *, at: datetime) -> int:
    """How long access goes on after leaving: by the version it holds, of several the longest."""
    return max((v.wind_down_days or 0 for v in held_versions(subscription, at=at)), default=0)


def held_versions(subscription: Subscription, *, at: datetime) -> list[PlanVersion]:
    """The versions of the plans bought in it that it has at the moment; those it was sold where none is held now."""
    live = Holdings(facts_of(account=subscription.account), at).live
    own = (held for held in live if held.item.subscription == str(subscription.pk) and not held.item.lent)
    pks = [int(held.version.id) for held in own if held.version.kind is PlanKind.PLAN]
    pks = pks or [item.version_id for item in plan_items(subscription, at=max(at, subscription.starts_at))]
    return list(PlanVersion.objects.filter(pk__in=pks))
