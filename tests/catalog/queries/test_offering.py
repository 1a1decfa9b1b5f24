"""What customers of a market read before they buy."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.actions.drafts import open_draft
from catalog.domain.values import TermState
from catalog.models import Market, PlanVersion
from catalog.models.market import MarketUse
from catalog.models.plan import Interval
from catalog.queries.offering import Offering, offering
from catalog.queries.sheet import Show
from journal.domain.actor import SYSTEM
from tests.catalog.factories import (
    AddOnFactory,
    FeatureFactory,
    FeatureGroupFactory,
    MarketFactory,
    MarketWindowFactory,
    PlanPriceFactory,
    PlanTermFactory,
    PlanVersionFactory,
    PriceLineFactory,
    SeatsFactory,
    publish_now,
    published_version,
)
from tests.catalog.page import import_real_page

pytestmark = pytest.mark.django_db


def offered(at: datetime, **asked: Any) -> Offering:
    return offering(at=at, **{"show": Show.PUBLISHED, "market": None, "interval": Interval.MONTH, **asked})


def names(found: Offering) -> list[str]:
    return [one.plan.name for one in found.plans]


def priced(**prices: int | None) -> PlanVersion:
    version = PlanTermFactory().version
    for interval, amount in prices.items():
        PlanPriceFactory(version=version, interval=interval, amount_micros=amount, contact=amount is None)
    return publish_now(version)


def test_a_plan_on_sale_shows_its_price_and_what_it_gives(at: datetime) -> None:
    version = PlanVersionFactory()
    PlanTermFactory(version=version, feature=SeatsFactory(name="Seats"), amount=5)
    PlanPriceFactory(version=version)
    publish_now(version)
    found = offered(at)
    ((group, (row,)),) = found.bands
    assert (found.plans[0].price, group, row.feature.name) == ("$25 a month", row.feature.group, "Seats")
    assert (row.cells[0].state, row.cells[0].words) == (TermState.VALUE, "5")


def test_the_price_follows_the_way_of_paying(at: datetime) -> None:
    priced(month=25_000_000, year=250_000_000)
    assert offered(at).plans[0].price == "$25 a month"
    assert offered(at, interval=Interval.YEAR).plans[0].price == "$250 a year"


def test_a_plan_paid_only_monthly_shows_that_price_to_whoever_asks_for_yearly(at: datetime) -> None:
    priced(month=25_000_000)
    assert offered(at, interval=Interval.YEAR).plans[0].price == "$25 a month"


def test_a_price_by_agreement_is_a_contact(at: datetime) -> None:
    priced(month=None)
    assert offered(at).plans[0].contact


def test_a_draft_is_seen_only_by_whoever_asks_for_drafts(at: datetime) -> None:
    version = published_version(feature=SeatsFactory(), amount=5)
    draft = open_draft(plan=version.plan, by=SYSTEM, at=at)
    assert offered(at).plans[0].version == version
    assert offered(at, show=Show.NEWEST).plans[0].version == draft


def test_a_plan_without_a_published_version_is_not_offered(at: datetime) -> None:
    PlanTermFactory()
    assert offered(at).plans == ()
    assert len(offered(at, show=Show.NEWEST).plans) == 1


def limited(thing: dict[str, Any], use: MarketUse, *, at: datetime) -> Market:
    market = MarketFactory()
    MarketWindowFactory(market=market, use=use, starts_at=at - timedelta(days=1), **{"plan": None, **thing})
    return market


@pytest.mark.parametrize("use", list(MarketUse))
def test_a_plan_limited_to_a_market_is_absent_elsewhere(at: datetime, use: MarketUse) -> None:
    version = published_version()
    market = limited({"plan": version.plan}, use, at=at)
    assert names(offered(at, market=market)) == [version.plan.name]
    assert names(offered(at)) == []
    assert names(offered(at, market=MarketFactory())) == []


@pytest.mark.parametrize("use", list(MarketUse))
def test_a_feature_limited_to_a_market_is_absent_elsewhere(at: datetime, use: MarketUse) -> None:
    feature = FeatureFactory()
    published_version(feature=feature)
    market = limited({"feature": feature}, use, at=at)
    assert len(offered(at, market=market).bands) == 1
    assert offered(at).bands == ()


def test_a_term_for_the_market_and_the_way_of_paying_is_what_they_read(at: datetime) -> None:
    version, seats, market = PlanVersionFactory(), SeatsFactory(), MarketFactory()
    PlanTermFactory(version=version, feature=seats, amount=5)
    PlanTermFactory(version=version, feature=seats, amount=7, market=market, interval="year")
    publish_now(version)

    def seats_of(**asked: Any) -> str:
        return offered(at, **asked).bands[0][1][0].cells[0].words

    assert seats_of() == "5"
    assert seats_of(market=market, interval=Interval.YEAR) == "7"
    assert seats_of(market=market) == "5"


def test_what_a_group_says_reaches_its_features(at: datetime) -> None:
    group = FeatureGroupFactory()
    FeatureFactory(group=group)
    version = PlanVersionFactory()
    PlanTermFactory(version=version, feature=None, group=group)
    publish_now(version)
    assert offered(at).bands[0][1][0].cells[0].yes


def test_an_included_plan_gives_what_it_gives(at: datetime) -> None:
    lower = published_version(feature=SeatsFactory(), amount=5)
    higher = PlanVersionFactory(includes=lower)
    PlanTermFactory(version=higher)
    publish_now(higher)
    row = next(row for _, rows in offered(at).bands for row in rows if row.feature.kind == "capacity")
    assert [cell.words for cell in row.cells] == ["5", "5"]


def test_what_is_sold_as_an_add_on_says_its_price(at: datetime) -> None:
    version = PlanVersionFactory()
    term = PlanTermFactory(version=version, state=TermState.ADD_ON, sold_as=AddOnFactory())
    PriceLineFactory(term=term, note="$10 a month")
    publish_now(version)
    assert offered(at).bands[0][1][0].cells[0].words == "$10 a month"


def test_add_ons_are_told_by_what_they_bring(at: datetime) -> None:
    add_on = AddOnFactory(name="More seats")
    version = PlanVersionFactory(plan=add_on)
    PlanTermFactory(version=version, feature=SeatsFactory(name="Seats"), amount=5)
    PlanTermFactory(version=version, state=TermState.NOT_INCLUDED)
    publish_now(version)
    ((one, given),) = offered(at).add_ons
    assert (one.plan, [str(feature) for feature, _ in given]) == (add_on, ["Seats"])


def test_a_feature_no_plan_speaks_of_has_no_row(at: datetime) -> None:
    published_version()
    FeatureFactory(name="Unheard of")
    assert [str(row.feature) for _, rows in offered(at).bands for row in rows] != ["Unheard of"]
    assert sum(len(rows) for _, rows in offered(at).bands) == 1


def test_the_real_page_takes_as_many_queries_as_a_small_one(at: datetime, django_assert_num_queries: Any) -> None:
    published_version()
    with django_assert_num_queries(12):
        offered(at, show=Show.NEWEST)
    import_real_page(at=at)
    with django_assert_num_queries(12):
        assert len(offered(at, show=Show.NEWEST).plans) == 5
