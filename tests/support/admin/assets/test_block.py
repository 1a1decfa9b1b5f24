"""A customer's equipment on the customer's page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from journal.domain.actor import SYSTEM
from support.actions.assets.retiring import retire_asset
from support.admin.assets.block import MOST, assets_block
from support.domain.warranties import Days
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import installed_press, press, registered
from tests.support.factories import LocationFactory

pytestmark = pytest.mark.django_db


def test_it_says_what_stands_where_and_until_when_it_is_under_warranty():
    account, now = AccountFactory(key="acme", zone="UTC"), timezone.now()
    today = now.date()
    product = press()
    told = {"at": now, "days": Days(shipped=today - timedelta(days=300))}
    registered(account, product, "P-1", location=LocationFactory(account=account, name="Plant 1"), **told)
    registered(account, product, "P-2", at=now, days=Days(shipped=today))
    registered(account, installed_press(), "R-1", at=now, days=Days(shipped=today))
    registered(account, press(key="bare", warranty_months=None), "B-1", at=now)
    retire_asset(asset=registered(account, product, "P-3", at=now), reason="x", by=SYSTEM, at=now)
    shown = assets_block(account, now)
    lines = {line["asset"].serial: (line["where"], line["colour"], line["warranty"]) for line in shown["assets"]}
    assert lines["P-1"][:2] == ("Plant 1", "amber")
    assert lines["P-1"][2].startswith("Warranty through ")
    assert lines["P-2"][1] == "green"
    assert lines["R-1"] == ("", "plain", "Warranty not begun yet")
    assert lines["B-1"] == ("", "plain", "No warranty now")
    assert (shown["retired"], shown["locations"], shown["more"]) == (1, 1, False)


def test_many_devices_are_read_as_fast_as_few(django_assert_num_queries):
    account, product = AccountFactory(), press()
    for number in range(MOST + 2):
        registered(account, product, f"P-{number}")
    with django_assert_num_queries(4):
        shown = assets_block(account, timezone.now())
    assert (len(shown["assets"]), shown["more"]) == (MOST, True)
