"""The item that records what was sold; what may be sold is asked in `queries/on_sale.py`."""

from datetime import datetime

from catalog.models import Plan, PlanVersion
from entitlements.actions.internal import require_end
from entitlements.actions.licences.purchases import license_item
from entitlements.models import Loan, SoldBundle, Subscription, SubscriptionItem
from entitlements.queries.selling.on_sale import NotOnSale, check_sale, version_to_sell
from entitlements.queries.selling.redeemed import is_sold
from journal.actions.deeds import Deed, keep

__all__ = ["NotOnSale", "check_sale", "record_item", "sell_item", "version_paid_for", "version_to_sell"]


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
    return record_item(
        SubscriptionItem(
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
        ),
        deed=deed,
    )


def version_paid_for(
    subscription: Subscription, plan: Plan, *, starts_at: datetime, at: datetime
) -> tuple[PlanVersion, str]:
    """The version that whoever has paid already gets, and why it would not have been sold to them; empty: it would.

    Of a plan that isn't on sale it is the one published last: what is paid for is given.
    """
    account = subscription.account
    try:
        version = version_to_sell(plan, at)
    except NotOnSale as refusal:
        last = plan.versions.exclude(published_at=None).order_by("-number").first()
        if last is None:
            raise
        return last, refusal.message
    if is_sold(plan, market_id=account.market_id, at=starts_at):
        return version, ""
    return (
        version,
        f"{plan} is not sold {f'in {account.market}' if account.market else 'to customers without a market'}.",
    )


def record_item(item: SubscriptionItem, *, deed: Deed) -> SubscriptionItem:
    """Keep an item whose sale was asked about before. A licence may come with it."""
    keep(item, deed=deed)
    license_item(item, deed=deed)
    return item
