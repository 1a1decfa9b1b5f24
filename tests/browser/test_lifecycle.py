"""The life of a subscription in a real browser: started, changed, called off, unpaid, paid, cancelled and kept.

By keyboard on a wide screen in light, by touch on a narrow one in the dark.
"""

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.roles import install
from entitlements.domain.lifecycle import State
from entitlements.models import Account, Subscription, SubscriptionChange
from entitlements.queries.life.state import state_of
from tests.entitlements.world import DAY, account, catalog, policy, subscribed, value
from tests.permissions import SALES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def world(live_server: Any) -> Any:
    """Acme has bought nothing, Beta has Team."""
    install()  # the flush of the test before took the roles along
    policy()
    sold = catalog()
    account("acme", at=timezone.now() - DAY)
    subscribed(account("beta", at=timezone.now() - 9 * DAY), sold.team, at=timezone.now() - 9 * DAY)
    return sold


def subscriptions(page: Any, key: str) -> None:
    page.goto(reverse("admin:desk_account_subscriptions", args=[key]))


def press(page: Any, name: str | re.Pattern[str], role: str = "button") -> None:
    """Reached and pressed by keyboard."""
    found = page.locator("#subscriptions").get_by_role(role, name=name) if role == "link" else None
    found = found or page.get_by_role(role, name=name, exact=isinstance(name, str))
    found.first.focus()
    page.keyboard.press("Enter")


def told(page: Any, words: str) -> None:
    page.get_by_text(words).first.wait_for()


def fits(page: Any, width: int) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


def state() -> State:
    return state_of(Subscription.objects.get(account__key="beta"), at=timezone.now())


def test_a_subscription_is_started_by_keyboard(signed_in: Any, world: Any) -> None:
    page = signed_in(SALES)
    subscriptions(page, "acme")
    press(page, "Start a subscription", "link")
    page.get_by_label(re.compile("Team")).focus()
    page.keyboard.press("Space")
    press(page, "Go on")
    page.get_by_label("It is bought").focus()
    page.keyboard.press("Space")
    press(page, "Show what they will have")
    page.get_by_role("row", name=re.compile("Storage not included 100 GB more")).wait_for()
    press(page, "Start it")
    told(page, "Subscription 1, Team, has begun.")
    assert value(Account.objects.get(key="acme"), "storage", timezone.now()) == 100 * 10**9
    assert not page.faults


def test_a_change_at_the_renewal_is_planned_moved_and_called_off(signed_in: Any, world: Any) -> None:
    page = signed_in(SALES)
    subscriptions(page, "beta")
    press(page, re.compile("^Change"), "link")
    page.get_by_label(re.compile("Free")).check()
    page.get_by_label(re.compile("At the next renewal")).check()
    press(page, "Show what it changes")
    page.get_by_role("row", name=re.compile("Storage 100 GB 1 GB less")).wait_for()
    press(page, "Change it")
    page.locator("#subscriptions").get_by_text("Another plan: Team → Free").first.wait_for()
    press(page, re.compile("^Move"), "link")
    page.get_by_label("From which day on").fill(f"{timezone.now() + 60 * DAY:%Y-%m-%d}")
    press(page, "Show what it becomes")
    press(page, "Move it")
    told(page, "Team → Free, now on")
    press(page, re.compile("^Call off"), "link")
    press(page, "Call it off")
    told(page, "Team → Free is called off.")
    assert SubscriptionChange.objects.get().cancelled_at is not None
    assert not page.faults


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_payment_fails_and_comes(signed_in: Any, world: Any, width: int, dark: bool) -> None:
    page = signed_in(SALES, width=width, dark=dark)
    subscriptions(page, "beta")
    page.get_by_role("link", name="Payment failed for subscription 1").click()
    page.get_by_label("Days of grace").fill("5")
    page.get_by_role("button", name="Show what it changes").click()
    told(page, "if nobody has paid")
    assert fits(page, width)
    page.get_by_role("button", name="Record the failed payment").click()
    page.locator("#subscriptions").get_by_text(re.compile("In grace, 5 days left")).wait_for()
    assert state() is State.GRACE
    page.get_by_role("link", name="Payment came for subscription 1").click()
    told(page, "nothing was reduced")
    page.get_by_role("button", name="Record the payment").click()
    told(page, "Subscription 1 is paid")
    assert state() is State.ACTIVE
    assert fits(page, width)
    assert not page.faults


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_it_is_cancelled_and_kept(signed_in: Any, world: Any, width: int, dark: bool) -> None:
    page = signed_in(SALES, width=width, dark=dark)
    subscriptions(page, "beta")
    page.get_by_role("link", name="Cancel subscription 1").click()
    page.get_by_label("With a day, given below").check()
    page.get_by_label("The last day").fill(f"{timezone.now() + 3 * DAY:%Y-%m-%d}")
    page.get_by_label("Days of access afterwards").fill("10")
    page.get_by_label("Why").fill("Too dear")
    page.get_by_role("button", name="Show what it changes").click()
    told(page, "10 days, through")
    assert fits(page, width)
    page.get_by_role("button", name="Cancel the subscription").click()
    told(page, "Subscription 1 is cancelled as of")
    page.get_by_role("link", name="Keep it going subscription 1").click()
    page.get_by_role("button", name="Keep it going").click()
    told(page, "the cancellation is taken back")
    assert Subscription.objects.get(account__key="beta").ends_at is None
    assert not page.faults
