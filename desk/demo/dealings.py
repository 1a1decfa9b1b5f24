"""A partner who sells to two customers, our own people with a plan that ends, and a customer that is here twice."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from catalog.models import Plan
from desk.demo.customers import Customer, Fate
from desk.demo.purchases import holding
from entitlements.actions.accounts import edit_account, open_account
from entitlements.actions.subscriptions import start
from entitlements.models import Account
from entitlements.models.account import AccountKind, SalesChannel
from journal.domain.actor import Actor

OURS = "Entitlement Desk staff"
FOR = timedelta(days=120)


def sell_through_a_partner(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """A customer of Team becomes a partner and sells to two others; a third buys by itself."""
    teams, small = holding(customers, "team"), holding(customers, "free", fate=Fate.FREE)
    if len(teams) < 6 or len(small) < 5:
        return
    partner = edit_account(account=teams[4], kind=AccountKind.PARTNER, by=by, at=at, reason="Signed as a partner.")
    for customer in (teams[5], small[3]):
        edit_account(account=customer, reseller=partner, by=by, at=at)
    edit_account(account=small[4], sales_channel=SalesChannel.SELF_SERVICE, by=by, at=at)


def equip_our_own(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Our own people try what we sell, for a while, in an account that no revenue figure counts."""
    key = next((customer.key for customer in customers if customer.fate is Fate.NOTHING), None)
    team = Plan.objects.filter(key="team").first()
    if key is None or team is None:
        return
    account = Account.objects.get(key=key)
    ours = edit_account(
        account=account, name=OURS, kind=AccountKind.INTERNAL, by=by, at=at, reason="For our own people."
    )
    start(account=ours, plan=team, ends_at=at + FOR, by=by, at=at)


def open_twice(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """A customer of Pro came once more through somebody who didn't look it up, and bought; the two are one firm."""
    free = Plan.objects.filter(key="free").first()
    assert free is not None  # the price page has one
    for account in holding(customers, "pro")[-1:]:
        twice = open_account(
            key=f"{account.key}-ltd",
            name=f"{account.name} Ltd",
            zone=account.zone,
            country=account.country,
            market=account.market,
            owner=account.owner,
            by=by,
            at=at,
        )
        start(account=twice, plan=free, by=by, at=at)
