"""What some of the demo's customers bought or got beside their plan: add-ons, a bundle, codes, caps, renewals."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from catalog.models import Bundle, Feature, Plan
from desk.demo.customers import Customer, Fate
from desk.demo.selling import DOLLAR
from entitlements.actions.bundles import sell_bundle
from entitlements.actions.items import change_quantity
from entitlements.actions.periods import record_period
from entitlements.actions.redemptions import redeem
from entitlements.actions.spend_caps import set_cap
from entitlements.actions.subscriptions import add_item
from entitlements.models import Account
from journal.domain.actor import SYSTEM, Actor

DAY = timedelta(days=1)
EUROPEAN = ("NL", "DE", "FR", "GB", "SE", "ES")


def holding(
    customers: Sequence[Customer], plan: str, *, fate: Fate = Fate.PAYING, countries: Sequence[str] = ()
) -> list[Account]:
    """The accounts whose life runs on quietly with the plan, in the order of the demo's list."""
    keys = [c.key for c in customers if c.plan == plan and c.fate is fate and (not countries or c.country in countries)]
    accounts = {account.key: account for account in Account.objects.filter(key__in=keys)}
    return [accounts[key] for key in keys]


def sell_add_ons(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Addresses for a Pro customer, Gold support and the bundle for Team customers, AI packs for a European one."""
    pro, team = holding(customers, "pro"), holding(customers, "team")
    european = holding(customers, "pro", countries=EUROPEAN)
    sales = [(pro[:1], "ipv4", 3), (team[:2], "gold_support", 1), (european[1:3], "ai_pack", 2)]
    for accounts, key, quantity in sales:
        for account in accounts:
            plan, held = Plan.objects.get(key=key), account.subscriptions.get()
            add_item(subscription=held, plan=plan, quantity=quantity, interval="month", by=by, at=at)
    chosen = list(Plan.objects.filter(key__in=("hipaa", "log_drain", "phone_mfa")))
    for account in team[1:2]:
        bundle = Bundle.objects.get(key="security_bundle")
        sell_bundle(
            subscription=account.subscriptions.get(), bundle=bundle, add_ons=chosen, interval="month", by=by, at=at
        )


def buy_more(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Three addresses became five, and the same customer limits what they pay beyond their plan."""
    for account in holding(customers, "pro")[:1]:
        item = account.subscriptions.get().items.get(plan__key="ipv4")
        change_quantity(item=item, quantity=5, seen=3, reason="Two more regions.", by=by, at=at)
        told: dict[str, Any] = {"currency": "USD", "by": by, "at": at, "reason": "Asked for by their finance."}
        set_cap(account=account, feature=None, amount_micros=100 * DOLLAR, **told)
        set_cap(account=account, feature=Feature.objects.get(key="bandwidth"), amount_micros=40 * DOLLAR, **told)


def redeem_codes(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Three customers used up one code, two tried Team by another before it expired, two have the open one."""
    uses = [
        ("MORE-ROOM", holding(customers, "pro")[3:6]),
        ("TRY-TEAM", holding(customers, "free", fate=Fate.FREE)[:2]),
        ("LOGS-OUT", holding(customers, "pro", countries=EUROPEAN)[4:6]),
    ]
    for code, accounts in uses:
        for account in accounts:
            redeem(account=account, code=code, by=by, at=at)


def renew(customers: Sequence[Customer], *, at: datetime) -> None:
    """Some Enterprise customers renewed: what was published at renewal reaches them, the others later."""
    for account in holding(customers, "enterprise")[:2]:
        record_period(subscription=account.subscriptions.get(), starts_at=at, ends_at=at + 365 * DAY, by=SYSTEM, at=at)
