"""Selling add-ons and bundles on an account: what changes is seen before the button."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.actions.bundles import sell_bundle
from entitlements.actions.subscriptions import add_item
from entitlements.models import SoldBundle, SubscriptionItem
from journal.domain.actor import SYSTEM
from tests.catalog.factories import (
    MarketFactory,
    MarketWindowFactory,
    PlanPriceFactory,
    PlanTermFactory,
    PlanVersionFactory,
    publish_now,
)
from tests.desk.admin.reading import address
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.shop import Shop, shop_in
from tests.entitlements.world import AT, DAY, account, answer, subscribed, value

pytestmark = pytest.mark.django_db
SELL, BUNDLE = ("add_on_sell", "acme", 1), ("bundle_sell", "acme", 1)
RENEWAL = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def sold(acme: Customer) -> Shop:
    return shop_in(acme.catalog)


def send(desk: Client, where: tuple[Any, ...], step: str = "preview", **given: Any) -> HttpResponse:
    """Fill in the form as it was opened, and press a button."""
    form = desk.get(url(*where), {"bundle": given["bundle"]} if "bundle" in given else {}).context["form"]
    opened = {field.name: field.value() for field in form}
    shown = {name: "" if told is None else told for name, told in opened.items()}
    return desk.post(url(*where), {**shown, **given, "step": step})


def ipv4(acme: Customer, sold: Shop, quantity: int = 3, **more: Any) -> SubscriptionItem:
    return add_item(subscription=acme.subscription, plan=sold.ipv4, quantity=quantity, by=SYSTEM, at=AT - DAY, **more)


def test_each_add_on_says_what_it_costs_and_does(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    said = text_of(sales_desk.get(url(*SELL)))
    assert "IPv4: No price yet; it adds to what the plan gives" in said
    assert "A day begins at midnight in Europe/Amsterdam" in said


def test_first_it_shows_what_it_changes_and_writes_nothing(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    said = text_of(send(sales_desk, SELL, plan=sold.ipv4.pk, quantity="3"))
    assert "3 × IPv4" in said
    assert "Addresses not included 3" in said
    assert SubscriptionItem.objects.count() == 1


def test_then_the_customer_has_it(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    response = send(sales_desk, SELL, "confirm", plan=sold.ipv4.pk, quantity="3", interval="year")
    assert response.url == address("subscriptions") + "#extras"
    assert value(acme.account, "addresses", AT) == 3
    assert SubscriptionItem.objects.get(plan=sold.ipv4).interval == "year"


def test_from_a_day_the_preview_is_of_that_day(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    said = text_of(send(sales_desk, SELL, plan=sold.ipv4.pk, quantity="1", starts_at="2026-03-10"))
    assert "From 10 March 2026 (Amsterdam)" in said
    send(sales_desk, SELL, "confirm", plan=sold.ipv4.pk, quantity="1", starts_at="2026-03-10")
    assert SubscriptionItem.objects.get(plan=sold.ipv4).starts_at == datetime(2026, 3, 9, 23, 0, tzinfo=UTC)


def test_today_is_now(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    send(sales_desk, SELL, "confirm", plan=sold.ipv4.pk, quantity="1", starts_at="2026-03-02")
    assert SubscriptionItem.objects.get(plan=sold.ipv4).starts_at == AT


def test_pressed_twice_it_is_sold_once(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    given = {"plan": sold.ipv4.pk, "quantity": "1", "interval": "month", "starts_at": "", "step": "confirm"}
    given["seen"] = sales_desk.get(url(*SELL)).context["form"]["seen"].value()
    sales_desk.post(url(*SELL), given)
    again = sales_desk.post(url(*SELL), given)
    assert "was changed since you opened this form" in complaints(again)[""][0]
    assert SubscriptionItem.objects.filter(plan=sold.ipv4).count() == 1


def test_going_back_keeps_what_was_typed(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    form = send(sales_desk, SELL, "change", plan=sold.ipv4.pk, quantity="7").context["form"]
    assert form["quantity"].value() == "7"
    assert not form.errors or "quantity" not in form.errors


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"quantity": "0"}, "quantity", "whole number from 1 to 1,000,000"),
        ({"plan": ""}, "plan", "Choose an add-on"),
        ({"starts_at": "2026-03-01"}, "starts_at", "has passed"),
        ({"starts_at": "2999-01-01"}, "starts_at", "can't be meant"),
        ({"interval": "week"}, "interval", "valid choice"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    sales_desk: Client, acme: Customer, sold: Shop, given: dict[str, str], field: str, words: str
) -> None:
    response = send(sales_desk, SELL, **({"plan": sold.ipv4.pk, "quantity": "1"} | given))
    assert response.status_code == 422
    assert words in complaints(response)[field][0]


def test_what_is_not_sold_to_this_customer_is_not_offered(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    MarketWindowFactory(plan=sold.ipv4, market=MarketFactory(name="Asia"))
    assert "IPv4" not in text_of(sales_desk.get(url(*SELL)))
    response = send(sales_desk, SELL, plan=sold.ipv4.pk, quantity="1")
    assert "plan" in complaints(response)


def test_with_nothing_to_sell_it_says_so(sales_desk: Client, acme: Customer) -> None:
    assert "No add-on is on sale in this customer’s market" in text_of(sales_desk.get(url(*SELL)))
    assert "Finance puts one together first" in text_of(sales_desk.get(url(*BUNDLE)))


def test_more_is_shown_and_had_at_once(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    where = ("item_quantity", "acme", ipv4(acme, sold).pk)
    assert "Now 3 × IPv4." in text_of(sales_desk.get(url(*where)))
    said = text_of(send(sales_desk, where, quantity="5", reason="More sites"))
    assert "3 × IPv4 becomes 5 × IPv4" in said
    assert "Addresses 3 5" in said
    send(sales_desk, where, "confirm", quantity="5", reason="More sites")
    assert value(acme.account, "addresses", AT) == 5


def test_fewer_at_the_renewal_is_planned_and_shown(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    where = ("item_quantity", "acme", ipv4(acme, sold).pk)
    given = {"quantity": "1", "timing": "at_renewal", "reason": "Fewer sites"}
    said = text_of(send(sales_desk, where, **given))
    assert "From 20 March 2026 10:00 (Amsterdam)" in said
    assert "Addresses 3 1" in said
    send(sales_desk, where, "confirm", **given)
    assert [value(acme.account, "addresses", at) for at in (AT, RENEWAL)] == [Decimal(3), Decimal(1)]
    assert "1 from 20 March 2026 10:00 (Amsterdam) on" in text_of(sales_desk.get(address("subscriptions")))
    assert "takes the place of that" in text_of(sales_desk.get(url(*where)))


def test_a_planned_change_gives_way_to_a_new_one(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    where = ("item_quantity", "acme", ipv4(acme, sold).pk)
    send(sales_desk, where, "confirm", quantity="1", timing="at_renewal", reason="Fewer")
    said = text_of(send(sales_desk, where, quantity="2", timing="at_renewal", reason="Not so few"))
    assert "Addresses 1 2" in said
    send(sales_desk, where, "confirm", quantity="2", timing="at_renewal", reason="Not so few")
    assert value(acme.account, "addresses", RENEWAL) == 2


def test_an_add_on_is_ended_for_a_reason(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    where = ("item_end", "acme", ipv4(acme, sold).pk)
    assert "Give a reason" in complaints(send(sales_desk, where, "preview", reason=""))["reason"][0]
    assert "Addresses 3 not included" in text_of(send(sales_desk, where, reason="Too dear"))
    send(sales_desk, where, "confirm", reason="Too dear")
    assert value(acme.account, "addresses", AT) is None
    gone = sales_desk.get(url(*where), follow=True)
    assert "has ended already" in gone.content.decode()


def test_three_of_five_are_chosen_seen_and_sold(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    assert "Starter: Any 3 of IPv4, Hipaa_Pack" in text_of(sales_desk.get(url(*BUNDLE)))
    parts = [plan.pk for plan in sold.parts[:3]]
    said = text_of(send(sales_desk, BUNDLE, bundle="starter", add_ons=parts))
    assert "Starter: IPv4, Hipaa_Pack, Drain_Pack" in said
    assert "HIPAA not included on" in said
    send(sales_desk, BUNDLE, "confirm", bundle="starter", add_ons=parts)
    assert answer(acme.account, "drain", AT).granted
    page = text_of(sales_desk.get(address("subscriptions")))
    assert "Bundle Starter" in page
    assert "Hipaa_Pack v1, with bundle Starter" in page


@pytest.mark.parametrize("number", [2, 4])
def test_too_few_or_too_many_is_said_beside_the_parts(
    sales_desk: Client, acme: Customer, sold: Shop, number: int
) -> None:
    response = send(sales_desk, BUNDLE, bundle="starter", add_ons=[plan.pk for plan in sold.parts[:number]])
    assert f"3 of 5 add-ons; {number} chosen" in complaints(response)["add_ons"][0]
    assert not SoldBundle.objects.exists()


def test_a_bundle_that_is_gone_leads_back(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    response = sales_desk.post(url(*BUNDLE), {"bundle": "nothing", "step": "confirm"}, follow=True)
    assert "not on sale any more" in response.content.decode()


@pytest.fixture
def bought(acme: Customer, sold: Shop) -> SoldBundle:
    told = {"subscription": acme.subscription, "bundle": sold.bundle, "add_ons": sold.parts[:3]}
    return sell_bundle(**told, by=SYSTEM, at=AT - DAY)


def test_a_part_is_swapped_for_what_is_left(sales_desk: Client, acme: Customer, sold: Shop, bought: SoldBundle) -> None:
    where = ("bundle_swap", "acme", bought.parts.get(plan=sold.ipv4).pk)
    said = text_of(sales_desk.get(url(*where)))
    assert "Mfa_Pack" in said
    assert "Drain_Pack" not in said.partition("IPv4 goes")[2]  # it is part of the bundle already
    assert "MFA not included on" in text_of(send(sales_desk, where, add_on=sold.parts[4].pk, reason="Needed"))
    send(sales_desk, where, "confirm", add_on=sold.parts[4].pk, reason="Needed")
    assert answer(acme.account, "mfa", AT).granted
    assert value(acme.account, "addresses", AT) is None


def test_what_is_no_part_is_not_swapped(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    response = sales_desk.get(url("bundle_swap", "acme", ipv4(acme, sold).pk), follow=True)
    assert "is not part of a bundle" in response.content.decode()


def test_a_bundle_ends_as_a_whole(sales_desk: Client, acme: Customer, sold: Shop, bought: SoldBundle) -> None:
    where = ("bundle_end", "acme", bought.pk)
    assert "end together: IPv4, Hipaa_Pack, Drain_Pack" in text_of(sales_desk.get(url(*where)))
    assert "HIPAA on not included" in text_of(send(sales_desk, where, reason="Too dear"))
    send(sales_desk, where, "confirm", reason="Too dear")
    assert not any(answer(acme.account, key, AT).granted for key in ("hipaa", "drain"))
    assert "has ended already" in sales_desk.get(url(*where), follow=True).content.decode()


def test_what_belongs_to_another_account_is_not_found(
    sales_desk: Client, acme: Customer, sold: Shop, bought: SoldBundle
) -> None:
    item = ipv4(acme, sold)
    subscribed(account("other"), sold.catalog.team)
    for name, pk in (("item_quantity", item.pk), ("item_end", item.pk), ("bundle_end", bought.pk)):
        assert sales_desk.get(url(name, "other", pk)).status_code == 404
        assert sales_desk.post(url(name, "other", pk), {}).status_code == 404


@pytest.mark.parametrize("role", ["finance", "support", "auditor"])
def test_other_roles_see_and_do_not_sell(
    sign_in: Any, acme: Customer, sold: Shop, bought: SoldBundle, role: str
) -> None:
    desk = sign_in(role)
    page = desk.get(address("subscriptions")).content.decode()
    assert "Bundle Starter" in page
    assert "Sell an add-on" not in page
    for where in (SELL, BUNDLE, ("bundle_end", "acme", bought.pk)):
        assert desk.post(url(*where), {"step": "confirm"}).status_code == 403


def test_the_price_stands_beside_the_add_on(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    draft = PlanVersionFactory(plan=sold.ipv4)
    PlanPriceFactory(version=draft, amount_micros=4_000_000)
    PlanTermFactory(version=draft)
    publish_now(draft, at=AT - 2 * DAY)
    assert "IPv4: $4 a month" in text_of(sales_desk.get(url(*SELL)))
    said = text_of(send(sales_desk, SELL, plan=sold.ipv4.pk, quantity="1"))
    assert "Price $4 a month Paid every month" in said


def test_at_another_moment_nothing_is_sold(sales_desk: Client, acme: Customer, sold: Shop) -> None:
    page = sales_desk.get(address("subscriptions"), {"at": "2026-02-25T10:00"}).content.decode()
    assert "Sell an add-on" not in page
