import pytest

from journal.domain.actor import SYSTEM
from support.actions.assets.retiring import retire_asset
from support.queries.assets.finding import asset_by_serial
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import THEN, installed_press, press, registered

pytestmark = pytest.mark.django_db


def test_a_serial_number_is_found_however_it_is_written_in_one_read(django_assert_num_queries):
    asset = registered(AccountFactory(), press(), "SN 00-12")
    for written in ("SN 00-12", "sn0012", " sn-0012 ", "SN‑0012"):
        with django_assert_num_queries(1):
            (found,) = asset_by_serial(written)
            assert (found, found.account.name, found.product.name) == (asset, asset.account.name, "Press")


def test_of_several_those_in_service_come_first():
    retired = registered(AccountFactory(), press(), "1")
    other = registered(AccountFactory(), installed_press(), "1")
    assert asset_by_serial("1") == [retired, other]
    retire_asset(asset=retired, reason="x", by=SYSTEM, at=THEN)
    assert asset_by_serial("1") == [other, retired]


@pytest.mark.parametrize("text", ["", " - ", "\x00", "unknown", "x" * 5000])
def test_nobody_has_what_is_no_serial_number(text):
    registered(AccountFactory(), press(), "1")
    assert asset_by_serial(text) == []
