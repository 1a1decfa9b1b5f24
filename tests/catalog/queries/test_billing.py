"""What is linked to the billing system, and what isn't yet."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models.billing import Mode
from catalog.queries.billing import Slot, link_rows, links_token, say_mode
from tests.catalog.factories import (
    AddOnFactory,
    BillingLinkFactory,
    FeatureFactory,
    PlanFactory,
    PlanPriceFactory,
    PlanTermFactory,
    publish_now,
)

pytestmark = pytest.mark.django_db


def parts(mode: Mode = Mode.LIVE) -> list[tuple[str, str]]:
    return [(row.section, row.part) for row in link_rows(mode=mode)]


def test_plans_and_add_ons_are_products_and_features_features() -> None:
    PlanFactory(position=0)
    AddOnFactory(position=1)
    FeatureFactory()
    assert parts() == [("Plans", "Product"), ("Add-ons", "Product"), ("Features", "Feature")]


def test_each_interval_and_currency_with_an_amount_is_a_price_once() -> None:
    plan = PlanFactory()
    for _ in range(2):
        version = PlanTermFactory(version__plan=plan).version
        PlanPriceFactory(version=version, interval="month", currency="EUR")
        PlanPriceFactory(version=version, interval="year", currency="USD")
        publish_now(version)
    found = [part for section, part in parts() if section == "Plans"]
    assert found == ["Product", "Monthly price in EUR", "Yearly price in USD"]


@pytest.mark.parametrize("price", [{"amount_micros": 0}, {"amount_micros": None, "contact": True}])
def test_what_is_free_or_agreed_with_sales_has_no_price_to_link(price: dict[str, object]) -> None:
    PlanPriceFactory(**price)
    assert [part for _section, part in parts()] == ["Product"]


def test_a_link_of_a_price_nobody_has_any_more_is_still_shown() -> None:
    BillingLinkFactory(feature=None, plan=PlanFactory(), interval="month", currency="CHF", external_id="price_1")
    assert [part for _section, part in parts()] == ["Product", "Monthly price in CHF"]


def test_a_row_knows_its_link_and_what_is_missing() -> None:
    link = BillingLinkFactory(feature=FeatureFactory())
    FeatureFactory()
    assert [(row.link, row.missing) for row in link_rows(mode=Mode.LIVE)] == [(link, False), (None, True)]


def test_the_token_tells_any_change_and_the_modes_apart() -> None:
    empty = links_token(mode=Mode.LIVE)
    BillingLinkFactory()
    assert links_token(mode=Mode.LIVE) != empty
    assert links_token(mode=Mode.TEST) == empty


def test_a_slot_is_called_as_its_input() -> None:
    assert Slot(plan_id=3, interval="month", currency="USD").name == "plan-3-month-USD"
    assert (Slot(feature_id=4).name, Slot(feature_id=4).sort) == ("feature-4", "feature")


def test_the_mode_is_said_in_words() -> None:
    assert [say_mode(mode) for mode in Mode] == ["Billing system, live", "Billing system, for trying out"]


def test_the_number_of_reads_does_not_grow() -> None:
    def reads() -> int:
        with CaptureQueriesContext(connection) as counted:
            link_rows(mode=Mode.LIVE)
        return len(counted)

    BillingLinkFactory()
    few = reads()
    for _ in range(4):
        BillingLinkFactory()
        PlanPriceFactory()
    assert reads() == few == 4
