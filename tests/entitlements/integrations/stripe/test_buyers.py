"""Who pays for use beyond what is included, where several customers or subscriptions at Stripe are one account's."""

from datetime import timedelta

import pytest

from catalog.domain.values import Enforcement, Reset
from entitlements.actions.merging import ask_to_merge
from entitlements.domain.billed.told import BilledState
from entitlements.domain.usage.operations import Act
from entitlements.models import BilledSubscription
from journal.actions import approvals
from journal.models import Outbound
from tests.conftest import actor
from tests.entitlements.integrations.stripe.test_meters import go, metered
from tests.entitlements.using import metered_feature, plan_of, use
from tests.entitlements.world import AT, DAY, account, subscribed

pytestmark = pytest.mark.django_db


def calls_of(shop):
    metered(shop, "calls")
    return metered_feature("calls", "API calls", Reset.MONTH)


def pro(calls):
    return plan_of(calls, 100, "pro", prices=[(1_000_000, 1)], enforcement=Enforcement.TRACK)


def billed(shop, buyer, customer, number, *, state=BilledState.ACTIVE, began=AT - DAY, told=AT, **more):
    BilledSubscription.objects.create(
        connection=shop.connection, billing_id=f"sub_{number}", customer=customer, account=buyer, state=state,
        told_at=told, told={"began_at": began.isoformat()}, **more,
    )  # fmt: skip


def customers():
    return [row.payload["payload"]["stripe_customer_id"] for row in Outbound.objects.filter(kind="billing")]


def test_whose_subscription_has_ended_pays_no_more_though_it_was_told_of_last(shop):
    calls, acme = calls_of(shop), account("acme", zone="UTC")
    subscribed(acme, pro(calls))
    former, now = shop.customer("old@acme.example"), shop.customer("new@acme.example")
    billed(shop, acme, now, 2, told=AT - timedelta(hours=1))
    billed(shop, acme, former, 1, state=BilledState.ENDED)
    use(acme, calls, 130)
    assert go() == 1
    assert customers() == [now]


def test_a_customer_pays_since_the_first_of_their_subscriptions_whatever_was_told_between(shop):
    calls, acme = calls_of(shop), account("acme", zone="UTC")
    subscribed(acme, pro(calls))
    ada, ben = shop.customer("ada@acme.example"), shop.customer("ben@acme.example")
    billed(shop, acme, ada, 1, told=AT - timedelta(minutes=3))
    billed(shop, acme, ben, 2, told=AT - timedelta(minutes=2))
    billed(shop, acme, ada, 3, told=AT - timedelta(minutes=1), began=AT)
    use(acme, calls, 130, act=Act.REPORT, at=AT - timedelta(hours=1), now=AT)
    assert go() == 1
    assert customers() == [ada]


def test_what_moved_in_a_merge_is_paid_for_by_the_same_customer(shop):
    calls, acme, twin = calls_of(shop), account("acme", zone="UTC"), account("twin", zone="UTC")
    customer = shop.customer()
    billed(shop, twin, customer, 1, subscription=subscribed(twin, pro(calls)))
    asked = ask_to_merge(duplicate=twin, into=acme, reason="One", by=actor("sales"), at=AT)
    approvals.approve(approval=asked, by=actor("finance"), at=AT)
    use(acme, calls, 130)
    assert go() == 1
    assert customers() == [customer]
