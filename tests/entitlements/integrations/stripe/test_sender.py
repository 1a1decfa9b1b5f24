"""What the desk decides is told to Stripe once, whatever breaks on the way; what Stripe refuses a person sees."""

import logging
from datetime import timedelta

import pytest

from entitlements.actions.plan_changes import change_plan
from entitlements.actions.trials import convert, extend
from entitlements.domain.timing import Proration, Timing
from entitlements.models import BillingFinding
from journal.actions.connections import turn_off
from journal.domain.actor import SYSTEM
from journal.integrations.delivery import deliver
from journal.models import Outbound
from tests.conftest import actor
from tests.entitlements.integrations.stripe.conftest import only_subscription
from tests.entitlements.world import AT, DAY, account, policy, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(shop):
    """Somebody tries Team for a week; the desk holds it."""
    policy()
    bought = shop.buy(shop.customer(), trial_period_days=7)
    shop.deliver()
    return bought


def go(at=AT):
    return deliver(clock=lambda: at, jitter=lambda: 0.0)


def extended(days=7):
    return extend(subscription=only_subscription(), days=days, reason="Holidays", by=actor("sales"), at=AT)


def there(shop, bought):
    return shop.stripe.v1.subscriptions.retrieve(bought.id)


def posts(shop):
    return sum(asked.method == "POST" for asked in shop.fake.requests)


def waiting():
    return Outbound.objects.filter(kind="billing").exclude(state="sent")


def test_stripe_is_told_when_a_trial_ends_now(shop, trial):
    extended()
    go()
    assert there(shop, trial).trial_end == int((AT + 14 * DAY).timestamp())
    assert there(shop, trial).metadata["desk_because"] == "trial:extend"
    assert not waiting()


def test_what_the_desk_said_comes_back_and_changes_nothing(shop, trial):
    extended()
    go()
    shop.deliver()
    before = Outbound.objects.count()
    go()
    assert Outbound.objects.count() == before
    assert there(shop, trial).trial_end == int((AT + 14 * DAY).timestamp())


@pytest.mark.parametrize("kind", ["500_after", "timeout"])
def test_broken_off_after_the_write_it_is_done_once(shop, trial, clock, kind):
    extended()
    shop.fake.inject(kind, next=1, path="/v1/subscriptions/", method="POST", seconds=0.0)
    go()
    clock.move_to(AT + timedelta(minutes=1))
    go(AT + timedelta(minutes=1))
    assert not waiting()
    told = [event for event in shop.told() if event["type"] == "customer.subscription.updated"]
    assert there(shop, trial).trial_end == int((AT + 14 * DAY).timestamp())
    assert len(told) == 1


def test_a_trial_that_ends_now_ends_there_once(shop, trial):
    convert(subscription=only_subscription(), by=SYSTEM, at=AT)
    go()
    assert there(shop, trial).status == "active"
    Outbound.objects.filter(kind="billing").update(state="pending", sent_at=None)
    written = posts(shop)
    go()
    assert posts(shop) == written, "said again of what is past its trial, it would begin a new period"


def test_an_outage_costs_no_try(shop, trial, clock):
    extended()
    shop.fake.inject("429", next=1, path="/v1/subscriptions/", method="POST")
    go()
    row = waiting().get()
    assert (row.state, row.attempts) == ("pending", 0)
    clock.move_to(AT + timedelta(minutes=1))
    go(AT + timedelta(minutes=1))
    assert not waiting()


def test_what_stripe_refuses_is_a_finding_until_it_is_taken(shop, trial):
    extended()
    shop.stripe.v1.subscriptions.cancel(trial.id)
    go()
    assert waiting().get().attempts == 1
    finding = BillingFinding.objects.get(kind="push")
    assert (finding.state, finding.about, finding.billing_id) == ("open", "set_trial_end", trial.id)


def test_the_rule_of_a_change_stands_at_the_subscription(shop):
    bought = shop.buy(shop.customer())
    shop.deliver()
    change_plan(
        subscription=only_subscription(), plan=shop.catalog.free, timing=Timing.AT_RENEWAL, proration=Proration.CREDIT,
        by=SYSTEM, at=AT,
    )  # fmt: skip
    go()
    noted = there(shop, bought).metadata
    assert (noted["desk_timing"], noted["desk_proration"]) == ("at_renewal", "credit")


def test_without_a_connection_it_is_logged(shop, trial, caplog):
    caplog.set_level(logging.INFO, "entitlements.billing")
    extended()
    turn_off(connection=shop.connection, reason="Moved", by=SYSTEM, at=AT)
    go()
    assert f"stripe would be told to set trial end of {trial.id}" in caplog.text


def test_what_another_system_bills_is_not_stripes(shop, caplog):
    caplog.set_level(logging.INFO, "entitlements.billing")
    policy()
    other = subscribed(account("other"), shop.catalog.team, trial_days=14, billed_by="biller", billing_id="b7")
    extend(subscription=other, days=7, reason="Holidays", by=actor("sales"), at=AT)
    go()
    assert "biller would be told" in caplog.text
