"""Kinds, channels and resellers on the pages: opened, edited, listed, and seen in the head."""

import pytest
from django.test import Client

from entitlements.models import Account
from tests.catalog.factories import MarketFactory
from tests.desk.admin.reading import address, read
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.filling import send
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import account, subscribed

pytestmark = pytest.mark.django_db
EDIT = ("account_edit", "acme")
LIST = "/admin/entitlements/account/"


def listed(desk: Client, **asked: str) -> set[str]:
    return {row.key for row in desk.get(LIST, asked).context["cl"].result_list}


def test_a_reseller_is_named_and_the_channel_follows(sales_desk: Client, acme: Customer) -> None:
    account("seller", kind="partner")
    said = text_of(send(sales_desk, EDIT, reseller="seller"))
    assert "Sold by nothing → Seller (seller)" in said
    assert "Sales channel nothing → Reseller" in said
    assert send(sales_desk, EDIT, "confirm", reseller="seller").status_code == 302
    assert Account.objects.get(key="acme").sales_channel == "reseller"


def test_who_is_no_partner_is_refused_beside_the_field(sales_desk: Client, acme: Customer) -> None:
    account("other")
    assert "Other is no partner" in complaints(send(sales_desk, EDIT, reseller="other"))["reseller"][0]


def test_what_has_no_end_is_told_before_the_button(sales_desk: Client, acme: Customer) -> None:
    page = send(sales_desk, EDIT, kind="internal", reason="Our own")
    assert "holds nothing without an end" in complaints(page)["kind"][0]


def test_a_kind_is_changed_for_a_reason(sales_desk: Client, acme: Customer) -> None:
    assert "reason" in complaints(send(sales_desk, EDIT, kind="partner"))
    said = text_of(send(sales_desk, EDIT, kind="partner", reason="Signed as a partner"))
    assert "Kind of account Customer → Partner" in said
    assert "other accounts can be sold to by it" in said


def test_an_internal_account_is_opened_without_a_plan(sales_desk: Client, acme: Customer) -> None:
    given = {"name": "Staff", "key": "staff", "zone": "UTC", "kind": "internal"}
    page = sales_desk.post(url("account_open"), {**given, "plan": acme.catalog.team.pk})
    assert "needs an end" in complaints(page)["plan"][0]
    assert sales_desk.post(url("account_open"), given).status_code == 302
    assert Account.objects.get(key="staff").kind == "internal"


def test_its_subscription_asks_for_a_last_day(sales_desk: Client, acme: Customer) -> None:
    account("staff", kind="internal")
    start, asked = ("subscription_start", "staff"), {"plan": "team"}
    assert "through" in complaints(send(sales_desk, start, asked=asked, begins_as="sale"))
    said = text_of(send(sales_desk, start, asked=asked, begins_as="sale", through="2026-06-30"))
    assert "Ends by itself through 30 June 2026 (Amsterdam)" in said
    assert send(sales_desk, start, "confirm", asked=asked, begins_as="sale", through="2026-06-30").status_code == 302
    assert Account.objects.get(key="staff").subscriptions.get().ends_at.isoformat() == "2026-06-30T22:00:00+00:00"


def test_the_head_says_who_it_is_and_who_sells_to_it(sales_desk: Client, acme: Customer) -> None:
    seller = account("seller", kind="partner")
    account("shop", reseller=seller)
    account("staff", kind="internal")
    assert "Open Partner Nothing bought" in read(sales_desk, key="seller")
    assert "Open Internal Nothing bought" in read(sales_desk, key="staff")
    assert "Sold by Seller" in read(sales_desk, key="shop")
    assert "Sold by" not in read(sales_desk)


def test_the_page_of_a_partner_lists_whom_it_sells_to(sales_desk: Client, acme: Customer) -> None:
    seller = account("seller", kind="partner")
    assert "Nobody yet. Edit an account and name this one" in read(sales_desk, "family", "seller")
    subscribed(account("shop", reseller=seller), acme.catalog.team)
    said = read(sales_desk, "family", "seller")
    assert "Whom it sells to Shop Team v1 · Active" in said
    assert "?reseller=seller" in sales_desk.get(address("family", "seller")).content.decode()


def test_the_list_is_narrowed_down_by_each(sales_desk: Client, acme: Customer) -> None:
    seller = account("seller", kind="partner", market=MarketFactory(key="europe"))
    account("shop", reseller=seller)
    account("staff", kind="internal")
    assert listed(sales_desk, kind="internal") == {"staff"}
    assert listed(sales_desk, channel="reseller") == listed(sales_desk, reseller="seller") == {"shop"}
    assert listed(sales_desk, market="europe") == {"seller"}
    assert listed(sales_desk, market="none", channel="none") == {"acme", "staff"}
    assert "Customer, sold by Seller" in text_of(sales_desk.get(LIST))


def test_the_import_starts_from_the_list(sales_desk: Client, acme: Customer) -> None:
    assert "import/new/" in sales_desk.get(LIST).content.decode().replace("importrun", "import")
    said = text_of(sales_desk.get("/admin/catalog/importrun/new/", {"kind": "accounts"}))
    assert "Accounts" in said
    assert "Plan sheet" not in said
