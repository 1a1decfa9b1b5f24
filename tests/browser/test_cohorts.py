"""A cohort moved later, in a real browser: chosen, made, given a version that exists; nobody else moves."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse

from catalog.domain.rollouts import Audience
from config.roles import install
from entitlements.models import Account
from tests.catalog.factories import publish_now
from tests.entitlements.publishing import a_draft
from tests.entitlements.world import DAY, GB, Catalog, account, catalog, subscribed, value

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def sold(live_server: Any) -> Catalog:
    """Acme and Bravo have Team v1; v2 with 200 GB went to new customers only."""
    install()  # the flush of the test before took the roles along
    now, made = datetime.now(UTC), catalog()
    for key in ("acme", "bravo"):
        subscribed(account(key, at=now - 20 * DAY), made.team, at=now - 19 * DAY)
    publish_now(a_draft(made, at=now - 2 * DAY, storage=200 * GB), at=now - DAY, audience=Audience.NEW_CUSTOMERS)
    return made


def make_cohort(page: Any, name: str, keys: str) -> None:
    page.goto(reverse("admin:entitlements_cohort_changelist"))
    page.get_by_role("link", name="Make a cohort").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Accounts, as a list").fill(keys)
    page.get_by_role("button", name="Show who is in it").click()
    page.get_by_role("heading", name=f"{name}: 1 account").wait_for()
    page.get_by_role("button", name="Make the cohort").click()
    page.get_by_text("Nobody joins or leaves it any more.").first.wait_for()


def test_a_cohort_is_moved_later_and_nobody_else(signed_in: Any, sold: Catalog) -> None:
    page = signed_in("finance")
    make_cohort(page, "Early birds", "acme")
    page.goto(reverse("admin:entitlements_grandfathering", args=[sold.team.pk]))
    page.get_by_role("link", name="Move customers to Team v2…").click()
    page.get_by_role("link", name="Go on: who gets it").click()
    page.get_by_role("radio", name="A cohort: accounts you choose").check()
    page.get_by_label("Which cohort").select_option(label="Early birds")
    page.get_by_role("button", name="Go on: check and move them").click()
    page.get_by_text("1 account: 1 gains.").wait_for()
    page.get_by_label("Why").fill("They asked for it")
    page.get_by_role("button", name="Move them to Team v2").click()
    page.get_by_role("heading", name="Early birds").wait_for()
    now = datetime.now(UTC)
    assert [value(one, "storage", now) for one in Account.objects.order_by("key")] == [200 * GB, 100 * GB]
    page.goto(reverse("admin:entitlements_version_holders", args=[sold.team.versions.get(number=2).pk]))
    page.get_by_text("moved to it with the cohort Early birds").wait_for()
    assert page.faults == []
