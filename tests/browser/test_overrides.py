"""An override in a real browser: sales asks beyond policy, somebody else approves, it is explained, and it ends."""

import re
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from entitlements.models import Account, Override
from entitlements.queries.concessions import Place, place_of
from tests.browser.conftest import as_colleague
from tests.entitlements.world import DAY, GB, account, catalog, policy, subscribed, value
from tests.permissions import SALES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def acme(live_server: Any) -> Account:
    """Acme has Team: 100 GB."""
    call_command("migrate", verbosity=0)  # the flush of the test before took the roles along
    policy()
    sold, since = catalog(), timezone.now() - 9 * DAY
    held_by = account("acme", at=since)
    subscribed(held_by, sold.team, at=since)
    return held_by


def told(page: Any, words: str) -> None:
    page.get_by_text(words).first.wait_for()


def test_beyond_policy_it_is_asked_for_approved_explained_and_ends(signed_in: Any, acme: Account) -> None:
    page, last = signed_in(SALES), timezone.now() + 120 * DAY
    page.goto(reverse("admin:entitlements_account_override", args=["acme"]) + "?feature=storage")
    page.get_by_label("How much").fill("20 GB")
    page.get_by_label("Last day").fill(f"{last:%Y-%m-%d}")
    page.get_by_label("Why").fill("A long migration")
    page.get_by_role("button", name="Show what it becomes").click()
    told(page, "Someone else has to approve it")
    page.get_by_role("button", name="Ask for approval").click()
    page.locator("#overrides").get_by_text("Waiting for approval").wait_for()
    assert value(acme, "storage", timezone.now()) == 100 * GB
    _approve(as_colleague(page))
    page.goto(reverse("admin:desk_account_overrides", args=["acme"]))
    page.locator("#overrides").get_by_text("In force").wait_for()
    told(page, "approved by finance2")
    page.goto(reverse("admin:entitlements_account_explain", args=["acme", "storage"]))
    told(page, "A long migration")
    told(page, "120 GB")
    _when_it_is_over(page, last + 2 * DAY)
    assert not page.faults


def _approve(page: Any) -> None:
    page.goto(reverse("admin:desk_account_overrides", args=["acme"]))
    page.get_by_role("link", name=re.compile("Open the request")).click()
    page.get_by_role("link", name="Approve", exact=True).click()
    page.get_by_role("button", name="Approve").click()
    told(page, "The request was approved.")


def _when_it_is_over(page: Any, then: Any) -> None:
    """The page asked about a later day, and the same by the clock."""
    asked = f"?at={then:%Y-%m-%dT%H:%M:%SZ}"
    page.goto(reverse("admin:desk_account_overrides", args=["acme"]) + asked)
    page.locator("#overrides").get_by_text("Ended: 1").wait_for()
    with time_machine.travel(then, tick=False):
        assert place_of(Override.objects.get(), at=timezone.now()) is Place.ENDED
        assert value(Account.objects.get(key="acme"), "storage", timezone.now()) == 100 * GB
