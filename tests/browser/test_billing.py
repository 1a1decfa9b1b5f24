"""The table of links to the billing system in a real browser: filled in at once, with what is wrong beside it."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.models import BillingLink
from config.roles import install
from tests.catalog.factories import FeatureFactory, PlanFactory, PlanVersionFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


def test_the_table_is_filled_in_and_an_id_used_twice_is_told_beside_both(signed_in: Any) -> None:
    install()  # the flush of the test before took the roles along
    PlanVersionFactory(plan=PlanFactory(name="Team"))
    FeatureFactory(name="Single sign-on")
    page = signed_in("finance", width=390)
    page.goto(reverse("admin:catalog_billing"))
    page.get_by_label("Team: Product").fill("prod_1")
    page.get_by_label("Single sign-on: Feature").fill("prod_1")
    page.get_by_role("button", name="Save all of it").click()
    assert page.get_by_text("an id stands for one thing").count() >= 2
    page.get_by_label("Single sign-on: Feature").fill("feat_1")
    page.get_by_role("button", name="Save all of it").click()
    page.get_by_text("Everything is linked.").wait_for()
    assert sorted(BillingLink.objects.values_list("external_id", flat=True)) == ["feat_1", "prod_1"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.faults == []
