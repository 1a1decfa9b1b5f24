"""The worker ends at any statement of the handler: nothing is lost, and nothing is done twice."""

import itertools
from datetime import timedelta

import pytest
from django.db import connection

from entitlements.models import Account, BilledSubscription, Subscription, SubscriptionItem
from journal.actions.receiving import LEASE, expire_leases
from journal.models import Outbound
from tests.entitlements.world import AT
from tests.journal.integrations.test_receiving import Killed, killed_at

PARTS = 4  # so that several processes share the work


def state_of(billing_id):
    """What is held of it, as far as somebody could tell."""
    return (
        Account.objects.filter(billed__billing_id=billing_id).count(),
        list(Subscription.objects.filter(billing_id=billing_id).values_list("number", "ends_at")),
        list(SubscriptionItem.objects.filter(subscription__billing_id=billing_id).values_list("quantity", "ends_at")),
        list(BilledSubscription.objects.filter(billing_id=billing_id).values_list("state", flat=True)),
        Outbound.objects.filter(payload__subscription=billing_id).count(),
    )


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.django_db(transaction=True)
def test_killed_at_any_statement_it_is_done_exactly_once(shop, part):
    whole = (1, [(1, None)], [(1, None)], ["active"], 0)
    for number in itertools.count(part, PARTS):
        bought, event = bought_by(shop, number)
        try:
            with connection.execute_wrapper(killed_at(number)):
                shop.take()
            break
        except Killed:
            pass
        after = AT + LEASE + timedelta(seconds=1)
        expire_leases(at=after)
        shop.take(after)
        assert [row.state for row in shop.arrivals(external_id=event["id"])] == ["done"], number
        assert state_of(bought.id) == whole, f"killed at statement {number}"
    assert state_of(bought.id) == whole
    assert number > 100, "killed in the claim, while following, and in what is written down after it"


def bought_by(shop, number):
    """Somebody new buys, and the desk is told of it once."""
    bought = shop.buy(shop.customer(f"ada{number}@acme{number}.example", f"Acme {number}"))
    [event] = [event for event in shop.told() if event["type"] == "customer.subscription.created"]
    assert shop.post(event) == 200
    return bought, event
