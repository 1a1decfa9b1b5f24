"""Launching and withdrawing in a real browser, by keyboard and without a script."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.models import MarketWindow
from config.roles import install
from journal.models import Approval
from tests.browser.conftest import as_colleague
from tests.catalog.factories import FeatureFactory, MarketFactory, published_version

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def europe(live_server: Any) -> Any:
    install()  # the flush of the test before took the roles along
    return MarketFactory(key="europe", name="Europe")


def test_a_feature_is_launched_by_keyboard(signed_in: Any, europe: Any) -> None:
    feature = FeatureFactory(name="Assistant")
    page = signed_in("finance")
    page.goto(f"{reverse('admin:catalog_launch')}?market={europe.pk}&thing=feature-{feature.pk}")
    page.get_by_label("From the start of").fill("2030-06-01")
    page.get_by_label("Why").fill("The launch of the year")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Nobody has it yet").first.wait_for()
    page.get_by_role("button", name="Set it").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Nobody has to be awake when it happens").wait_for()
    assert MarketWindow.objects.filter(feature=feature, market=europe).count() == 2
    assert page.faults == []


def test_taking_a_plan_away_waits_for_a_second_person(signed_in: Any, europe: Any) -> None:
    plan = published_version().plan
    page = signed_in("finance", width=390)
    page.goto(f"{reverse('admin:catalog_launch')}?market={europe.pk}&thing=plan-{plan.pk}&use=provided")
    page.get_by_label("Why").fill("A law")
    page.get_by_role("button", name="See what it does").click()
    page.get_by_text("This takes something away").wait_for()
    page.get_by_role("button", name="Ask for approval").click()
    page.get_by_text("A change waits for a second person").wait_for()
    assert Approval.objects.get().kind == "market_withdrawal"
    assert not MarketWindow.objects.exists()


def test_a_second_person_approves_what_a_launch_takes_away(signed_in: Any, europe: Any) -> None:
    plan = published_version().plan
    page = signed_in("finance")
    page.goto(f"{reverse('admin:catalog_launch')}?market={europe.pk}&thing=plan-{plan.pk}&use=provided")
    page.get_by_label("Why").fill("A law")
    page.get_by_role("button", name="See what it does").click()
    page.get_by_role("button", name="Ask for approval").click()
    page.get_by_text("A change waits for a second person").wait_for()
    colleague = as_colleague(signed_in("finance"))
    colleague.goto(reverse("admin:catalog_availability", args=[f"plan-{plan.pk}"]))
    colleague.get_by_role("link", name="Look at the request").click()
    colleague.get_by_role("link", name="Approve").click()
    colleague.get_by_role("button", name="Approve").click()
    colleague.get_by_text("Approved").first.wait_for()
    assert MarketWindow.objects.get().market == europe
    assert colleague.faults == []
