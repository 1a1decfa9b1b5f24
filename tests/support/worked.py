"""A customer with a pump under warranty and a maintenance contract, for work on it."""

from datetime import UTC, datetime
from typing import Any

from entitlements.models import Account
from support.domain.cover_terms import ScopeKind, WorkKind
from support.models import Asset, Cover, Warranty, WorkItem
from tests.conftest import AT
from tests.entitlements.factories import AccountFactory
from tests.support.factories import (
    AssetFactory,
    CoverFactory,
    CoverScopeFactory,
    LocationFactory,
    ProductFactory,
    WarrantyFactory,
)

EURO = 1_000_000
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def a_pump(account: Account | None = None, **more: Any) -> Asset:
    account = account or AccountFactory(key="acme", name="Acme", zone="UTC")
    product = ProductFactory(key=more.pop("product", "pump"), name="Pump", parts=None)
    place = LocationFactory(account=account, name="Plant North", address="Dock 4\n1011 AB Amsterdam")
    return AssetFactory(account=account, product=product, location=place, serial=more.pop("serial", "NP-100"), **more)


def maintained(account: Account, **more: Any) -> Cover:
    """Labour in full, travel half, two visits a year, through 2026."""
    told = {"name": "Maintenance", "labour": 100, "travel": 50, "visits_a_year": 2, "ends_at": NEXT_YEAR, **more}
    return CoverFactory(account=account, **told)


def narrowed(cover: Cover, asset: Asset) -> Cover:
    CoverScopeFactory(cover=cover, kind=ScopeKind.ASSET, asset=asset, product=None)
    return cover


def warranted(asset: Asset, **more: Any) -> Warranty:
    return WarrantyFactory(asset=asset, name="Maker’s warranty", parts=100, **more)


def recorded(account: Account, by: Any, *, at: datetime = AT, **more: Any) -> WorkItem:
    """A seal ring for 80 euros, unless said otherwise."""
    from support.actions.work.recording import record_work

    told = {
        "kind": WorkKind.PARTS, "description": "Seal ring", "amount_micros": 80 * EURO, "currency": "EUR", **more,
    }  # fmt: skip
    return record_work(account=account, by=by, at=at, **told)
