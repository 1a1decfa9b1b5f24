"""A customer's devices to choose from: by serial number, by name or by product, never thousands at once."""

from django.db.models import F, Q, QuerySet

from entitlements.models import Account
from entitlements.queries.accounts import search_key
from support.domain.serials import serial_key
from support.models import Asset
from support.queries.answers import DeviceLine

MOST = 8


def devices_of(account: Account, *, text: str = "", limit: int = MOST) -> list[Asset]:
    """Those that what was typed may mean, in use before retired; without any text the first ones. One read."""
    rows = _rows(account)
    wanted, serial = search_key(text), serial_key(text)
    if wanted:
        like = Q(name__icontains=wanted) | Q(product__name__icontains=wanted) | Q(location__name__icontains=wanted)
        rows = rows.filter(like | Q(serial_key__contains=serial) if serial else like)
    return list(rows[:limit])


def device_of(account: Account, text: str) -> list[Asset]:
    """The customer's devices of just this serial number; more than one where two makers count alike."""
    key = serial_key(text)
    return list(_rows(account).filter(serial_key=key)[:MOST]) if key else []


def number_of_devices(account: Account) -> int:
    return Asset.objects.filter(account=account).count()


def device_line(asset: Asset) -> DeviceLine:
    return DeviceLine(
        id=asset.pk,
        serial=asset.serial,
        product=asset.product.name,
        name=asset.name,
        location=asset.location.name if asset.location is not None else "",
        retired=asset.retired_at is not None,
    )


def _rows(account: Account) -> QuerySet[Asset]:
    rows = Asset.objects.filter(account=account).select_related("product", "location")
    return rows.order_by(F("retired_at").asc(nulls_first=True), "product__name", "serial_key", "pk")
