"""When a subscription as a whole renews next, if it lasts until then."""

from datetime import datetime

from entitlements.models import Subscription
from entitlements.queries.life.held_plans import plan_items
from entitlements.queries.life.planned import pending_cancellation
from entitlements.queries.life.renewals import next_renewal


def renewal_ahead(subscription: Subscription, *, at: datetime) -> datetime | None:
    """None where it holds no plan, has ended or is cancelled by then; days of access after leaving renew nothing."""
    items = plan_items(subscription, at=max(at, subscription.starts_at))
    if not items:
        return None
    renewal = next_renewal(items[0], at=at)
    leaving = pending_cancellation(subscription, at=at)
    ends = [subscription.ends_at, None if leaving is None else leaving.effective_at]
    return None if any(end is not None and end <= renewal for end in ends) else renewal
