"""A worker may be slower than its lease, so that another takes the same arrival: twice ends in the same as once."""

from datetime import timedelta

import pytest

from entitlements.integrations.stripe import arrivals, following
from entitlements.models import BilledSubscription, Subscription
from journal.actions.receiving import LEASE, claim_next, expire_leases, mark_done
from journal.domain.receiving import Later
from journal.models import AuditEvent
from tests.entitlements.integrations.stripe.conftest import now

pytestmark = pytest.mark.django_db


def arrived(shop, *types):
    for event in shop.told():
        if event["type"] in types:
            assert shop.post(event) == 200


def test_taken_again_while_the_first_is_still_at_it(shop, clock):
    shop.buy(shop.customer())
    arrived(shop, "customer.subscription.created")
    slow = claim_next(at=now())
    clock.shift(LEASE + timedelta(seconds=1))
    expire_leases(at=now())
    shop.take()
    outcome = arrivals.take(slow)
    assert not mark_done(slow, outcome, took_ms=0, at=now())
    assert outcome.words == "Nothing differed"
    assert [row.state for row in shop.arrivals()] == ["done"]
    assert AuditEvent.objects.filter(verb="subscription:start").count() == Subscription.objects.count() == 1


def test_many_subscriptions_go_on_where_the_last_try_broke_off(shop, clock, monkeypatch):
    customer = shop.customer()
    for _ in range(4):
        shop.buy(customer)
    shop.stripe.v1.customers.update(customer, {"name": "Acme"})
    arrived(shop, "customer.updated")
    row = claim_next(at=now())
    ticks = iter([0.0, 1.0, 2.0, following.LONGEST + 1])
    monkeypatch.setattr(following, "monotonic", lambda: next(ticks))
    with pytest.raises(Later, match="more to look at"):
        arrivals.take(row)
    assert BilledSubscription.objects.exclude(told={}).count() == 2
    monkeypatch.setattr(following, "monotonic", lambda: 0.0)
    before = len(shop.fake.requests)
    arrivals.take(row)
    assert Subscription.objects.count() == 4
    asked = [one.path for one in shop.fake.requests[before:] if one.path.startswith("/v1/subscriptions/sub_")]
    assert len(asked) == 2
