"""Who is on which version in a real browser: kept on it, let go, a version taken off sale, two of anything compared."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse

from catalog.domain.rollouts import Audience
from catalog.models import PlanVersion
from config.roles import install
from entitlements.actions.holds import lasts
from entitlements.models import Account, SubscriptionItem
from tests.catalog.factories import publish_now
from tests.entitlements.publishing import a_draft
from tests.entitlements.world import DAY, GB, Catalog, account, catalog, subscribed, value

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def sold(live_server: Any) -> Catalog:
    install()  # the flush of the test before took the roles along
    return catalog()


@pytest.fixture
def acme(sold: Catalog) -> Account:
    """Acme bought Team v1, before everybody got 200 GB by v2 with less seats; it is held by nothing."""
    now = datetime.now(UTC)
    found = account("acme", at=now - 20 * DAY)
    subscribed(found, sold.team, at=now - 19 * DAY)
    draft = a_draft(sold, at=now - 2 * DAY, storage=200 * GB, seats=5)
    publish_now(draft, at=now - DAY, audience=Audience.NEW_CUSTOMERS)
    return found


def holders_of_team(page: Any) -> None:
    page.goto(reverse("admin:entitlements_grandfathering_plans"))
    page.get_by_role("link", name="Team").click()
    page.get_by_role("link", name="1 account").click()


def test_a_customer_is_kept_on_a_version_and_let_go_again(signed_in: Any, acme: Account) -> None:
    page = signed_in("finance")
    holders_of_team(page)
    page.get_by_role("link", name="Keep on it…").click()
    page.get_by_label("Through").fill("2099-03-31")
    page.get_by_label("Why").fill("The contract runs")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Acme keeps Team v1 through 31 March 2099 (Amsterdam).").wait_for()
    holders_of_team(page)
    page.get_by_role("link", name="Let follow…").click()
    page.get_by_label("Why").fill("They agreed")
    page.get_by_role("button", name="Let them follow").click()
    page.get_by_text("Acme has Team v1 from now on.").wait_for()
    assert not lasts(SubscriptionItem.objects.get(), at=datetime.now(UTC))
    assert page.faults == []


def test_everybody_is_moved_from_the_list_of_versions(signed_in: Any, sold: Catalog, acme: Account) -> None:
    page = signed_in("finance", width=390)
    page.goto(reverse("admin:entitlements_grandfathering", args=[sold.team.pk]))
    page.get_by_role("link", name="Move customers to Team v2…").click()
    page.get_by_role("link", name="Go on: who gets it").click()
    page.get_by_role("radio", name="Everybody, now").check()
    page.get_by_role("button", name="Go on: check and move them").click()
    page.get_by_text("Seats: 10 → 5").wait_for()
    page.get_by_text("a second person has to approve it").wait_for()
    assert value(acme, "seats", datetime.now(UTC)) == 10
    assert page.faults == []


def test_a_version_is_taken_off_sale_and_whoever_has_it_keeps_it(signed_in: Any, sold: Catalog, acme: Account) -> None:
    page = signed_in("finance")
    version = sold.team.versions.get(number=1)
    page.goto(reverse("admin:catalog_planversion_change", args=[version.pk]))
    page.get_by_role("link", name="Take it off sale").click()
    page.get_by_text("1 account").wait_for()
    page.get_by_label("Why").fill("Nobody asks for it")
    page.get_by_role("button", name="Take Team v1 off sale").click()
    page.get_by_text("Team v1 is off sale. Whoever has it keeps it.").wait_for()
    assert PlanVersion.objects.get(pk=version.pk).state == "retired"
    assert value(acme, "seats", datetime.now(UTC)) == 10
    assert page.faults == []


def test_two_versions_stand_side_by_side(signed_in: Any, sold: Catalog, acme: Account) -> None:
    page = signed_in("finance")
    page.goto(reverse("admin:catalog_planversion_change", args=[sold.team.versions.get(number=2).pk]))
    page.get_by_role("link", name="Compare with another version").click()
    page.get_by_label("This version").select_option(label="Team v1 · Earlier version")
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_role("row", name="Seats").inner_text().split() == ["Seats", "10", "5", "Worse"]
    page.get_by_role("link", name="The other way round").click()
    page.get_by_role("row", name="Seats").get_by_text("Better").wait_for()
    with page.expect_download() as file:
        page.get_by_role("link", name="Download as CSV").click()
    assert file.value.suggested_filename == "team-v2-team-v1.csv"
    assert page.faults == []


def test_two_customers_stand_side_by_side(signed_in: Any, sold: Catalog, acme: Account) -> None:
    subscribed(account("bravo", at=datetime.now(UTC) - DAY / 2), sold.team, at=datetime.now(UTC) - DAY / 2)
    page = signed_in("sales", width=390, dark=True)
    page.goto(reverse("admin:entitlements_compare"))
    page.get_by_label("One account").fill("acme")
    page.get_by_label("The other").fill("Bravo")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What differs (2)").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.faults == []
