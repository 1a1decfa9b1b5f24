"""What Stripe told and the desk never heard is found in Stripe's list, and stored as if it had come."""

from datetime import timedelta

import pytest

from entitlements.integrations.stripe.client import API_KEY
from entitlements.integrations.stripe.missed import LATELY, fetch_missed, fetch_missed_of
from entitlements.models import Subscription
from entitlements.tasks import fetch_missed as by_the_clock
from journal.actions.connections import edit, pause
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from journal.models import ConnectionSecret
from tests.entitlements.integrations.stripe.conftest import connected
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def test_what_never_came_is_found_and_taken(shop):
    bought = shop.buy(shop.customer())
    assert fetch_missed(at=AT) == len(shop.arrivals()) > 0
    shop.take()
    assert Subscription.objects.get().billing_id == bought.id


def test_found_again_it_is_stored_once(shop):
    shop.buy(shop.customer())
    fetch_missed(at=AT)
    before = len(shop.arrivals())
    shop.deliver()
    assert fetch_missed(at=AT) == 0
    handled = [row for row in shop.arrivals() if row.state != "set_aside"]
    assert len(handled) == before


def test_they_stand_in_the_order_in_which_they_happened(shop):
    shop.buy(shop.customer())
    fetch_missed(at=AT)
    told = [event["id"] for event in shop.fake.events]
    places = [told.index(row.external_id) for row in shop.arrivals()]
    assert places == sorted(places)


def test_more_than_a_page_is_found(shop):
    customer = shop.customer()
    for number in range(120):
        shop.stripe.v1.customers.update(customer, {"description": str(number)})
    assert fetch_missed(at=AT) >= 120


def test_what_stripe_could_not_deliver_is_found_for_days(shop):
    shop.fake.listen("http://127.0.0.1:9/hooks/x", ("*",))
    shop.buy(shop.customer())
    shop.fake.deliver()
    later = AT + LATELY * 12
    shop.fake.advance(hours=24)
    assert fetch_missed(at=later) > 0


def test_at_night_it_is_all_that_stripe_lists(shop):
    shop.buy(shop.customer())
    shop.fake.advance(days=10)
    later = AT + timedelta(days=10)
    assert fetch_missed(at=later) == 0
    assert fetch_missed(at=later, whole=True) > 0


def test_while_stripe_is_away_nothing_is_lost(shop):
    shop.buy(shop.customer())
    shop.fake.inject("429", next=1, path="/v1/events")
    assert fetch_missed(at=AT) == 0
    with pytest.raises(Later):
        fetch_missed_of(shop.connection, at=AT + timedelta(seconds=1))
    assert fetch_missed(at=AT + timedelta(minutes=15)) > 0


def test_what_is_paused_is_left_alone(shop):
    shop.buy(shop.customer())
    pause(connection=shop.connection, by=SYSTEM, at=AT)
    assert fetch_missed(at=AT) == 0


def test_what_nobody_handles_is_not_fetched(shop):
    shop.stripe.v1.products.update(shop.product, {"name": "Teams"})
    assert fetch_missed(at=AT) == 0


def test_it_stops_when_its_time_is_up_and_goes_on_with_the_next(shop):
    customer = shop.customer()
    for number in range(60):
        shop.stripe.v1.customers.update(customer, {"description": str(number)})
    assert fetch_missed(at=AT, enough=lambda: True) == 50
    assert fetch_missed(at=AT) > 0


def test_the_clock_calls_it(shop):
    shop.buy(shop.customer())
    assert by_the_clock() > 0


def test_a_connection_that_cannot_be_asked_holds_up_no_other(shop, fake):
    """The first one's key is gone, or was refused: what the second one told is found all the same."""
    edit(connection=shop.connection, name="The first", by=SYSTEM, at=AT)
    connected(fake, account="acct_other")
    ConnectionSecret.objects.filter(connection=shop.connection, purpose=API_KEY).delete()
    shop.buy(shop.customer())
    assert fetch_missed(at=AT) > 0
    shop.fake.inject("403", next=1, path="/v1/events")
    assert fetch_missed(at=AT) == 0
