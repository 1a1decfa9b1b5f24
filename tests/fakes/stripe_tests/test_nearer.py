"""A person brings a customer's dates nearer and sees what comes of it, while the clock stays everybody's."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from tests.fakes.stripe_tests.conftest import Shop

DAY = 86_400


@pytest.fixture
def portal(shop: Shop) -> str:
    shop.fake.settings.finalize_after = 0
    return str(shop.stripe.v1.billing_portal.sessions.create({"customer": shop.customer}).url)


def push(portal: str, **form: Any) -> str:
    answer = requests.post(portal, data=form, headers={"Connection": "close"}, timeout=10)
    assert answer.status_code == 200
    return answer.text


def item_of(shop: Shop, made: Any) -> Any:
    return shop.now(made)["items"].data[0]


def test_the_renewal_is_now_and_the_next_one_a_whole_month_away(shop: Shop, portal: str) -> None:
    made = shop.subscribed()
    push(portal, deed="nearer", days=0)
    item = item_of(shop, made)
    assert (item.current_period_start, shop.fake.now) == (shop.fake.now, item.current_period_start)
    assert datetime.fromtimestamp(item.current_period_end, UTC) == datetime(2026, 4, 2, 9, tzinfo=UTC)
    assert shop.now(made).latest_invoice.status == "paid"


def test_a_failing_card_is_past_due_now_and_paid_is_active(shop: Shop, portal: str) -> None:
    made = shop.subscribed()
    push(portal, deed="card", card="pm_card_chargeCustomerFail")
    assert "Payment overdue" in push(portal, deed="nearer", days=0)
    push(portal, deed="card", card="pm_card_visa")
    push(portal, deed="pay", invoice=shop.now(made).latest_invoice.id)
    assert shop.now(made).status == "active"


def test_days_later_it_is_tried_again_and_at_last_given_up(shop: Shop, portal: str) -> None:
    made = shop.subscribed()
    push(portal, deed="card", card="pm_card_chargeCustomerFail")
    push(portal, deed="nearer", days=0)
    for _ in range(3):
        push(portal, deed="nearer", days=7)
    assert (shop.now(made).status, shop.now(made).ended_at) == ("canceled", shop.fake.now)


def test_a_downgrade_waits_for_the_period_s_end(shop: Shop, portal: str) -> None:
    made = shop.subscribed(shop.dearer)
    assert "Changes to Team, €10.00 a month on 2 Apr 2026" in push(
        portal, deed="later", subscription=made.id, price=shop.monthly
    )
    assert item_of(shop, made).price.id == shop.dearer
    push(portal, deed="nearer", days=0)
    assert item_of(shop, made).price.id == shop.monthly


def test_what_was_planned_is_called_off_by_a_change_at_once(shop: Shop, portal: str) -> None:
    made = shop.subscribed()
    push(portal, deed="later", subscription=made.id, price=shop.dearer)
    push(portal, deed="price", subscription=made.id, price=shop.yearly)
    assert (shop.now(made).schedule, item_of(shop, made).price.id) == (None, shop.yearly)


def test_a_trial_ends_and_is_paid(shop: Shop, portal: str) -> None:
    made = shop.subscribed(trial_period_days=14)
    push(portal, deed="nearer", days=0)
    assert (shop.now(made).status, shop.now(made).latest_invoice.amount_paid) == ("active", 1000)


def test_cancelled_at_the_period_s_end_it_ends_now(shop: Shop, portal: str) -> None:
    made = shop.subscribed()
    push(portal, deed="cancel", subscription=made.id)
    push(portal, deed="nearer", days=31)
    assert (shop.now(made).status, shop.now(made).ended_at) == ("canceled", shop.fake.now)


def test_others_and_the_catalog_stay_where_they_are(shop: Shop, portal: str) -> None:
    shop.subscribed()
    first = shop.customer
    shop.customer = shop.stripe.v1.customers.create({"name": "Bob"}).id
    shop.card("pm_card_visa")
    other, price = shop.subscribed(), shop.stripe.v1.prices.retrieve(shop.monthly)
    before = item_of(shop, other).current_period_end
    push(portal, deed="nearer", days=7)
    assert first != shop.customer
    assert item_of(shop, other).current_period_end == before
    assert shop.stripe.v1.prices.retrieve(shop.monthly).created == price.created


def test_seats_an_add_on_and_a_pause(shop: Shop, portal: str) -> None:
    made = shop.subscribed()
    extra = shop.stripe.v1.products.create({"name": "Extra", "metadata": {"kind": "add_on"}}).id
    asked = {"product": extra, "currency": "eur", "unit_amount": 5, "recurring": {"interval": "month"}}
    price = shop.stripe.v1.prices.create(asked).id
    push(portal, deed="quantity", subscription=made.id, quantity="3")
    assert "Team + Extra" in push(portal, deed="add", subscription=made.id, price=price)
    assert item_of(shop, made).quantity == 3
    assert "Resume" in push(portal, deed="pause", subscription=made.id)
    assert shop.now(made).status == "paused"
    push(portal, deed="unpause", subscription=made.id)
    assert shop.now(made).status == "active"


@pytest.mark.parametrize("typed", ["", "0", "-1", "1.5", "many", "²"])
def test_a_number_of_seats_that_is_none(shop: Shop, portal: str, typed: str) -> None:
    made = shop.subscribed()
    assert "Enter a whole number" in push(portal, deed="quantity", subscription=made.id, quantity=typed)
    assert item_of(shop, made).quantity == 1


def test_a_trial_and_the_desk_s_account_are_chosen_in_the_shop(shop: Shop) -> None:
    shop.stripe.v1.products.update(shop.product, {"metadata": {"trial_days": "14"}})
    front = requests.get(f"{shop.fake.base}/?account=acme", headers={"Connection": "close"}, timeout=10).text
    assert "for the desk’s account <b>acme</b>" in front
    asked = {"price": shop.monthly, "days": "14", "account": "acme"}
    assert "Start the trial" in push(f"{shop.fake.base}/demo/buy", **asked)
    (session,) = shop.stripe.v1.checkout.sessions.list().data
    assert (session.client_reference_id, session.amount_total) == ("acme", 0)


def test_after_the_purchase_the_way_leads_on_to_the_desk(shop: Shop) -> None:
    shop.fake.settings.desk = "http://127.0.0.1:1"
    checkout = requests.post(
        f"{shop.fake.base}/demo/buy", data={"price": shop.monthly}, headers={"Connection": "close"}, timeout=10
    )
    thanks = push(checkout.url, card="pay", email="eve@example.com")
    assert re.search(r"http://127\.0\.0\.1:1/admin/entitlements/account/\?q=cus_\w+", thanks)
