"""Starting a subscription: the plan, how it begins, what the customer will have; then the button."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.models import Account, Subscription, SubscriptionPhase
from tests.catalog.factories import (
    MarketFactory,
    MarketWindowFactory,
    PlanPriceFactory,
    PlanTermFactory,
    PlanVersionFactory,
    publish_now,
)
from tests.entitlements.admin import filling
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import AT, DAY, GB, Catalog, account, answer, catalog, policy, publish_plan, value

pytestmark = pytest.mark.django_db
START = ("subscription_start", "new")


@pytest.fixture
def sold(db: None) -> Catalog:
    policy()
    return catalog()


@pytest.fixture
def new(sold: Catalog) -> Account:
    return account("new", country="NL")


def send(desk: Client, step: str = "preview", *, plan: str = "team", **given: Any) -> HttpResponse:
    return filling.send(desk, START, step, asked={"plan": plan}, plan=plan, **given)


def test_first_a_plan_is_chosen(sales_desk: Client, new: Account) -> None:
    said = text_of(sales_desk.get(url(*START)))
    assert "Free: No price yet · no trial" in said
    assert "Team: No price yet · no trial" in said
    assert "Go on" in said


def test_what_they_will_have_is_shown_and_nothing_is_written(sales_desk: Client, new: Account) -> None:
    said = text_of(send(sales_desk, begins_as="sale"))
    assert "Team is started From now" in said
    assert "Storage not included 100 GB more" in said
    assert not Subscription.objects.exists()


def test_then_they_have_it(sales_desk: Client, new: Account) -> None:
    send(sales_desk, "confirm", begins_as="sale", quantity="2", interval="year")
    item = Subscription.objects.get().items.get()
    assert (item.quantity, item.interval) == (2, "year")
    assert value(new, "storage", AT) == 100 * GB


def test_from_a_day_to_come_it_is_told_as_of_that_day(sales_desk: Client, new: Account) -> None:
    said = text_of(send(sales_desk, begins_as="sale", starts_at="2026-03-10"))
    assert "From 10 March 2026 (Amsterdam) on" in said
    send(sales_desk, "confirm", begins_as="sale", starts_at="2026-03-10")
    assert Subscription.objects.get().starts_at == datetime(2026, 3, 9, 23, 0, tzinfo=UTC)
    assert not answer(new, "storage", AT).granted


def test_the_days_of_trial_are_the_versions_own(sales_desk: Client, sold: Catalog, new: Account) -> None:
    publish_plan(sold.team, {sold.storage: 100 * GB}, at=AT - DAY, trial_days=14, after_trial=sold.free)
    form = sales_desk.get(url(*START), {"plan": "team"}).context["form"]
    assert (form["trial_days"].value(), form["begins_as"].value()) == (14, "trial")
    said = text_of(send(sales_desk))
    assert "Trial until 16 Mar 2026 10:00 (Amsterdam), for 14 days" in said
    assert "Storage not included 1 GB more" in said.partition("on, if nobody converts it")[2]
    send(sales_desk, "confirm")
    assert value(new, "storage", AT + 14 * DAY) == 1 * GB


def test_with_a_card_it_becomes_a_sale_by_itself(sales_desk: Client, new: Account) -> None:
    said = text_of(send(sales_desk, begins_as="card", trial_days="14"))
    assert "It becomes a sale by itself and goes on." in said
    send(sales_desk, "confirm", begins_as="card", trial_days="14")
    assert SubscriptionPhase.objects.get().with_card
    assert value(new, "storage", AT + 15 * DAY) == 100 * GB


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"begins_as": "trial", "trial_days": ""}, "trial_days", "Say how many days"),
        ({"begins_as": "trial", "trial_days": "365", "step": "confirm"}, "trial_days", "more than you may give alone"),
        ({"begins_as": "trial", "trial_days": "0"}, "trial_days", "whole number from 1 to 365"),
        ({"quantity": "0"}, "quantity", "whole number from 1 to 1,000,000"),
        ({"starts_at": "2026-03-01"}, "starts_at", "has passed"),
        ({"interval": "week"}, "interval", "valid choice"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    sales_desk: Client, new: Account, given: dict[str, str], field: str, words: str
) -> None:
    response = send(sales_desk, given.pop("step", "preview"), **given)
    assert response.status_code == 422
    assert words in complaints(response)[field][0]
    assert not Subscription.objects.exists()


def test_what_is_not_sold_there_is_not_offered(sales_desk: Client, sold: Catalog, new: Account) -> None:
    MarketWindowFactory(plan=sold.team, market=MarketFactory())
    assert "Team" not in text_of(sales_desk.get(url(*START)))
    response = sales_desk.post(url(*START), {"plan": "team", "step": "confirm"})
    assert "Go on" in text_of(response)
    assert not Subscription.objects.exists()


def test_pressed_twice_it_is_started_once(sales_desk: Client, new: Account) -> None:
    given = {**filling.opened(sales_desk, START, plan="team"), "begins_as": "sale", "step": "confirm"}
    sales_desk.post(url(*START), given)
    assert "was changed since you opened this form" in complaints(sales_desk.post(url(*START), given))[""][0]
    assert Subscription.objects.count() == 1


def test_the_price_stands_beside_the_plan(sales_desk: Client, sold: Catalog, new: Account) -> None:
    draft = PlanVersionFactory(plan=sold.team)
    PlanPriceFactory(version=draft, amount_micros=25_000_000)
    PlanTermFactory(version=draft)
    publish_now(draft, at=AT - DAY)
    assert "Team: $25 a month" in text_of(sales_desk.get(url(*START)))


@pytest.mark.parametrize("role", ["finance", "support", "auditor"])
def test_other_roles_start_nothing(sign_in: Any, acme: Customer, role: str) -> None:
    assert sign_in(role).get(url("subscription_start", "acme")).status_code == 403
