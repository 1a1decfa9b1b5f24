"""What a price stands for: by its own link, by its product's, by the name it is found by."""

from dataclasses import replace

import pytest

from entitlements.domain.billed.steps import Sold
from entitlements.queries.billed.links import sold_of
from tests.entitlements.billing import linked, says, shop
from tests.entitlements.domain.billed.told import comes, item

pytestmark = pytest.mark.django_db


def test_the_price_itself_says_it_with_its_interval() -> None:
    shop()
    said = says(replace(item("team_yearly"), interval="month"), item("extra", id="si_2"))
    assert sold_of(said) == {
        "price_team_yearly": Sold("team", "year", is_add_on=False),
        "price_extra": Sold("extra", "month", is_add_on=True),
    }


def test_else_its_product_paid_in_the_interval_of_the_price() -> None:
    linked(shop().pro, external_id="prod_other")
    said = says(replace(item("other"), interval="year"), replace(item("odd"), product="prod_other", interval=""))
    assert sold_of(said) == {"price_other": Sold("pro", "year", False), "price_odd": Sold("pro", "", False)}


def test_else_the_name_it_is_found_by() -> None:
    linked(shop().pro, interval="year", external_id="price_9", lookup_key="pro_by_the_year")
    assert sold_of(says(replace(item("other"), lookup_key="pro_by_the_year"))) == {
        "price_other": Sold("pro", "year", is_add_on=False)
    }


def test_what_is_only_to_come_is_looked_up_too() -> None:
    shop()
    assert set(sold_of(says(item(), comes=(comes(3, item("pro")),)))) == {"price_team", "price_pro"}


def test_live_and_for_trying_out_never_meet() -> None:
    shop()
    assert sold_of(says(live=True)) == {}


def test_an_empty_name_finds_nothing() -> None:
    shop()
    assert sold_of(says(replace(item("mystery"), lookup_key=""))) == {}
