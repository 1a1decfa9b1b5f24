"""Cases still open on a device; of a customer, where no device is meant."""

from entitlements.models import Account
from support.domain.case_events import OPEN_STATES
from support.models import Asset, Case


def open_cases_on(account: Account, asset: Asset | None, *, limit: int) -> list[Case]:
    """The worst first."""
    rows = Case.objects.filter(account=account, state__in=OPEN_STATES).select_related("severity")
    if asset is not None:
        rows = rows.filter(asset=asset)
    return list(rows.order_by("severity__position", "opened_at", "pk")[:limit])
