"""What may be sold to whom and when, or the refusal that keeps it from being sold. Nothing is written."""

from datetime import datetime

from catalog.domain.rollouts import version_on_sale
from catalog.models import Plan, PlanVersion, Rollout
from catalog.models.plan import Interval
from entitlements.domain.facts import Phase
from entitlements.models import Subscription
from entitlements.queries.selling.redeemed import is_sold
from journal.domain.refusal import Refusal


class NotOnSale(Refusal):
    """The plan has no published version that could be sold at that moment."""

    code = "not_on_sale"


def check_sale(
    subscription: Subscription,
    plan: Plan,
    *,
    quantity: int,
    starts_at: datetime,
    at: datetime,
    interval: str = "",
    ends_at: datetime | None = None,
) -> PlanVersion:
    """The version that would be sold, or the refusal that keeps it from being sold.

    What starts later must be sold in the customer's market when it starts; its version is the one on sale now.
    """
    if quantity < 1:
        raise Refusal("The quantity is at least 1.", field="quantity")
    if interval and interval not in set(Interval):
        raise Refusal("It is paid by the month or by the year.", field="interval")
    if starts_at < at:
        raise Refusal("It can't start in the past: what was answered until now stays true.", field="starts_at")
    if ends_at is not None and ends_at <= starts_at:
        raise Refusal("It would end before it starts.", field="ends_at")
    if subscription.ends_at is not None and subscription.ends_at <= starts_at:
        raise Refusal(f"{subscription} has ended by then.", field="starts_at")
    if starts_at > at and _winds_down(subscription, at=starts_at):
        raise Refusal(f"{subscription} is cancelled by then, and nothing is sold in the days after.", field="starts_at")
    version = version_to_sell(plan, at)
    account = subscription.account
    if not is_sold(plan, market_id=account.market_id, at=starts_at):
        where = f"in {account.market}" if account.market else "to customers without a market"
        raise NotOnSale(f"{plan} is not sold {where} at that time.", field="plan")
    return version


def _winds_down(subscription: Subscription, *, at: datetime) -> bool:
    if subscription.pk is None:
        return False
    return subscription.phases.filter(phase=Phase.WINDING_DOWN, starts_at__lte=at, ends_at__gt=at).exists()


def version_to_sell(plan: Plan, at: datetime) -> PlanVersion:
    """The version a new customer gets at the moment of recording."""
    rollouts = [row.fact for row in Rollout.objects.filter(version__plan=plan).select_related("version__plan")]
    pk = version_on_sale(plan=plan.key, rollouts=rollouts, at=at)
    if pk is None:
        raise NotOnSale(f"{plan} is not on sale: publish a version of it first.", field="plan")
    return PlanVersion.objects.get(pk=int(pk))
