"""The plans and add-ons on sale for one customer, as a form offers them."""

from datetime import datetime

from catalog.models import PlanVersion
from entitlements.models import Account
from entitlements.queries.selling.offers import on_sale_to
from entitlements.snapshots import Reader, snapshot_catalog


def versions_on_sale(*, account: Account, at: datetime) -> list[PlanVersion]:
    """The versions a customer of the account's market can buy at the moment, plans first, with their prices."""
    ids = [int(fact.id) for fact in on_sale_to(account, snapshot_catalog(Reader()), at=at)]
    rows = PlanVersion.objects.filter(pk__in=ids).select_related("plan").prefetch_related("prices")
    by_id = {row.pk: row for row in rows}
    return [by_id[pk] for pk in ids]
