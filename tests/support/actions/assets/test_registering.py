from datetime import UTC, date, datetime

import pytest

from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from support.actions.assets.held import (
    AssetRetired,
    Borne,
    DatesOutOfOrder,
    ForeignLocation,
    ProductRetired,
    SerialKnown,
    UnknownProduct,
    WarrantyNotBegun,
    product_of,
)
from support.actions.assets.products import retire_product
from support.actions.assets.registering import edit_asset, edit_dates
from support.actions.assets.retiring import retire_asset
from support.actions.assets.warranties import add_warranty, void_warranty
from support.domain.cover_terms import WarrantyBasis
from support.domain.warranties import Days
from support.models import Asset, Warranty
from support.queries.assets.tokens import asset_token
from support.queries.assets.warranties import waits_for
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import SHIPPED, THEN, installed_press, press, registered
from tests.support.factories import LocationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return AccountFactory(name="Acme", key="acme", zone="Europe/Amsterdam")


def test_an_asset_comes_with_its_products_warranty(acme, support_agent, at):
    plant = LocationFactory(account=acme, name="Plant 2")
    told = {"name": "Gate", "location": plant, "by": support_agent, "at": at}
    asset = registered(acme, press(), " P-1 ", **told)
    warranty = asset.warranties.get()
    assert (asset.serial, asset.serial_key, asset.location) == ("P-1", "p1", plant)
    assert (warranty.through_on, warranty.standard, warranty.months) == (date(2026, 12, 31), True, 12)
    assert warranty.starts_at == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert warranty.ends_at == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert asset.held_since == warranty.starts_at  # the earliest of its dates
    events = AuditEvent.objects.filter(account_key="acme")
    assert set(events.values_list("verb", flat=True)) == {"asset:register", "warranty:begin"}


def test_without_the_day_its_warranty_waits(acme):
    asset = registered(acme, installed_press())
    assert not asset.warranties.exists()
    assert waits_for(asset) == "It has no installation day yet, so its warranty hasn’t begun."
    begun = edit_dates(asset=asset, days=Days(SHIPPED.shipped, date(2026, 2, 1)), by=SYSTEM, at=THEN)
    assert begun is not None
    assert begun.through_on == date(2027, 1, 31)
    assert waits_for(asset) == ""


def test_a_product_may_come_with_no_warranty(acme):
    asset = registered(acme, press(warranty_months=None, borne=None))
    assert not asset.warranties.exists()
    assert waits_for(asset) == ""


def test_a_serial_number_is_known_once_for_a_product(acme):
    product = press()
    registered(acme, product, "P-1", location=LocationFactory(account=acme, name="Plant 2"))
    with pytest.raises(SerialKnown, match=r"Press P-1 is known already: it is Acme’s \(acme\), at Plant 2\.") as known:
        registered(AccountFactory(), product, "p 1")
    assert known.value.field == "serial"
    registered(acme, installed_press(), "P-1")  # of another product it is another number


@pytest.mark.parametrize("serial", ["", "  ", "--", "a\nb", "x" * 121])
def test_what_is_no_serial_number_is_refused_beside_the_field(acme, serial):
    with pytest.raises(Invalid) as refused:
        registered(acme, press(), serial)
    assert refused.value.field == "serial"


def test_dates_in_the_wrong_order_are_refused_beside_the_later_one(acme):
    with pytest.raises(DatesOutOfOrder) as refused:
        registered(acme, press(), days=Days(shipped=date(2026, 2, 2), installed=date(2026, 2, 1)))
    assert dict(refused.value.errors) == {
        "installed_on": ("It can’t be installed on 2026-02-01: it was shipped on 2026-02-02.",)
    }


def test_a_location_of_another_account_is_refused(acme):
    with pytest.raises(ForeignLocation, match="is a location of") as refused:
        registered(acme, press(), location=LocationFactory())
    assert refused.value.field == "location"


def test_a_retired_product_is_registered_no_more(acme):
    product = retire_product(product=press(), by=SYSTEM, at=THEN)
    with pytest.raises(ProductRetired) as refused:
        registered(acme, product)
    assert refused.value.field == "product"


def test_an_unknown_product_is_refused_with_those_that_are_known():
    press()
    assert product_of(" Press ").name == "Press"
    with pytest.raises(UnknownProduct, match="there are: press"):
        product_of("pres")


def test_it_was_not_got_in_the_future(acme):
    with pytest.raises(Invalid, match="still to come"):
        registered(acme, press(), held_since=date(2026, 5, 1))


def test_other_dates_count_the_standard_warranty_anew_and_leave_the_others(acme, support_agent, at):
    asset = registered(acme, press())
    told = {"name": "Extended", "basis": WarrantyBasis.SHIPPED, "months": 36, "by": SYSTEM, "at": THEN}
    add_warranty(asset=asset, borne=Borne(parts=50), **told)
    edit_dates(asset=asset, days=Days(shipped=date(2026, 2, 1)), by=support_agent, at=at)
    through = dict(Warranty.objects.values_list("name", "through_on"))
    assert through == {"Warranty of Press": date(2027, 1, 31), "Extended": date(2028, 12, 31)}
    event = AuditEvent.objects.filter(verb="warranty:recount").get()
    assert event.changes == {"through": ["2026-12-31", "2027-01-31"]}


def test_the_day_a_warranty_counts_from_cant_be_taken_away(acme):
    asset = registered(acme, press())
    with pytest.raises(WarrantyNotBegun, match="counts from this day") as refused:
        edit_dates(asset=asset, days=Days(), by=SYSTEM, at=THEN)
    assert refused.value.field == "shipped_on"
    void_warranty(warranty=asset.warranties.get(), reason="Bought as seen", by=SYSTEM, at=THEN)
    edit_dates(asset=asset, days=Days(), by=SYSTEM, at=THEN)
    assert asset.warranties.count() == 1  # one that was ended doesn't come back


def test_what_is_written_is_put_right(acme, support_agent, at):
    asset = registered(acme, press())
    seen = asset_token(asset)
    edited = edit_asset(asset=asset, serial="P-2", name="Press A", by=support_agent, at=at, days=SHIPPED, seen=seen)
    assert (edited.serial, edited.serial_key, edited.name) == ("P-2", "p2", "Press A")
    assert AuditEvent.objects.get(verb="asset:edit").changes == {"serial": ["P-1", "P-2"], "name": ["", "Press A"]}
    with pytest.raises(Stale):
        edit_asset(asset=asset, serial="P-3", by=support_agent, at=at, seen=seen)


def test_another_number_may_not_be_somebody_elses(acme):
    product = press()
    registered(acme, product, "P-1")
    asset = registered(acme, product, "P-2")
    with pytest.raises(SerialKnown):
        edit_asset(asset=asset, serial="p1", by=SYSTEM, at=THEN)
    edit_asset(asset=asset, serial="p-2", by=SYSTEM, at=THEN)  # its own, written otherwise
    assert Asset.objects.get(pk=asset.pk).serial == "p-2"


def test_a_retired_asset_changes_no_more(acme, at):
    asset = registered(acme, press())
    retire_asset(asset=asset, reason="Scrap", by=SYSTEM, at=at)
    with pytest.raises(AssetRetired, match="Scrap"):
        edit_dates(asset=asset, days=Days(), by=SYSTEM, at=at)


def test_who_may_not_is_refused(acme, auditor, at):
    with pytest.raises(NotAllowed):
        registered(acme, press(), by=auditor, at=at)
    assert not Asset.objects.exists()
