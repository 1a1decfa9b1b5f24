"""Equipment for tests, made as the desk makes it."""

from datetime import UTC, date, datetime
from typing import Any

from entitlements.models import Account
from journal.domain.actor import SYSTEM
from support.actions.assets.held import Borne
from support.actions.assets.locations import add_location
from support.actions.assets.products import add_product
from support.actions.assets.registering import register_asset
from support.actions.assets.retiring import retire_asset
from support.domain.cover_terms import WarrantyBasis
from support.domain.warranties import Days
from support.models import Asset, Product

THEN = datetime(2026, 1, 5, 9, tzinfo=UTC)
SHIPPED = Days(shipped=date(2026, 1, 1))


def press(**other: Any) -> Product:
    """With a warranty of twelve months from shipping on labour and parts."""
    told: dict[str, Any] = {"key": "press", "name": "Press", "warranty_months": 12, "borne": Borne(100, 100)}
    return add_product(**told | other, by=SYSTEM, at=THEN)


def installed_press(**other: Any) -> Product:
    """Its warranty counts from its installation."""
    return press(**{"key": "robot", "name": "Robot", "warranty_basis": WarrantyBasis.INSTALLED} | other)


def registered(account: Account, product: Product, serial: str = "P-1", **other: Any) -> Asset:
    told: dict[str, Any] = {"days": SHIPPED, "by": SYSTEM, "at": THEN}
    return register_asset(account=account, product=product, serial=serial, **told | other)


def one_of_each_asset(account: Account, *, at: datetime) -> dict[str, object]:
    """A product, a location, an asset in service with a warranty, and one that was retired; for the tables of pages."""
    product = press()
    asset = registered(account, product, days=Days(shipped=at.date()), at=at)
    retired = registered(account, product, "P-0", days=Days(), at=at)
    retire_asset(asset=retired, reason="Scrapped", by=SYSTEM, at=at)
    return {
        "support_product": product.pk,
        "support_location": add_location(account=account, name="Plant 1", by=SYSTEM, at=at).pk,
        "support_asset": asset.pk,
        "retired_asset": retired.pk,
        "warranty": asset.warranties.get().pk,
    }
