"""The review queue cleared by keyboard alone: walked, removed, kept, asked about, extended."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from entitlements.domain.facts import Mode
from entitlements.models import Override
from journal.models import Staff
from tests.entitlements.factories import OverrideFactory
from tests.entitlements.world import DAY, GB, account, catalog, policy, subscribed
from tests.permissions import SALES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def ending(live_server: Any) -> list[Override]:
    """Three overrides of Acme that end this week."""
    call_command("migrate", verbosity=0)  # the flush of the test before took the roles along
    now, sold = timezone.now(), catalog()
    ann = Staff.objects.create_user("ann", email="ann@desk.example", first_name="Ann")
    acme = account("acme", at=now - 9 * DAY, owner=ann)
    subscribed(acme, sold.team, at=now - 8 * DAY)
    policy()
    adds = {"account": acme, "feature": sold.storage, "mode": Mode.ADD, "typed_unit": "GB", "starts_at": now - DAY}
    return [OverrideFactory(**adds, amount=number * GB, ends_at=now + number * DAY) for number in (1, 2, 3)]


def test_the_queue_is_cleared_by_keyboard_alone(signed_in: Any, ending: list[Override]) -> None:
    page = signed_in(SALES)
    page.goto(reverse("admin:entitlements_review"))
    press(page, "?", "j", "j", "k", "r")
    page.keyboard.type("Not needed")
    page.keyboard.press("Enter")
    went_on(page, ending[0], to=ending[1])
    press(page, "a", "Escape", "y")
    while page.evaluate("document.activeElement.tagName") != "TEXTAREA":  # past the parts of the day
        press(page, "Tab")
    page.keyboard.type("Let it end")
    page.keyboard.press("Enter")
    went_on(page, ending[1], to=ending[2])
    press(page, "a", "Enter")
    page.get_by_text("Ann was asked").wait_for()
    press(page, "j", "e")
    page.wait_for_url("**/renew/?next=**")
    assert Override.objects.get(pk=ending[0].pk).revoked_at is not None
    assert Override.objects.get(pk=ending[1].pk).review_on > date.today()  # noqa: DTZ011
    assert not page.faults


def went_on(page: Any, done: Override, *, to: Override) -> None:
    """The line that was decided about is gone, and the one that follows has the focus."""
    page.locator(f"#override-{done.pk}").wait_for(state="detached")
    page.wait_for_function("id => document.activeElement.id === id", arg=f"override-{to.pk}")


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
