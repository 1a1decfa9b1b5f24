"""Stripe's clock may differ from ours by seconds, and a test clock by months: what it is there, it is here now."""

from datetime import timedelta

import pytest

from entitlements.models import Subscription
from tests.entitlements.integrations.stripe.conftest import only_subscription
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def ahead(shop, **time):
    """Somebody who lives by a test clock that is ahead of us."""
    frozen = int((AT + timedelta(**time)).timestamp())
    clock = shop.stripe.v1.test_helpers.test_clocks.create({"frozen_time": frozen})
    return clock.id, shop.customer(test_clock=clock.id)


def advanced(shop, clock, **time):
    until = int((AT + timedelta(**time)).timestamp())
    shop.stripe.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": until})
    shop.deliver()


@pytest.mark.parametrize("time", [{"seconds": 40}, {"days": 90}])
def test_what_began_in_our_future_is_had_now(shop, time):
    _, customer = ahead(shop, **time)
    shop.buy(customer)
    shop.deliver()
    assert only_subscription().starts_at == AT


def test_what_ended_in_our_future_has_ended_now(shop):
    clock, customer = ahead(shop, days=90)
    bought = shop.buy(customer)
    shop.deliver()
    shop.stripe.v1.subscriptions.update(bought.id, {"cancel_at_period_end": True})
    shop.deliver()
    assert only_subscription().ends_at > AT
    advanced(shop, clock, days=125)
    assert only_subscription().ends_at == AT


def test_a_trial_there_becomes_a_sale_here_with_its_own_clock(shop):
    clock, customer = ahead(shop, days=90)
    shop.buy(customer, trial_period_days=7)
    shop.deliver()
    assert only_subscription().converted_at is None
    advanced(shop, clock, days=98)
    assert Subscription.objects.get().converted_at == AT
