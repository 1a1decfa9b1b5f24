"""What an account is opened with for a customer whom another system knows."""

import pytest

from entitlements.actions.newcomers import country_said, free_key, only_market
from tests.catalog.factories import MarketFactory
from tests.entitlements.world import account

pytestmark = pytest.mark.django_db


def test_a_key_by_the_name_else_by_the_id_that_nobody_has():
    assert free_key("Acme, B.V.", id="c1") == "acme-bv"
    account("acme-bv")
    assert free_key("Acme, B.V.", id="c1") == "acme-bv-2"
    assert free_key("王", id="001_Ab") == "001_ab"
    assert free_key("王", id="___") == "customer"
    assert len(free_key("a" * 300, id="c1")) == 56


def test_a_country_that_is_none_is_left_empty():
    assert (country_said("NL"), country_said("Atlantis"), country_said("")) == ("NL", "", "")


def test_the_only_market_of_a_country():
    dutch = MarketFactory(countries=["NL"])
    MarketFactory(countries=["DE"])
    MarketFactory(countries=["DE", "AT"])
    assert (only_market("NL"), only_market("DE"), only_market("")) == (dutch, None, None)
