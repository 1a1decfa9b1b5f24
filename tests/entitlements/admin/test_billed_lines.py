"""What a connected system bills shows who does, before anybody tries: what is changed there has no button here."""

import pytest
from django.test import Client
from django.urls import reverse

from entitlements.models import BilledSubscription, Subscription
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.filling import send
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.world import AT
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db
CHANGE, CANCEL = (("subscription_" + name, "acme", 1) for name in ("change", "cancel"))


@pytest.fixture
def billed(acme: Customer) -> Subscription:
    """Stripe bills what Acme has."""
    subscription = acme.subscription
    subscription.billed_by, subscription.billing_id = "stripe", "sub_1"
    keep(subscription, deed=begin(by=SYSTEM, at=AT))
    row = {
        "connection": ConnectionFactory(name="Stripe"),
        "billing_id": "sub_1",
        "customer": "cus_1",
        "state": "active",
    }
    BilledSubscription.objects.create(**row, account=acme.account, subscription=subscription, told_at=AT)
    return subscription


def test_the_account_says_who_bills_it_and_offers_what_is_decided_here(
    sales_desk: Client, billed: Subscription
) -> None:
    page = sales_desk.get(reverse("admin:desk_account_subscriptions", args=["acme"]))
    said = text_of(page)
    assert "Stripe bills it: its plan, quantity, payments, pauses and end are changed there" in said
    assert url(*CHANGE) in page.content.decode()
    assert url(*CANCEL) not in page.content.decode()


def test_another_plan_can_only_be_planned_and_the_form_says_why(sales_desk: Client, billed: Subscription) -> None:
    page = sales_desk.get(url(*CHANGE))
    assert "Stripe bills it: a plan for now is changed there" in text_of(page)
    assert 'value="now"' not in page.content.decode()
    assert 'value="at_renewal"' in page.content.decode()


def test_who_tries_all_the_same_reads_where_to_change_it(sales_desk: Client, billed: Subscription) -> None:
    said = text_of(send(sales_desk, CANCEL, "confirm", reason="Too dear"))
    assert "Stripe bills subscription 1, and the desk follows it: change it there" in said
