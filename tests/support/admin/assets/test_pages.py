"""The pages about equipment, as support uses them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from journal.domain.actor import SYSTEM
from support.actions.assets.replacing import replace_asset
from support.actions.assets.retiring import retire_asset
from support.domain.warranties import Days
from support.models import Asset, AssetMove, Location, Product, Warranty
from support.queries.assets.tokens import asset_token
from tests.entitlements.factories import AccountFactory
from tests.journal.factories import StaffFactory
from tests.support.equipment import SHIPPED, installed_press, press, registered
from tests.support.factories import CaseFactory, CoverFactory, CoverScopeFactory, LocationFactory, WorkItemFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return AccountFactory(name="Acme", key="acme", zone="Europe/Amsterdam")


@pytest.fixture
def agent(client):
    client.force_login(StaffFactory(roles=["support"]))
    return client


def address(page, *arguments):
    return reverse(f"admin:support_asset_{page}", args=arguments)


def posted(client, url, **said):
    return client.post(url, said)


def test_an_asset_is_registered_on_its_customers_page(agent, acme):
    press()
    plant = LocationFactory(account=acme, name="Plant 2")
    LocationFactory(name="Elsewhere")
    url = address("new", acme.key)
    shown = agent.get(url).content.decode()
    assert "Plant 2" in shown
    assert "Elsewhere" not in shown
    told = {"product": "press", "serial": " P-1 ", "location": plant.pk, "shipped_on": "2026-01-01", "name": "Gate"}
    answer = posted(agent, url, **told)
    asset = Asset.objects.get()
    assert answer.url == address("page", asset.pk)
    assert (asset.serial, asset.location, asset.warranties.get().through_on) == ("P-1", plant, date(2026, 12, 31))


def test_what_is_refused_stands_beside_its_field_and_nothing_typed_is_lost(agent, acme):
    product = press()
    registered(acme, product, "P-1")
    answer = posted(agent, address("new", acme.key), product="press", serial="p1", name="Typed before")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Press P-1 is known already: it is Acme’s (acme)." in page
    assert "Typed before" in page
    assert "Nothing was saved" in page
    wrong = {"serial": "P-2", "shipped_on": "2026-02-02", "installed_on": "2026-02-01", "product": "press"}
    assert "It can’t be installed on 2026-02-01" in posted(agent, address("new", acme.key), **wrong).content.decode()
    assert "Which product is it?" in posted(agent, address("new", acme.key)).content.decode()


def test_its_page_tells_where_it_is_what_covers_it_and_its_life(agent, acme):
    other = AccountFactory(name="Beta", key="beta")
    old = registered(other, press(), "P-0", location=LocationFactory(account=other, name="Dock"))
    asset = replace_asset(asset=old, serial="P-1", reason="Broken", by=SYSTEM, at=timezone.now())
    CaseFactory(account=other, asset=asset, subject="It squeaks")
    WorkItemFactory(account=other, asset=asset, description="New belt")
    cover = CoverFactory(account=other, name="Maintenance")
    CoverScopeFactory(cover=cover, kind="asset", asset=asset, product=None)
    page = agent.get(address("page", asset.pk)).content.decode()
    for words in ("Dock", "It squeaks", "New belt", "Maintenance", "P-0", "Goes on from", "Covered in full"):
        assert words in page, words
    assert "took over on" in agent.get(address("page", old.pk)).content.decode()


def test_an_asset_that_waits_says_for_what(agent, acme):
    asset = registered(acme, installed_press())
    assert "It has no installation day yet" in agent.get(address("page", asset.pk)).content.decode()


def test_other_dates_show_first_what_they_do_to_the_warranty(agent, acme):
    asset = registered(acme, press())
    url = address("edit", asset.pk)
    told = {"serial": "P-1", "shipped_on": "2026-02-01", "seen": asset_token(asset)}
    page = posted(agent, url, **told).content.decode()
    assert "“Warranty of Press” through 31 January 2027 (Amsterdam); before: through 31 December 2026" in page
    assert asset.warranties.get().through_on == date(2026, 12, 31)
    posted(agent, url, **told, step="confirm")
    assert asset.warranties.get().through_on == date(2027, 1, 31)
    assert posted(agent, url, **told, step="confirm").status_code == 422  # somebody was faster: it was ourselves


def test_a_name_is_put_right_at_once(agent, acme):
    asset = registered(acme, press())
    told = {"serial": "P-1", "shipped_on": "2026-01-01", "name": "Gate", "seen": asset_token(asset)}
    assert posted(agent, address("edit", asset.pk), **told).status_code == 302
    assert Asset.objects.get().name == "Gate"


def test_it_moves_to_another_location(agent, acme):
    asset, plant = registered(acme, press()), LocationFactory(account=acme)
    posted(agent, address("relocate", asset.pk), location=plant.pk, seen=asset_token(asset))
    assert Asset.objects.get().location == plant


def test_it_goes_to_another_customer_once_that_was_seen(agent, acme):
    AccountFactory(name="Beta", key="beta")
    asset = registered(acme, press(warranty_transferable=False))
    url = address("move", asset.pk)
    assert "Who has it now?" in agent.get(url).content.decode()
    assert "Acme has it already" in agent.get(f"{url}?account=acme").content.decode()
    url = f"{url}?account=beta"
    told = {"reason": "Sold on", "seen": asset_token(asset)}
    page = posted(agent, url, **told).content.decode()
    assert "“Warranty of Press” doesn’t go along to Beta" in page
    assert not AssetMove.objects.exists()
    posted(agent, url, **told, step="confirm")
    assert AssetMove.objects.get().to_account.key == "beta"
    assert Warranty.objects.get().void_reason


def test_what_a_preview_would_be_refused_is_refused_there(agent, acme):
    AccountFactory(key="beta")
    asset = registered(acme, press())
    url = f"{address('move', asset.pk)}?account=beta"
    answer = posted(agent, url, reason="Sold", moved_on="2025-01-01", seen=asset_token(asset))
    assert (answer.status_code, "got it only later" in answer.content.decode()) == (422, True)


def test_it_is_replaced_once_that_was_seen_and_what_was_typed_can_be_changed(agent, acme):
    asset = registered(acme, press(), days=SHIPPED)
    url, told = address("replace", asset.pk), {"serial": "P-2", "reason": "Broken", "seen": asset_token(asset)}
    page = posted(agent, url, **told).content.decode()
    assert "P-1 is retired; the new one stands where it stood." in page
    assert 'value="P-2"' in posted(agent, url, **told, step="change").content.decode()
    assert Asset.objects.count() == 1
    posted(agent, url, **told, step="confirm")
    assert Asset.objects.get(serial="P-2").replaces == asset
    assert posted(agent, url, **told, step="confirm").status_code == 422


def test_it_is_retired_and_brought_back(agent, acme):
    asset = registered(acme, press())
    told = {"reason": "Scrapped", "seen": asset_token(asset)}
    assert "Nothing takes its place" in posted(agent, address("retire", asset.pk), **told).content.decode()
    posted(agent, address("retire", asset.pk), **told, step="confirm")
    asset.refresh_from_db()
    assert asset.retired_at
    assert agent.get(address("retire", asset.pk)).url == address("page", asset.pk)  # there is nothing to do
    posted(agent, address("back", asset.pk), reason="The wrong one", seen=asset_token(asset))
    asset.refresh_from_db()
    assert asset.retired_at is None


def test_a_warranty_is_added_and_ended(agent, acme):
    asset = registered(acme, press(warranty_months=None, borne=None))
    url = address("warranty", asset.pk)
    told = {"name": "Extended", "basis": "installed", "months": "12", "parts": "100", "seen": asset_token(asset)}
    assert "It has no installation day yet" in posted(agent, url, **told).content.decode()
    posted(agent, url, **told | {"basis": "shipped", "months": "36"})
    warranty = Warranty.objects.get()
    assert (warranty.through_on, warranty.transferable) == (date(2028, 12, 31), False)  # the box wasn't ticked
    url, told = address("void", asset.pk, warranty.pk), {"reason": "Opened", "seen": asset_token(asset)}
    assert "ends now instead of lasting" in posted(agent, url, **told).content.decode()
    posted(agent, url, **told, step="confirm")
    warranty.refresh_from_db()
    assert warranty.void_reason == "Opened"


def test_a_warranty_of_another_asset_is_not_here(agent, acme):
    product = press()
    one, other = registered(acme, product, "P-1"), registered(acme, product, "P-2")
    assert agent.get(address("void", one.pk, other.warranties.get().pk)).status_code == 404


def test_a_location_is_added_and_put_right(agent, acme):
    url = reverse("admin:support_location_new", args=[acme.key])
    assert "Give the location a name" in posted(agent, url).content.decode()
    assert posted(agent, url, name="Plant 1", country="NL").status_code == 302
    location = Location.objects.get()
    change = reverse("admin:support_location_change", args=[location.pk])
    token = agent.get(change).context["adminform"].form["version_token"].value()
    posted(agent, change, name="Plant one", address="", country="NL", zone="", version_token=token)
    location.refresh_from_db()
    assert location.name == "Plant one"


def test_a_product_is_added_edited_and_retired(agent):
    add = reverse("admin:support_product_add")
    told = {"key": "press", "name": "Press", "warranty_basis": "shipped", "warranty_months": "12"}
    assert "Say what of labour, parts or travel" in posted(agent, add, **told).content.decode()
    assert "Say from 0 to 100 percent" in posted(agent, add, **told, parts="101").content.decode()
    posted(agent, add, **told, parts="100")
    product = Product.objects.get()
    change = reverse("admin:support_product_change", args=[product.pk])
    token = agent.get(change).context["adminform"].form["version_token"].value()
    posted(agent, change, **told | {"name": "Press 1", "parts": "100", "version_token": token})
    posted(agent, reverse("admin:support_product_retire", args=[product.pk]))
    product.refresh_from_db()
    assert (product.name, product.retired_at is not None) == ("Press 1", True)
    posted(agent, reverse("admin:support_product_bring_back", args=[product.pk]))
    product.refresh_from_db()
    assert product.retired_at is None


LIST = "admin:support_asset_changelist"


def listed(client, **asked):
    page = client.get(reverse(LIST), asked)
    return sorted(row.serial for row in page.context["cl"].result_list)


def test_the_list_finds_by_serial_number_name_and_customer(agent, acme):
    product = press()
    registered(acme, product, "SN 00-12", name="Gate")
    registered(AccountFactory(name="Beta", key="beta"), product, "ZZ-9")
    assert listed(agent, q="sn0012") == listed(agent, q="SN-00 12") == listed(agent, q="gate") == ["SN 00-12"]
    assert listed(agent, q="sn00") == ["SN 00-12"]  # its beginning
    assert listed(agent, q="beta") == ["ZZ-9"]
    assert listed(agent, account="acme") == ["SN 00-12"]
    assert listed(agent, account="nobody") == []
    assert listed(agent, product="press") == ["SN 00-12", "ZZ-9"]
    assert listed(agent, q="\x00") == ["SN 00-12", "ZZ-9"]


def test_the_list_is_narrowed_by_warranty_and_by_service(agent, acme):
    today = timezone.now().date()
    product, waiting = press(), installed_press()
    for serial, ago in (("under", 10), ("ending", 300), ("over", 500), ("gone", 10)):
        registered(acme, product, serial, days=Days(shipped=today - timedelta(days=ago)), at=timezone.now())
    registered(acme, waiting, "waits")
    registered(acme, press(key="bare", warranty_months=None), "bare")
    retire_asset(asset=Asset.objects.get(serial="gone"), reason="x", by=SYSTEM, at=timezone.now())
    assert listed(agent, warranty="under") == ["ending", "under"]
    assert listed(agent, warranty="ending") == ["ending"]
    assert listed(agent, warranty="not_begun") == ["waits"]
    assert listed(agent, warranty="over") == ["gone", "over"]
    assert listed(agent, warranty="none") == ["bare", "waits"]
    assert listed(agent, service="retired") == ["gone"]


def test_the_list_reads_as_much_for_many_as_for_one(agent, acme, django_assert_max_num_queries):
    product = press()
    for number in range(12):
        registered(acme, product, f"P-{number}")
    with django_assert_max_num_queries(16):
        agent.get(reverse(LIST))


def test_who_only_reads_sees_no_buttons(client, acme):
    client.force_login(StaffFactory(roles=["auditor"]))
    asset = registered(acme, press())
    page = client.get(address("page", asset.pk)).content.decode()
    assert "Retire" not in page
    assert client.get(address("retire", asset.pk)).status_code == 403


def test_how_many_a_warranty_filter_leaves_is_counted_so_far(agent, acme, monkeypatch):
    product, url = press(), reverse("admin:support_asset_changelist")
    for serial in ("P-1", "P-2", "P-3"):
        registered(acme, product, serial)
    for name, most in (("MOST_COUNTED", 2), ("CountedSoFar.bounded", 2)):
        monkeypatch.setattr(f"support.admin.assets.filters.{name}", most)
    assert "there may be more" in agent.get(url, {"warranty": "under"}).content.decode()
    for asked in ({}, {"warranty": "none"}):
        assert "there may be more" not in agent.get(url, asked).content.decode()
