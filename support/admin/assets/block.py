"""A customer's equipment on the customer's page: what is in service, where, and until when it is under warranty."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from entitlements.models import Account
from support.admin.assets.pages import LIST, asset_url
from support.admin.assets.register_pages import locations_url
from support.admin.assets.words import say_under
from support.models import Asset, Location
from support.queries.assets.standing import Under, warranties_of

MOST = 25
SOON = timedelta(days=90)


def assets_block(account: Account, at: datetime) -> dict[str, Any]:
    """Four reads, however much it has; beyond the first 25 the list shows the rest."""
    rows = Asset.objects.filter(account=account, retired_at__isnull=True).select_related("product", "location")
    found = list(rows.order_by("location__name", "product__name", "serial", "pk")[: MOST + 1])
    under = warranties_of(found[:MOST], at=at)
    retired = Asset.objects.filter(account=account, retired_at__isnull=False).count()
    return {
        "assets": [_line(one, under.get(one.pk), at=at) for one in found[:MOST]],
        "more": len(found) > MOST,
        "retired": retired,
        "locations": Location.objects.filter(account=account).count(),
        "list_url": f"{reverse(LIST)}?account={account.key}",
        "locations_url": locations_url(account.key),
        "new_url": reverse("admin:support_asset_new", args=[account.key]),
        "place_url": reverse("admin:support_location_new", args=[account.key]),
    }


def _line(asset: Asset, under: Under | None, *, at: datetime) -> dict[str, Any]:
    end = None if under is None else under.end
    colour = "plain" if end is None else "amber" if end - at <= SOON else "green"
    words = say_under(under)
    return {
        "asset": asset,
        "url": asset_url(asset),
        "where": asset.location.name if asset.location else "",
        "warranty": "No warranty now" if under is None else f"Warranty {words[0].lower()}{words[1:]}",
        "colour": colour,
    }
