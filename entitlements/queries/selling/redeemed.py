"""What can be sold to an account, and what it holds beside its plans: add-ons, bundles, codes, caps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from catalog.domain.availability import open_at, windows_in
from catalog.domain.values import PlanKind
from catalog.models import Bundle, MarketWindow, Plan
from catalog.models.market import MarketUse, limit_of
from catalog.queries.promotions import options_of
from catalog.queries.versions import on_sale
from entitlements.models import Account, Redemption, SoldBundle, SpendCap, SubscriptionItem
from entitlements.models.contract import contract_of
from entitlements.queries.billed.guard import biller_of


def is_sold(plan: Plan, *, market_id: int | None, at: datetime) -> bool:
    """Whether the plan or add-on may be offered in the market at that moment."""
    limits = [limit_of(row) for row in MarketWindow.objects.filter(use=MarketUse.SOLD, plan=plan)]
    return open_at(windows_in(limits, market=market_id), at=at)


def can_be_sold(plan: Plan, *, account: Account, at: datetime) -> bool:
    """Whether a version of it is on sale, in the account's market."""
    return on_sale(plan=plan, at=at) is not None and is_sold(plan, market_id=account.market_id, at=at)


def add_ons_for(*, account: Account, at: datetime) -> list[Plan]:
    """The add-ons that could be sold to the account at that moment."""
    return [plan for plan in Plan.objects.filter(kind=PlanKind.ADD_ON) if can_be_sold(plan, account=account, at=at)]


def bundles_for(*, account: Account, at: datetime) -> list[tuple[Bundle, list[Plan]]]:
    """The bundles on sale of which the account could choose enough add-ons, each with those that are sold to it."""
    offered = [
        (bundle, [add_on for add_on in options_of(bundle) if can_be_sold(add_on, account=account, at=at)])
        for bundle in Bundle.objects.filter(_begun("", at), _running("", at))
    ]
    return [(bundle, add_ons) for bundle, add_ons in offered if len(add_ons) >= bundle.pick]


def _begun(prefix: str, at: datetime) -> Q:
    return Q(**{f"{prefix}starts_at__isnull": True}) | Q(**{f"{prefix}starts_at__lte": at})


def _running(prefix: str, at: datetime) -> Q:
    return Q(**{f"{prefix}ends_at__isnull": True}) | Q(**{f"{prefix}ends_at__gt": at})


@dataclass(frozen=True, slots=True)
class HeldExtra:
    """An item beside the plans, in force or to come. `planned` is the quantity in which it goes on when it ends.

    `bundle` and `code` are what it came with: such an item is changed through them.
    """

    row: SubscriptionItem
    live: bool
    bundle: SoldBundle | None = None
    redemption: Redemption | None = None
    planned: SubscriptionItem | None = None

    @property
    def changeable(self) -> bool:
        own = self.bundle is None and self.redemption is None and not self.row.lent
        billed = self.row.billing_id and biller_of(self.row.subscription)
        return own and not billed and contract_of(self.row.subscription) is None


def extras_of(*, account: Account, at: datetime) -> list[HeldExtra]:
    """Every add-on and lent plan the account has or will have, subscription by subscription; two reads."""
    rows = list(
        SubscriptionItem.objects.filter(
            Q(plan__kind=PlanKind.ADD_ON) | Q(lent=True),
            _running("", at),
            _running("subscription__", at),
            subscription__account=account,
        )
        .select_related("plan", "subscription__contract", "sold_bundle__bundle")
        .order_by("subscription__number", "plan__position", "starts_at", "pk")
    )
    redemptions = Redemption.objects.filter(item__in=rows, revoked_at__isnull=True).select_related("code")
    by_item = {redemption.item_id: redemption for redemption in redemptions}
    follow = {row.follows_id: row for row in rows if row.follows_id is not None}
    shown = [row for row in rows if row.follows_id not in {other.pk for other in rows}]
    return [
        HeldExtra(row, row.window.contains(at), row.sold_bundle, by_item.get(row.pk), follow.get(row.pk))
        for row in shown
    ]


@dataclass(frozen=True, slots=True)
class HeldBundle:
    """A bundle the account has or will have, with the items it consists of now."""

    row: SoldBundle
    parts: Sequence[SubscriptionItem]


def bundles_of(*, account: Account, at: datetime) -> list[HeldBundle]:
    """The account's bundles with their parts, in two reads; parts that were swapped out are left out."""
    rows = SoldBundle.objects.filter(
        _running("", at), _running("subscription__", at), subscription__account=account
    ).select_related("bundle", "subscription")
    parts = SubscriptionItem.objects.filter(_running("", at), sold_bundle__in=rows).select_related("plan")
    by_bundle: dict[int | None, list[SubscriptionItem]] = {}
    for part in parts.order_by("starts_at", "pk"):
        by_bundle.setdefault(part.sold_bundle_id, []).append(part)
    return [HeldBundle(row, by_bundle.get(row.pk, [])) for row in rows]


def redemptions_of(*, account: Account) -> list[Redemption]:
    """Every promotional code the account has used, the latest first; one read."""
    rows = Redemption.objects.filter(account=account)
    return list(rows.select_related("code__plan", "code__feature", "code__market", "item__plan", "override__feature"))


def caps_of(*, account: Account) -> list[SpendCap]:
    """The account's caps, the one for everything first."""
    caps = list(SpendCap.objects.filter(account=account).select_related("feature"))
    return sorted(caps, key=lambda cap: (cap.feature is not None, str(cap.feature)))


def holding_token(account: Account) -> str:
    """What the account has bought and used so far, as the token of a form that sells it more."""
    items = SubscriptionItem.objects.filter(subscription__account=account).aggregate(last=Max("pk"), all=Count("pk"))
    used = Redemption.objects.filter(account=account).aggregate(last=Max("pk"))
    return f"{items['last'] or 0}.{items['all']}.{used['last'] or 0}"
