"""The plans a subscription could change to, and whether each gives more or less than it has."""

from decimal import Decimal

import pytest

from catalog.domain.rollouts import Audience
from entitlements.models import Subscription
from entitlements.queries.life.plan_choices import Compared, plan_choices, plans_on_sale
from tests.catalog.factories import MarketFactory, MarketWindowFactory, PlanFactory
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, publish_plan, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(db: None) -> Catalog:
    return catalog()


def compared(held: Subscription) -> dict[str, Compared]:
    return {choice.plan.key: choice.compared for choice in plan_choices(subscription=held, at=AT)}


def test_each_is_compared_with_what_is_held(sold: Catalog) -> None:
    publish_plan(PlanFactory(key="wide", name="Wide"), {sold.storage: 500 * GB, sold.seats: Decimal(1)})
    held = subscribed(account(), sold.free)
    assert compared(held) == {"free": Compared.HELD, "team": Compared.MORE, "wide": Compared.BOTH}
    other = subscribed(account("other"), sold.team)
    assert compared(other)["free"] is Compared.LESS


def test_another_subscription_of_the_account_plays_no_part(sold: Catalog) -> None:
    acme = account()
    held = subscribed(acme, sold.free)
    subscribed(acme, sold.team)
    assert compared(held)["team"] is Compared.MORE


def test_what_a_publication_to_come_makes_of_a_plan_is_no_trouble(sold: Catalog) -> None:
    held = subscribed(account(), sold.free)
    later = {"at": AT - DAY, "audience": Audience.ON_DATE, "effective_at": AT + DAY}
    publish_plan(sold.team, {sold.storage: 200 * GB}, **later)
    assert compared(held)["team"] is Compared.MORE


def test_only_what_is_sold_in_the_market_is_offered(sold: Catalog) -> None:
    MarketWindowFactory(plan=sold.team, market=MarketFactory())
    acme = account()
    assert set(compared(subscribed(acme, sold.free))) == {"free"}
    assert [choice.plan.key for choice in plans_on_sale(account=acme, at=AT)] == ["free"]


def test_in_words(sold: Catalog) -> None:
    held = subscribed(account(), sold.free)
    assert [choice.words for choice in plan_choices(subscription=held, at=AT)] == [
        "Free: No price yet · what they have now",
        "Team: No price yet · ↑ gives more",
    ]
