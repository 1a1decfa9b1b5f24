"""A newcomer asks "is this customer covered for phone support on this device, and what is left?", by keyboard alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.roles import install
from entitlements.models import Account
from support.domain.case_events import Channel
from tests.permissions import SUPPORT
from tests.support.factories import AssetFactory, CoverFactory, CoverScopeFactory, ProductFactory
from tests.support.time_world import holds, hours, plan_of_hours
from tests.support.world import customer, the_plans, the_promise

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]

DAY = timedelta(days=1)


@pytest.fixture
def acme(live_server: Any) -> Account:
    """Its press is covered by phone and e-mail; 80 of its 100 hours may be spent on the phone."""
    install()  # the flush of the test before took the roles along
    the_promise()
    account = customer("acme", plan=the_plans()["free"])
    now = timezone.now()
    press = AssetFactory(account=account, product=ProductFactory(name="Press"), serial="HP600-2209")
    for number in range(20):
        AssetFactory(account=account, serial=f"X2-{number:03}")
    cover = CoverFactory(account=account, tier="priority", starts_at=now - 30 * DAY, channels=["phone", "email"])
    CoverScopeFactory(cover=cover, kind="asset", product=None, asset=press)
    holds(account, plan_of_hours(hours(), 6000, {Channel.PHONE: 4800, Channel.EMAIL: 1200}), at=now - DAY)
    return account


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False), (390, True)])
def test_the_answer_stands_on_the_first_screen(signed_in: Any, acme: Account, width: int, dark: bool) -> None:
    page = signed_in(SUPPORT, width=width, dark=dark)
    page.goto(reverse("admin:support_lookup"))
    page.keyboard.type("hp600 2209")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Covered on Press HP600-2209").wait_for()
    page.get_by_label("Help by").focus()
    page.keyboard.type("Ph")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    verdict = page.get_by_role("heading", name="Covered for phone support on Press HP600-2209")
    verdict.wait_for()
    left = page.get_by_text("Support hours: 80 h left by phone, 100 h in all.")
    for said in (verdict, left):
        box = said.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not page.faults


def test_from_the_customer_by_way_of_its_devices(signed_in: Any, acme: Account) -> None:
    page = signed_in(SUPPORT)
    page.goto(reverse("admin:support_lookup"))
    page.keyboard.type("acme")
    page.keyboard.press("Enter")
    page.get_by_text("21 devices in all").wait_for()
    page.get_by_role("searchbox", name="Device").fill("hp600")
    page.keyboard.press("Enter")
    page.get_by_text("Choose one of the devices").wait_for()
    page.get_by_role("link", name="Press HP600-2209").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Covered on Press HP600-2209").wait_for()
    page.get_by_role("link", name="Chat", exact=True).click()
    page.get_by_role("heading", name="Not covered for chat support on Press HP600-2209").wait_for()
    page.get_by_text("Covered instead:").wait_for()
    assert not page.faults
