"""A purchase at Stripe of a plan that licences come with: one key, sent once; asleep while nothing is paid for."""

from datetime import timedelta

import pytest

from entitlements.models import Licence
from entitlements.queries.licences import standing_now
from journal.integrations.delivery import deliver
from journal.models import Notice
from tests.entitlements.integrations.stripe.conftest import now, only_account, only_subscription
from tests.entitlements.licensing import policy_of
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def licensed(shop):
    policy_of(shop.catalog.team, at=AT - DAY)


def paid_checkout(shop):
    session = shop.stripe.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": shop.monthly, "quantity": 1}],
            "success_url": "http://127.0.0.1/done",
        }
    )
    shop.fake.pay(session, email="ada@acme.example")
    return shop.told()


def code():
    return str(standing_now(Licence.objects.get(), now()).code)


def test_a_checkout_that_is_paid_issues_one_key_and_sends_it_once(shop, mailoutbox):
    told = paid_checkout(shop)
    for event in told * 3:
        assert shop.post(event) == 200
        shop.take()
    deliver(clock=now, jitter=lambda: 0.0)
    row = Licence.objects.get()
    assert (row.account, row.subscription) == (only_account(), only_subscription())
    (mail,) = [one for one in mailoutbox if "licence key" in one.subject]
    assert mail.to == ["ada@acme.example"]
    assert f"el_{row.prefix}_" in mail.body
    assert Notice.objects.filter(kind="licence_key").count() == 1


def test_the_key_stands_nowhere(shop, mailoutbox):
    for event in paid_checkout(shop):
        shop.post(event)
    shop.take()
    deliver(clock=now, jitter=lambda: 0.0)
    (mail,) = [one for one in mailoutbox if "licence key" in one.subject]
    key = next(word for word in mail.body.split() if word.startswith("el_"))
    secret = key.rsplit("_", 1)[1]
    assert not Notice.objects.filter(body__contains=secret).exists()


def test_cancelled_it_is_good_for_nothing(shop):
    bought = shop.buy(shop.customer())
    shop.deliver()
    assert code() == "ok"
    shop.stripe.v1.subscriptions.cancel(bought.id)
    shop.deliver()
    assert code() == "subscription_over"


def test_cancelled_with_its_period_it_is_good_until_then_and_goes_on_when_that_is_taken_back(shop, clock):
    bought = shop.buy(shop.customer())
    shop.deliver()
    shop.stripe.v1.subscriptions.update(bought.id, {"cancel_at_period_end": True})
    shop.deliver()
    assert code() == "ok"
    shop.stripe.v1.subscriptions.update(bought.id, {"cancel_at_period_end": False})
    shop.deliver()
    shop.fake.advance(days=32)
    clock.shift(32 * DAY)
    shop.deliver()
    assert code() == "ok"


def test_paused_it_sleeps_and_resumed_it_is_back_with_the_same_key(shop, clock):
    bought = shop.buy(shop.customer())
    shop.deliver()
    before = Licence.objects.get().digest
    clock.shift(DAY)
    shop.stripe.v1.subscriptions.pause(bought.id)
    shop.deliver()
    assert code() == "subscription_over"
    clock.shift(DAY)
    shop.stripe.v1.subscriptions.resume(bought.id)
    shop.deliver()
    assert (code(), Licence.objects.get().digest) == ("ok", before)


def test_unpaid_it_sleeps_once_grace_is_over_and_paid_it_is_back(shop, clock):
    shop.fake.settings.after_retries = "unpaid"
    customer = shop.customer()
    shop.buy(customer)
    shop.deliver()
    shop.card(customer, "pm_card_chargeCustomerFail")
    shop.fake.advance(days=48)
    clock.shift(48 * DAY)
    shop.deliver()
    assert code() == "subscription_over"
    shop.card(customer)
    for invoice in shop.stripe.v1.invoices.list({"customer": customer, "status": "open"}).data:
        shop.stripe.v1.invoices.pay(invoice.id)
    shop.deliver()
    assert code() == "ok"


def test_more_seats_bring_no_second_key(shop):
    bought = shop.buy(shop.customer())
    shop.deliver()
    shop.stripe.v1.subscriptions.update(bought.id, {"items": [{"id": bought["items"].data[0].id, "quantity": 5}]})
    shop.deliver()
    assert Licence.objects.count() == 1


def test_bought_again_after_it_ended_it_is_another(shop, clock):
    customer = shop.customer()
    bought = shop.buy(customer)
    shop.deliver()
    shop.stripe.v1.subscriptions.cancel(bought.id)
    shop.deliver()
    clock.shift(timedelta(minutes=1))
    shop.buy(customer)
    shop.deliver()
    codes = [str(standing_now(row, now()).code) for row in Licence.objects.order_by("pk")]
    assert codes == ["subscription_over", "ok"]


def test_a_first_payment_that_is_still_waited_for_issues_none(shop):
    shop.buy(shop.customer(), payment_behavior="default_incomplete")
    shop.deliver()
    assert not Licence.objects.exists()
