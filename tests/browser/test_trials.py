"""Sales extends trials in a real browser: three clicks from the list and from ⌘K, by keyboard, and back again."""

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.roles import install
from entitlements.models import SubscriptionPhase
from tests.entitlements.world import DAY, account, catalog, policy, subscribed
from tests.permissions import SALES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def trying(live_server: Any) -> None:
    """Acme and Bolt are ten days into a trial of 14 days."""
    install()  # the flush of the test before took the roles along
    policy()
    sold, began = catalog(), timezone.now() - 10 * DAY
    for key in ("acme", "bolt"):
        subscribed(account(key, at=began), sold.team, at=began, trial_days=14)


def extended() -> list[int]:
    return list(SubscriptionPhase.objects.order_by("pk").values_list("extended_times", flat=True))


def accounts(page: Any) -> None:
    page.goto(reverse("admin:entitlements_account_changelist"))


def test_three_clicks_from_the_list_and_undone(signed_in: Any, trying: None) -> None:
    page = signed_in(SALES)
    accounts(page)
    page.get_by_role("row", name=re.compile("Acme")).get_by_role("link", name="Extend").click()
    page.get_by_label(re.compile(r"\+7 days:")).check()
    page.get_by_label("Why").fill("Slow buyer")
    page.get_by_role("button", name="Extend the trial").click()
    page.get_by_text("The trial now runs").wait_for()
    assert extended() == [1, 0]
    page.get_by_role("link", name="Undo", exact=True).click()
    page.get_by_role("button", name="Undo the extension").click()
    page.get_by_text("The extension was undone").wait_for()
    assert extended() == [0, 0]
    assert not page.faults


def test_from_the_palette_by_keyboard_alone(signed_in: Any, trying: None) -> None:
    page = signed_in(SALES)
    page.goto(reverse("admin:index"))
    page.keyboard.press("Control+k")
    page.wait_for_function("document.activeElement.id === 'search-input-command'")  # one can type at once
    page.keyboard.type("extend acme", delay=20)
    page.get_by_text("Extend the trial of Acme").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_label(re.compile(r"\+3 days:")).focus()
    page.keyboard.press("Space")
    page.get_by_label("Why").focus()
    page.keyboard.type("Slow buyer")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("The trial now runs").wait_for()
    assert extended() == [1, 0]
    assert not page.faults


def test_several_are_extended_through_a_day_seen_first(signed_in: Any, trying: None) -> None:
    page = signed_in(SALES, width=390, dark=True)
    ids = ",".join(str(pk) for pk in SubscriptionPhase.objects.values_list("subscription__account", flat=True))
    page.goto(f"{reverse('admin:entitlements_trials_extend')}?accounts={ids}")
    page.get_by_label("Through a day, given below").check()
    page.get_by_label("Through", exact=True).fill(str((timezone.now() + 9 * DAY).date()))
    page.get_by_label("Why").fill("A fair")
    page.get_by_role("button", name="Extend 2 trials").click()
    page.get_by_text("Press the button again").wait_for()
    assert extended() == [0, 0]
    page.get_by_role("button", name="Extend 2 trials").click()
    page.get_by_text("2 trials extended").wait_for()
    assert extended() == [1, 1]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not page.faults


def test_chosen_in_the_list_they_are_extended_together(signed_in: Any, trying: None) -> None:
    page = signed_in(SALES)
    accounts(page)
    for box in page.locator("input.action-select").all():
        box.check()
    page.get_by_label("Select action to run").select_option("extend_trials")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Extend 2 trials").wait_for()
    assert not page.faults
