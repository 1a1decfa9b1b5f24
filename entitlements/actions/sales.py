"""The item that records what was sold; what may be sold is asked in `queries/on_sale.py`."""

from datetime import datetime

from catalog.models import Plan
from entitlements.actions.internal import require_end
from entitlements.actions.licences.purchases import license_item
from entitlements.models import Loan, SoldBundle, Subscription, SubscriptionItem
from entitlements.queries.selling.on_sale import NotOnSale, check_sale, version_to_sell
from journal.actions.deeds import Deed, keep

__all__ = ["NotOnSale", "check_sale", "sell_item", "version_to_sell"]


def sell_item(
    subscription: Subscription,
    plan: Plan,
    *,
    quantity: int,
    starts_at: datetime,
    deed: Deed,
    interval: str = "",
    ends_at: datetime | None = None,
    lent: bool = False,
    origin: str = "",
    sold_bundle: SoldBundle | None = None,
    loan: Loan | None = None,
) -> SubscriptionItem:
    """Record an item; it pins the version that is on sale at the moment of recording. A licence may come with it."""
    require_end(account=subscription.account, ends_at=ends_at or subscription.ends_at, field="ends_at")
    version = check_sale(
        subscription,
        plan,
        quantity=quantity,
        interval=interval,
        starts_at=max(starts_at, subscription.starts_at),
        ends_at=ends_at,
        at=deed.at,
    )
    item = SubscriptionItem(
        subscription=subscription,
        plan=plan,
        version=version,
        quantity=quantity,
        interval=interval,
        starts_at=starts_at,
        ends_at=ends_at,
        lent=lent,
        origin=origin,
        sold_bundle=sold_bundle,
        loan=loan,
        recorded_at=deed.at,
    )
    keep(item, deed=deed)
    license_item(item, deed=deed)
    return item
