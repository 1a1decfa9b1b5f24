"""Sales sells a bundle and redeems a code in a real browser, by keyboard where it can be done so."""

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.roles import install
from entitlements.models import Account
from tests.entitlements.shop import shop_in, storage_code
from tests.entitlements.world import DAY, Catalog, account, catalog, subscribed, value
from tests.permissions import FINANCE, SALES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def world(live_server: Any) -> Catalog:
    install()  # the flush of the test before took the roles along
    sold = catalog()
    subscribed(account("acme"), sold.free, at=timezone.now() - DAY)
    shop_in(sold)
    return sold


def subscriptions_tab(page: Any) -> None:
    page.goto(reverse("admin:desk_account_subscriptions", args=["acme"]))


def test_a_bundle_is_chosen_seen_and_sold(signed_in: Any, world: Catalog) -> None:
    page = signed_in(SALES)
    subscriptions_tab(page)
    page.get_by_role("link", name="Sell a bundle").click()
    page.get_by_label(re.compile("Starter: Any 3 of")).check()
    page.get_by_role("button", name="Go on").click()
    for name in ("IPv4", "Hipaa_Pack"):
        page.get_by_label(re.compile(name)).check()
    page.get_by_role("button", name="Show what it changes").click()
    page.get_by_text("3 of 5 add-ons; 2 chosen").first.wait_for()
    page.get_by_label(re.compile("Mfa_Pack")).check()
    page.get_by_role("button", name="Show what it changes").click()
    page.get_by_role("row", name=re.compile("MFA")).wait_for()
    page.get_by_role("button", name="Sell it").click()
    page.locator("#extras").get_by_text("Bundle Starter").wait_for()
    assert page.locator("#extras").get_by_text("Mfa_Pack").count()
    assert not page.faults


def test_a_code_is_typed_seen_and_redeemed_by_keyboard(signed_in: Any, world: Catalog) -> None:
    storage_code(world.storage)
    page = signed_in(SALES, width=390, dark=True)
    subscriptions_tab(page)
    page.get_by_role("link", name="Redeem a code").click()
    page.get_by_label("Code").focus()
    page.keyboard.type("more gb")
    page.keyboard.press("Enter")
    page.get_by_text("Storage: 20 GB more for 14 days").wait_for()
    page.get_by_role("button", name="Redeem it").focus()
    page.keyboard.press("Enter")
    page.locator("#extras").get_by_text("MORE-GB").wait_for()
    assert value(Account.objects.get(), "storage", timezone.now()) == 21 * 10**9
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not page.faults


def test_finance_puts_a_bundle_together(signed_in: Any, world: Catalog) -> None:
    page = signed_in(FINANCE)
    page.goto(reverse("admin:catalog_bundle_changelist"))
    page.get_by_role("link", name="New bundle").click()
    page.get_by_label("Name").fill("Two of three")
    page.get_by_label("Key").fill("two_of_three")
    for name in ("IPv4", "Hipaa_Pack", "Drain_Pack"):
        page.get_by_label(re.compile(name)).check()
    page.get_by_label("How many of them a customer chooses").fill("2")
    page.get_by_role("button", name="Create it").click()
    page.get_by_text("Two of three can be sold").wait_for()
    assert not page.faults
