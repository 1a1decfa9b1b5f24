"""What the prices of a subscription that is billed elsewhere stand for here, by the links of the catalog."""

from collections.abc import Iterator, Mapping

from catalog.domain.values import PlanKind
from catalog.models import BillingLink
from catalog.models.billing import Mode
from entitlements.domain.billed.steps import Sold
from entitlements.domain.billed.told import Billed, BilledItem


def sold_of(billed: Billed) -> Mapping[str, Sold]:
    """Each of its prices that stands for something, by the price's id, in one read.

    The price itself says it; else its product, paid in the price's interval; else the name that prices are found by.
    """
    items = tuple(_items(billed))
    links = _Links(mode=Mode.LIVE if billed.live else Mode.TEST)
    found = ((item.price, links.sold(item)) for item in items)
    return {price: sold for price, sold in found if sold is not None}


def _items(billed: Billed) -> Iterator[BilledItem]:
    yield from billed.items
    for change in billed.comes:
        yield from change.items


class _Links:
    """The links of plans in one mode, by whatever a price can be recognised by."""

    def __init__(self, *, mode: Mode) -> None:
        rows = list(BillingLink.objects.filter(mode=mode, plan__isnull=False).select_related("plan").order_by("pk"))
        self._prices = {row.external_id: row for row in rows if row.interval}
        self._products = {row.external_id: row for row in rows if not row.interval}
        self._lookups = {row.lookup_key: row for row in rows if row.interval and row.lookup_key}

    def sold(self, item: BilledItem) -> Sold | None:
        if link := self._prices.get(item.price):
            return _sold(link, link.interval)
        if link := self._products.get(item.product):
            return _sold(link, item.interval)
        link = self._lookups.get(item.lookup_key) if item.lookup_key else None
        return None if link is None else _sold(link, link.interval)


def _sold(link: BillingLink, interval: str) -> Sold:
    assert link.plan is not None  # only links of plans are read
    return Sold(plan=link.plan.key, interval=interval, is_add_on=link.plan.kind == PlanKind.ADD_ON)
