"""Who may change equipment, how a piece of it is held while it changes, and what is refused about equipment.

Locks are taken in one order: accounts by their id, then assets, then covers and visits, then the audit.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from catalog.queries.instants import say_instant
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from support.domain.serials import serial_fault, serial_key
from support.domain.warranties import Days, day_faults
from support.models import Asset, Location, Product
from support.queries.assets.tokens import asset_token
from support.queries.policy_history import tier_choices

PERMISSION = "support.edit_asset"
PRODUCTS = "support.edit_product"
SCOPE = "assets:write"


class UnknownProduct(Invalid):
    """No product has this key."""

    code = "unknown_product"


class ProductRetired(Refusal):
    """The product is retired; no new one of it is registered."""

    code = "product_retired"


class SerialKnown(Refusal):
    """One of this product has the serial number already."""

    code = "serial_known"


class AssetRetired(Refusal):
    """The asset is out of service for good."""

    code = "asset_retired"


class ForeignLocation(Invalid):
    """The location is another account's."""

    code = "foreign_location"


class DatesOutOfOrder(Invalid):
    """The dates contradict each other, or can't be."""

    code = "dates_out_of_order"


class WarrantyBeforePurchase(Invalid):
    """The warranty would begin before the asset was bought."""

    code = "warranty_before_purchase"


class WarrantyNotBegun(Invalid):
    """The day the warranty counts from isn't known."""

    code = "warranty_not_begun"


@dataclass(frozen=True, slots=True)
class Borne:
    """So many percent of each are borne; None says nothing about it."""

    labour: int | None = None
    parts: int | None = None
    travel: int | None = None

    @property
    def says_something(self) -> bool:
        return any(percent is not None for percent in (self.labour, self.parts, self.travel))


def refuse_borne(borne: Borne) -> None:
    for field, percent in (("labour", borne.labour), ("parts", borne.parts), ("travel", borne.travel)):
        if percent is not None and not 0 <= percent <= 100:
            raise Invalid("Say from 0 to 100 percent.", field=field)


def require(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(PERMISSION)


def spoken(text: str) -> str:
    """PostgreSQL refuses the null character even in a question."""
    return text.replace("\x00", "").strip()


def lock_asset(asset: Asset, *, seen: str | None = None, retired_too: bool = False) -> Asset:
    """Held until the deed is done; Stale where it is another than was seen."""
    rows = Asset.objects.select_for_update(of=("self",), no_key=True).select_related("account", "product", "location")
    held = rows.get(pk=asset.pk)
    if seen is not None and seen != asset_token(held):
        raise Stale
    if held.retired_at is not None and not retired_too:
        raise AssetRetired(
            f"{held} was retired on {say_instant(held.retired_at, zone=held.account.zone)}: {held.retire_reason} "
            "Nothing about it changes any more."
        )
    return held


def product_of(key: str) -> Product:
    """The product of this key; a key that nobody uses is refused with those that come near."""
    found = Product.objects.filter(key=spoken(key).lower()).first()
    if found is None:
        known = Product.objects.filter(retired_at__isnull=True).order_by("key").values_list("key", flat=True)[:8]
        there = f"there are: {', '.join(known)}" if known else "there are none yet"
        raise UnknownProduct(f"No product has the key {spoken(key)[:64]!r}; {there}.", field="product")
    return found


def refuse_retired_product(product: Product) -> None:
    if product.retired_at is not None:
        raise ProductRetired(
            f"{product} was retired: no new one of it is registered. Choose the product that came after it.",
            field="product",
        )


def refuse_serial(text: str, *, product: Product, but: Asset | None = None, field: str = "serial") -> str:
    """The key it is compared by; refused where it can't be one, or where one of the product has it."""
    if fault := serial_fault(text):
        raise Invalid(fault, field=field)
    known = Asset.objects.filter(product=product, serial_key=serial_key(text)).select_related("account", "location")
    taken = known.exclude(pk=but.pk).first() if but else known.first()
    if taken is not None:
        raise SerialKnown(f"{taken} is known already: {whereabouts(taken)}.", field=field)
    return serial_key(text)


def whereabouts(asset: Asset) -> str:
    """ "it is Acme’s, at Plant 2" — who has it, where, and whether it is still in service."""
    words = f"it is {asset.account}’s ({asset.account.key})"
    if asset.location is not None:
        words += f", at {asset.location.name}"
    return f"{words}, and retired" if asset.retired_at else words


def refuse_foreign(location: Location | None, *, account_id: int, name: str) -> None:
    if location is not None and location.account_id != account_id:
        raise ForeignLocation(
            f"{location.name} is a location of {location.account}, not of {name}. Choose one of {name}’s.",
            field="location",
        )


def refuse_days(days: Days, *, at: datetime, zone: str) -> None:
    faults = day_faults(days, today=at.astimezone(ZoneInfo(zone)).date())
    if faults:
        field, words = next(iter(faults.items()))
        raise DatesOutOfOrder(words, field=field, errors={name: (said,) for name, said in faults.items()})


def refuse_tier(tier: str) -> None:
    if tier and tier not in tier_choices():
        known = ", ".join(tier_choices()) or "none yet"
        raise Invalid(f"No support tier is called {tier!r}; there are: {known}.", field="tier")


def reason_of(text: str) -> str:
    """A reason that somebody reads later; refused where there is none."""
    said = spoken(text)
    if not said:
        raise Invalid("Say why: somebody will want to know.", field="reason")
    if len(said) > 500:
        raise Invalid("Keep the reason to 500 characters.", field="reason")
    return said
