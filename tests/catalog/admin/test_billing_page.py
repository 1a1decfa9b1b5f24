"""The table of links to the billing system: to read, to fill in, to take along."""

import csv
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import BillingLink
from tests.catalog.factories import (
    BillingLinkFactory,
    FeatureFactory,
    PlanFactory,
    PlanPriceFactory,
    PlanVersionFactory,
)

pytestmark = pytest.mark.django_db

PAGE, CSV = reverse("admin:catalog_billing"), reverse("admin:catalog_billing_csv")


@pytest.fixture
def team(db: None) -> Any:
    """Team costs so much a month and a year, and gives single sign-on."""
    plan = PlanFactory(name="Team")
    version = PlanVersionFactory(plan=plan)
    for interval in ("month", "year"):
        PlanPriceFactory(version=version, interval=interval)
    FeatureFactory(name="SSO")
    return plan


def fill(desk: Client, **given: str) -> Any:
    seen = desk.get(PAGE).context["form"].fields["seen"].initial
    return desk.post(PAGE, {"seen": seen, **given}, follow=True)


def test_every_product_price_and_feature_has_its_row(team: Any, finance_desk: Client) -> None:
    rows = finance_desk.get(PAGE).context["form"].rows
    assert [(row.thing, row.part) for row in rows] == [
        ("Team", "Product"),
        ("Team", "Monthly price in USD"),
        ("Team", "Yearly price in USD"),
        ("SSO", "Feature"),
    ]


def test_what_is_missing_is_counted_and_marked(team: Any, finance_desk: Client) -> None:
    BillingLinkFactory(feature=FeatureFactory())
    page = finance_desk.get(PAGE).content.decode()
    assert "4 of 5 have no id yet" in page
    assert page.count('is-draft">missing') == 4


def test_the_table_is_filled_in_at_once(team: Any, finance_desk: Client) -> None:
    product, month = f"plan-{team.pk}", f"plan-{team.pk}-month-USD"
    page = fill(finance_desk, **{product: "prod_1", month: "price_1", f"{month}-key": "team_monthly"})
    found = dict(BillingLink.objects.values_list("external_id", "lookup_key"))
    assert found == {"prod_1": "", "price_1": "team_monthly"}
    assert "Team, monthly in USD: – → price_1 (team_monthly)" in page.content.decode()


def test_the_same_id_twice_is_told_beside_both_and_nothing_is_saved(team: Any, finance_desk: Client) -> None:
    product, month = f"plan-{team.pk}", f"plan-{team.pk}-month-USD"
    page = fill(finance_desk, **{product: "prod_1", month: "prod_1"})
    assert set(page.context["form"].errors) == {product, month}
    assert not BillingLink.objects.exists()


def test_an_unusual_id_is_pointed_out_and_kept(team: Any, finance_desk: Client) -> None:
    page = fill(finance_desk, **{f"plan-{team.pk}": "price_9"}).content.decode()
    assert "it looks like the id of a price" in page
    assert BillingLink.objects.get().external_id == "price_9"


def test_a_table_that_was_overtaken_is_refused(team: Any, finance_desk: Client) -> None:
    seen = finance_desk.get(PAGE).context["form"].fields["seen"].initial
    BillingLinkFactory(feature=FeatureFactory())
    page = finance_desk.post(PAGE, {"seen": seen, f"plan-{team.pk}": "prod_1"})
    assert "Someone else changed this" in page.content.decode()


def test_each_mode_is_a_table_of_its_own(team: Any, finance_desk: Client) -> None:
    BillingLinkFactory(feature=None, plan=team, external_id="prod_live")
    assert "prod_live" in finance_desk.get(PAGE).content.decode()
    assert "prod_live" not in finance_desk.get(PAGE, {"mode": "test"}).content.decode()


def test_sales_read_the_table_without_inputs_and_can_not_save(team: Any, sign_in: Any) -> None:
    desk = sign_in("sales")
    page = desk.get(PAGE).content.decode()
    assert f'name="plan-{team.pk}"' not in page
    seen = desk.get(PAGE).context["form"].fields["seen"].initial
    assert desk.post(PAGE, {"seen": seen, f"plan-{team.pk}": "prod_1"}).status_code == 403


def test_the_table_is_taken_along_and_starts_no_formula(team: Any, finance_desk: Client) -> None:
    BillingLinkFactory(feature=None, plan=PlanFactory(name="=1+1"), external_id="prod_2")
    response = finance_desk.get(CSV)
    lines = list(csv.reader(response.content.decode("utf-8-sig").splitlines()))
    assert lines[0] == ["Section", "What", "Which", "Id", "Lookup key"]
    assert ["Plans", "'=1+1", "Product", "prod_2", ""] in lines
    assert "billing-links-live.csv" in response["Content-Disposition"]


def test_without_plans_and_features_the_page_says_so(finance_desk: Client) -> None:
    assert "nothing to link yet" in finance_desk.get(PAGE).content.decode()
