"""When what was bought renews next."""

from datetime import datetime

from entitlements.domain.periods import Periods
from entitlements.models import SubscriptionItem


def next_renewal(item: SubscriptionItem, *, at: datetime) -> datetime:
    """The first period of the item that begins after the moment: a recorded one, else the projected one."""
    subscription = item.subscription
    recorded = list(subscription.billing_periods.order_by("starts_at").values_list("starts_at", "ends_at"))
    periods = Periods(
        starts_at=subscription.starts_at,
        begun=item.starts_at,
        interval=item.interval or "month",
        zone=subscription.account.zone,
        recorded=tuple(starts_at for starts_at, _ in recorded),
        last_end=recorded[-1][1] if recorded else None,
    )
    return periods.renewal(since=at + datetime.resolution)
