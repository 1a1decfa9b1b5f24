"""The page of an account in a real browser: its tabs by keyboard, its filters in the address, wide and narrow."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.roles import install
from entitlements.domain.facts import Mode
from tests.entitlements.factories import overridden
from tests.entitlements.world import DAY, GB, Catalog, account, catalog, subscribed
from tests.permissions import FINANCE, SALES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def world(live_server: Any) -> Catalog:
    install()  # the flush of the test before took the roles along
    sold, acme = catalog(), account("acme", at=timezone.now() - 9 * DAY)
    subscribed(acme, sold.team, at=timezone.now() - 8 * DAY, trial_days=10)
    account("child", parent=acme)
    more = {"at": timezone.now() - timedelta(hours=1), "through_on": (timezone.now() + 60 * DAY).date()}
    overridden(acme, sold.storage, Mode.ADD, 20 * GB, **more)
    return sold


def open_tab(page: Any, tab: str = "") -> None:
    page.goto(reverse(f"admin:desk_account{tab and '_'}{tab}", args=["acme"]))


def test_the_tabs_are_walked_by_keyboard(signed_in: Any, world: Catalog) -> None:
    page = signed_in(SALES)
    open_tab(page)
    page.get_by_role("navigation", name="Parts of this account").get_by_role("link", name="Overview").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What this customer may do").wait_for()
    assert page.url.endswith("/account/acme/entitlements/")
    assert page.locator("[aria-current=page]", has_text="Entitlements").count() == 1
    assert not page.faults


def test_the_filter_of_features_stands_in_the_address(signed_in: Any, world: Catalog) -> None:
    page = signed_in(SALES)
    open_tab(page, "entitlements")
    page.get_by_label("Find a feature").focus()
    page.keyboard.type("stor")
    page.get_by_text("1 feature found").wait_for()
    assert page.get_by_role("row", name="Storage").is_visible()
    assert not page.get_by_role("row", name="Seats").is_visible()
    assert page.url.endswith("?q=stor")
    page.reload()
    assert page.get_by_role("row", name="Storage").is_visible()
    assert page.get_by_role("row", name="Seats").count() == 0
    assert not page.faults


def test_the_story_is_narrowed_and_the_address_can_be_passed_on(signed_in: Any, world: Catalog) -> None:
    page = signed_in(FINANCE, width=390, dark=True)
    open_tab(page, "timeline")
    page.get_by_text("Show only a part of it").click()
    page.get_by_label("Feature").select_option("storage")
    page.get_by_label("What somebody did").check()
    page.get_by_role("button", name="Show these").click()
    page.get_by_text("Only a part of it is shown").wait_for()
    assert "sort=act" in page.url
    assert "feature=storage" in page.url
    assert page.get_by_text("Open account").count() == 0
    page.get_by_role("link", name="Show everything").click()
    page.get_by_text("Open account").first.wait_for()
    assert not page.faults


def test_what_is_rarely_done_stands_under_more(signed_in: Any, world: Catalog) -> None:
    page = signed_in(SALES, width=390)
    open_tab(page)
    assert page.locator(".account-bar > .desk-button").count() == 5
    more = page.locator(".account-more summary")
    more.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Compare with another account").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not page.faults
