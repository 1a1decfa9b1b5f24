"""Assets for programs: one by its id, and pages of those that a filter names. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from entitlements.models import Account
from journal.domain.refusal import Invalid, NotFound
from support.domain.serials import serial_key
from support.models import Asset, AssetMove, Location, Warranty

LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class WantedAssets:
    """Which assets; what is left out is any. `retired`: only those, or only those in service."""

    account: Account | None = None
    serial: str = ""
    product: str = ""
    retired: bool | None = None


def asset_of_id(number: int) -> Asset:
    found = read_whole().filter(pk=number).first() if 0 <= number <= LARGEST else None
    if found is None:
        raise NotFound(f"There is no asset {str(number)[:20]}.")
    return found


def listed_assets(wanted: WantedAssets, *, after: int, most: int) -> Sequence[Asset]:
    """In the order they were registered, those behind the id `after`; a handful of reads."""
    rows = read_whole().filter(pk__gt=after)
    if wanted.account is not None:
        rows = rows.filter(account=wanted.account)
    if wanted.serial:
        rows = rows.filter(serial_key=serial_key(wanted.serial))
    if wanted.product:
        rows = rows.filter(product__key=wanted.product.replace("\x00", ""))
    if wanted.retired is not None:
        rows = rows.filter(retired_at__isnull=not wanted.retired)
    return list(rows.order_by("pk")[:most])


def location_named(name: str, *, account: Account) -> Location | None:
    """A location of the customer by its name; none for an empty one."""
    said = name.replace("\x00", "").strip()
    if not said:
        return None
    found = Location.objects.filter(account=account, name__iexact=said).order_by("pk").first()
    if found is None:
        known = ", ".join(Location.objects.filter(account=account).values_list("name", flat=True)[:8]) or "none yet"
        raise Invalid(f"{account} has no location called {said[:80]!r}; there are: {known}.", field="location")
    return found


def read_whole() -> QuerySet[Asset]:
    """With everything that is told of an asset."""
    rows = Asset.objects.select_related("account", "product", "location", "replaces__product", "replaced_by__product")
    warranties = Warranty.objects.order_by("starts_at", "pk")
    moves = AssetMove.objects.select_related("from_account", "to_account").order_by("at", "pk")
    return rows.prefetch_related(
        Prefetch("warranties", warranties), Prefetch("moves", moves), "replaces__warranties", "replaces__moves"
    )
