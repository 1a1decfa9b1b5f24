"""The price page as customers would read it."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from catalog.domain.values import TermState
from catalog.models.market import MarketUse
from tests.catalog.factories import MarketFactory, MarketWindowFactory, PlanTermFactory, published_version
from tests.catalog.page import import_real_page

pytestmark = pytest.mark.django_db


def page(client: Client, **query: str) -> str:
    response = client.get(reverse("admin:catalog_offer"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_real_page_reads_as_a_price_page(support_desk: Client, at: datetime) -> None:
    import_real_page(at=at)
    shown = page(support_desk, show="newest")
    for words in ("$25 a month", "Contact us", "8 GB, then $0.125 per GB", "Add-on", "✓", "Coming soon"):
        assert words in shown
    assert "Draft" in shown


def test_nothing_on_sale_says_what_to_do(support_desk: Client) -> None:
    PlanTermFactory()
    assert "Publish a plan" in page(support_desk)


def test_a_market_sees_what_is_sold_there(support_desk: Client) -> None:
    version = published_version()
    market = MarketFactory(key="eu", name="Europe")
    MarketWindowFactory(market=market, plan=version.plan, use=MarketUse.SOLD)
    assert str(version.plan) in page(support_desk, market="eu")


def test_what_the_address_asks_wrongly_is_read_as_usual(support_desk: Client) -> None:
    published_version()
    assert page(support_desk, market="atlantis", interval="decade", show="everything")


def test_words_of_a_page_can_not_become_markup(support_desk: Client) -> None:
    PlanTermFactory(state=TermState.UNSETTLED, source_text="<b>soon</b>")
    assert "<b>soon" not in page(support_desk, show="newest")
