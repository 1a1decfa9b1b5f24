"""The worker ends at any statement while features are followed: nothing is lost, and nothing is done twice."""

import itertools
from datetime import timedelta

import pytest
from django.db import connection

from entitlements.actions.identifiers import identify
from entitlements.integrations.stripe.arrivals import FEATURES
from entitlements.models import BilledFeature, BillingFinding, EntitlementChange, Identifier
from entitlements.models.account import IdentifierKind
from journal.actions.deeds import begin
from journal.actions.receiving import LEASE, expire_leases
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.entitlements.integrations.stripe.features import by_billing, carries
from tests.entitlements.world import AT, account
from tests.journal.integrations.test_receiving import Killed, killed_at

PARTS = 4  # so that several processes share the work


def state_of(customer):
    """What is held by it, and what was told of that."""
    account = Identifier.objects.get(system="stripe", value=customer).account
    rows = BilledFeature.objects.filter(customer=customer).order_by("feature__key")
    return (
        list(rows.values_list("feature__key", "ends_at", "account__key")) == [("audit", None, account.key)],
        EntitlementChange.objects.filter(account=account, feature_key="audit").count(),
        AuditEvent.objects.filter(account_key=account.key, verb="account:follow_features").count(),
        BillingFinding.objects.filter(about="feature:theirs").count(),
    )


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.django_db(transaction=True)
def test_killed_at_any_statement_it_is_done_exactly_once(shop, part):
    by_billing("audit")
    carries(shop, "audit", "theirs")
    for number in itertools.count(part, PARTS):
        customer, event = bought_by(shop, number)
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
        assert state_of(customer) == (True, 1, 1, 1), f"killed at statement {number}"
    assert state_of(customer) == (True, 1, 1, 1)
    assert number > 40, "killed in the claim, while following, and in what is written down after it"


def bought_by(shop, number):
    """Somebody whom the desk knows has it by Stripe from now on, and the desk is told of it once."""
    customer = shop.customer(f"ada{number}@acme{number}.example", f"Acme {number}")
    shop.buy(customer)
    told = shop.told()
    [event] = [event for event in told if event["type"] == FEATURES]
    known(customer, number)
    assert shop.post(event) == 200
    return customer, event


def known(customer, number):
    """The account is there already, so that the statements that are killed are those about features."""
    deed = begin(by=SYSTEM, at=AT)
    identify(account(f"acme{number}"), IdentifierKind.EXTERNAL, customer, system="stripe", deed=deed)
