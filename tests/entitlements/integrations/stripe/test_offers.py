"""What is on sale here is for sale at Stripe: made once, linked, kept as the catalog has it; what people made is left."""

import pytest

from catalog.models import BillingLink
from entitlements.integrations.stripe.push import push_catalog, push_everywhere
from entitlements.models import BillingFinding
from journal.actions.connections import edit
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from tests.catalog.factories import PlanFactory, PlanPriceFactory, PlanVersionFactory, publish_now
from tests.entitlements.world import AT, DAY, term

pytestmark = pytest.mark.django_db
MICROS = 1_000_000


@pytest.fixture
def shop(shop):
    told = shop.connection.settings | {"push_plans": "yes", "push": "yes"}
    shop.connection = edit(connection=shop.connection, settings=told, by=SYSTEM, at=AT)
    return shop


def sells(shop, plan=None, **prices):
    """A plan on sale for so much: month_EUR=25."""
    plan = plan or PlanFactory(key="pro", name="Pro")
    version = PlanVersionFactory(plan=plan)
    keep(term(version, shop.catalog.sso, True), deed=begin(by=SYSTEM, at=AT))
    for named, amount in (prices or {"month_EUR": 25}).items():
        interval, currency = named.split("_")
        sum_ = {"amount_micros": amount * MICROS} if amount is not None else {"amount_micros": None, "contact": True}
        PlanPriceFactory(version=version, interval=interval, currency=currency, **sum_)
    publish_now(version)
    return plan


def prices_of(shop, product):
    listed = shop.stripe.v1.prices.list({"product": product, "active": True, "limit": 100}).data
    return {(one.recurring.interval, one.currency, one.unit_amount) for one in listed}


def linked(plan):
    return {link.interval: link.external_id for link in BillingLink.objects.filter(mode="test", plan=plan)}


def test_a_plan_on_sale_gets_a_product_its_prices_and_their_links(shop):
    plan = sells(shop, month_EUR=25, year_JPY=30_000)
    done = push_catalog(shop.connection, at=AT)
    assert prices_of(shop, "desk_pro") == {("month", "eur", 2500), ("year", "jpy", 30_000)}
    assert set(linked(plan)) == {"", "month", "year"}
    assert done.offered == ["pro: its product", "pro: €25 a month", "pro: JPY 30,000 a year"]


def test_pushed_again_nothing_is_left_to_do(shop):
    sells(shop)
    push_catalog(shop.connection, at=AT)
    asked = [one for one in shop.fake.requests if one.method != "GET"]
    assert push_catalog(shop.connection, at=AT + DAY).nothing
    assert [one for one in shop.fake.requests if one.method != "GET"] == asked


def test_a_price_that_changed_has_another_in_its_place_and_name(shop):
    plan = sells(shop)
    push_catalog(shop.connection, at=AT)
    former = linked(plan)["month"]
    sells(shop, plan, month_EUR=30)
    push_catalog(shop.connection, at=AT + DAY)
    new = shop.stripe.v1.prices.retrieve(linked(plan)["month"])
    assert (new.unit_amount, new.lookup_key) == (3000, "pro_month_eur")
    assert not shop.stripe.v1.prices.retrieve(former).active
    assert prices_of(shop, "desk_pro") == {("month", "eur", 3000)}


def test_who_pays_a_former_price_keeps_the_plan_by_its_product(shop):
    plan = sells(shop)
    push_catalog(shop.connection, at=AT)
    shop.buy(shop.customer(), price=linked(plan)["month"])
    sells(shop, plan, month_EUR=30)
    push_catalog(shop.connection, at=AT)
    shop.deliver()
    assert not BillingFinding.objects.filter(state="open", kind="unlinked").exists()


def test_a_plan_that_is_called_otherwise_is_called_so_there(shop):
    plan = sells(shop)
    push_catalog(shop.connection, at=AT)
    plan.name = "Professional"
    keep(plan, deed=begin(by=SYSTEM, at=AT))
    push_catalog(shop.connection, at=AT)
    assert shop.stripe.v1.products.retrieve("desk_pro").name == "Professional"


def test_what_people_made_and_linked_is_never_changed_and_they_are_told(shop):
    sells(shop, shop.catalog.team)
    before = prices_of(shop, shop.product)
    done = push_catalog(shop.connection, at=AT)
    assert prices_of(shop, shop.product) == before
    assert done.refused["price of team by the month in EUR"].endswith(
        "asks €10 a month, and the catalog says €25 a month."
    )
    assert BillingFinding.objects.get(kind="push", state="open").about == "price of team by the month in EUR"


def test_a_linked_product_that_is_archived_is_told(shop):
    sells(shop, shop.catalog.team)
    shop.stripe.v1.products.update(shop.product, {"active": False})
    done = push_catalog(shop.connection, at=AT)
    assert "is archived there, though Team is on sale" in done.refused["plan team"]


def test_what_is_agreed_with_sales_or_costs_nothing_is_not_offered(shop):
    plan = sells(shop, month_EUR=None, year_EUR=0)
    push_catalog(shop.connection, at=AT)
    assert linked(plan) == {}


@pytest.mark.parametrize("kind", ["429", "500_after"])
@pytest.mark.parametrize("number", range(6))
def test_broken_off_at_any_request_it_is_gone_on_with_and_nothing_is_doubled(shop, kind, number):
    """With 500_after Stripe did what it was asked, and nobody heard of it."""
    plan = sells(shop, month_EUR=25, year_EUR=250)
    if number:
        shop.fake.inject("slow", next=number, seconds=0.0)
    shop.fake.inject(kind, next=1, should_retry=False)
    with pytest.raises(Later):
        push_catalog(shop.connection, at=AT)
    push_catalog(shop.connection, at=AT + DAY)
    assert push_catalog(shop.connection, at=AT + 2 * DAY).nothing
    assert prices_of(shop, "desk_pro") == {("month", "eur", 2500), ("year", "eur", 25_000)}
    assert set(linked(plan)) == {"", "month", "year"}


def test_only_a_connection_that_was_set_up_to_push_plans_does(shop):
    plan = sells(shop)
    told = shop.connection.settings | {"push_plans": "no", "push": "yes"}
    edit(connection=shop.connection, settings=told, by=SYSTEM, at=AT)
    push_everywhere(at=AT)
    assert linked(plan) == {}


@pytest.mark.parametrize("push", ["yes", "no"])
def test_features_are_pushed_only_where_the_connection_says_so_too(shop, push):
    told = shop.connection.settings | {"push": push}
    shop.connection = edit(connection=shop.connection, settings=told, by=SYSTEM, at=AT)
    sells(shop)
    push_everywhere(at=AT)
    assert bool(shop.stripe.v1.entitlements.features.list().data) is (push == "yes")
