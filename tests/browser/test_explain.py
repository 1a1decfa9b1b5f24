"""Support asks why in a real browser, by keyboard, and takes the answer along for a ticket."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.roles import install
from tests.entitlements.world import DAY, account, catalog, subscribed
from tests.permissions import AUDITOR, SUPPORT

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def _acme(live_server: Any) -> None:
    install()  # the flush of the test before took the roles along
    world = catalog()
    subscribed(account("acme", at=timezone.now() - 9 * DAY), world.team, at=timezone.now() - 9 * DAY)


@pytest.mark.usefixtures("_acme")
def test_a_feature_is_picked_asked_about_and_copied_by_keyboard(signed_in: Any) -> None:
    page = signed_in(SUPPORT, width=390, dark=True)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(reverse("admin:entitlements_account_explain", args=["acme"]))
    page.get_by_label("Feature").focus()
    page.keyboard.type("stor")
    page.keyboard.press("Enter")
    page.get_by_label("In use").fill("96 GB")
    page.get_by_label("Asks for").fill("5 GB")
    page.get_by_label("Asks for").press("Enter")
    page.get_by_text("Refused: 101 GB would be 1 GB over the limit of 100 GB.").first.wait_for()
    page.get_by_role("button", name="Copy as text for a ticket").press("Enter")
    page.get_by_text("Copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.get_by_label("Text to copy").input_value()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not page.faults


@pytest.mark.usefixtures("_acme")
def test_a_dispute_pack_is_drawn_up_and_downloaded(signed_in: Any) -> None:
    page = signed_in(AUDITOR)
    page.goto(reverse("admin:entitlements_account_pack", args=["acme"]))
    page.get_by_label("Why").fill("Ticket 7")
    page.get_by_role("button", name="Draw it up").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the pack").click()
    assert download.value.suggested_filename.startswith("dispute-pack-acme-")
    assert not page.faults
