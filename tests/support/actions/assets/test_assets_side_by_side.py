"""Two hands on the same device at the same moment: what one did, the other sees."""

import pytest

from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from support.actions.assets.moving import move_asset
from support.actions.assets.replacing import replace_asset
from support.actions.assets.retiring import retire_asset
from support.models import Asset, AssetMove, Warranty
from tests.conftest import AT
from tests.entitlements.factories import AccountFactory
from tests.journal.side_by_side import at_once
from tests.support.equipment import press, registered

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_serial_number_is_registered_once():
    product, accounts = press(), [AccountFactory() for _ in range(4)]
    found = at_once(*[lambda account=account: registered(account, product, "P-1") for account in accounts])
    assert sum(isinstance(one, Asset) for one in found) == 1, found
    assert sum(isinstance(one, Refusal) for one in found) == 3, found
    assert (Asset.objects.count(), Warranty.objects.count()) == (1, 1)


def test_a_device_is_replaced_once():
    old = registered(AccountFactory(), press())
    found = at_once(
        *[
            lambda serial=serial: replace_asset(asset=old, serial=serial, reason="Broken", by=SYSTEM, at=AT)
            for serial in ("P-2", "P-3", "P-4")
        ]
    )
    assert sum(isinstance(one, Asset) for one in found) == 1, found
    assert Asset.objects.filter(replaces=old).count() == 1
    assert Warranty.objects.filter(inherited_from__isnull=False).count() == 1


def test_replaced_and_retired_at_once_its_warranty_goes_one_way():
    old = registered(AccountFactory(), press())
    at_once(
        lambda: replace_asset(asset=old, serial="P-2", reason="Broken", by=SYSTEM, at=AT),
        lambda: retire_asset(asset=old, reason="Scrapped", by=SYSTEM, at=AT),
    )
    replaced = Asset.objects.filter(replaces=old).exists()
    assert Warranty.objects.filter(voided_at__isnull=True).count() == (1 if replaced else 0)


def test_customers_who_exchange_devices_dont_wait_for_each_other_for_ever():
    one, other, product = AccountFactory(key="one"), AccountFactory(key="other"), press()
    first, second = registered(one, product, "P-1"), registered(other, product, "P-2")
    found = at_once(
        lambda: move_asset(asset=first, account=other, reason="Exchange", by=SYSTEM, at=AT),
        lambda: move_asset(asset=second, account=one, reason="Exchange", by=SYSTEM, at=AT),
    )
    assert all(isinstance(moved, Asset) for moved in found), found
    assert AssetMove.objects.count() == 2
