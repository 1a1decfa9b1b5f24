"""What is changed about a device gives it no warranty that it was never sold with, and takes none from who had it."""

from datetime import timedelta

import pytest

from entitlements.models import Account
from journal.domain.actor import SYSTEM
from support.actions.assets.held import Borne
from support.actions.assets.moving import move_asset
from support.actions.assets.products import edit_product
from support.actions.assets.registering import edit_asset
from support.models import Asset
from support.queries.assets.warranties import days_of
from support.snapshots.covers import holder_at
from tests.conftest import AT
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import press, registered

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def called(asset: Asset, name: str, **told: object) -> Asset:
    days = {"days": days_of(asset), **told}
    return edit_asset(asset=asset, serial=asset.serial, name=name, by=SYSTEM, at=AT, **days)


def test_a_product_that_comes_with_a_warranty_by_now_gives_none_to_a_device_that_is_only_called_otherwise() -> None:
    product = press(warranty_months=None, borne=None)
    asset = registered(AccountFactory(), product)
    edit_product(product=product, name="Press", warranty_months=24, borne=Borne(parts=100), by=SYSTEM, at=AT)
    asset = called(Asset.objects.get(pk=asset.pk), "Gate")
    assert (asset.name, asset.warranties.count()) == ("Gate", 0)


def test_who_had_it_is_known_after_that_customer_was_merged() -> None:
    stays, double, buyer = (AccountFactory(key=key) for key in ("stays", "double", "buyer"))
    asset = registered(double, press())
    move_asset(asset=asset, account=buyer, reason="Sold", by=SYSTEM, at=AT)
    Account.objects.filter(pk=double.pk).update(merged_into=stays, merged_at=AT + DAY)
    asset = Asset.objects.get(pk=asset.pk)
    assert holder_at(asset, at=AT - DAY) == stays.pk
    assert holder_at(asset, at=AT + DAY) == buyer.pk
