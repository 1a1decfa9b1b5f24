"""What a connected system that bills a subscription is told of its trial."""

import logging
from datetime import datetime, timedelta

import pytest

from entitlements.actions.trials import convert, extend, undo_extension
from entitlements.models import Subscription
from journal.actions.outbound import LEASE, claim_next
from journal.domain.actor import Actor
from journal.integrations.delivery import deliver
from journal.models import Outbound
from tests.entitlements.world import AT, DAY, account, catalog, policy, subscribed

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
END = AT + 4 * DAY


@pytest.fixture
def billed(db: None) -> Subscription:
    """Ten days into a trial of Team of 14 days, billed elsewhere."""
    policy()
    return subscribed(account(), catalog().team, trial_days=14, billed_by="biller", billing_id="sub_7")


def told() -> list[tuple[str, str]]:
    return [(row.payload["trial_end"], row.payload["because"]) for row in Outbound.objects.filter(kind="billing")]


def test_each_new_end_is_promised_in_the_order_of_the_acts(billed: Subscription, sales: Actor) -> None:
    extend(subscription=billed, days=7, reason="Holidays", by=sales, at=AT)
    undo_extension(subscription=billed, by=sales, at=AT + MINUTE)
    convert(subscription=billed, by=sales, at=AT + 2 * MINUTE)
    assert told() == [
        ((END + 7 * DAY).isoformat(), "trial:extend"),
        (END.isoformat(), "trial:undo_extension"),
        ((AT + 2 * MINUTE).isoformat(), "trial:convert"),
    ]
    row = Outbound.objects.first()
    assert (row.destination, row.account_key, row.payload["subscription"]) == ("biller", "acme", "sub_7")


def test_beyond_policy_nothing_is_promised_before_the_approval(billed: Subscription, sales: Actor) -> None:
    extend(subscription=billed, days=60, reason="Long", by=sales, at=AT)
    assert told() == []


def test_what_nobody_else_bills_nobody_is_told_of(sales: Actor) -> None:
    policy()
    extend(subscription=subscribed(account(), catalog().team, trial_days=14), days=7, reason="Slow", by=sales, at=AT)
    assert told() == []


def test_killed_in_the_middle_it_goes_out_again_under_the_same_id(
    billed: Subscription, sales: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    extend(subscription=billed, days=7, reason="Holidays", by=sales, at=AT)
    first = claim_next(at=AT)  # whoever claimed it is gone
    caplog.set_level(logging.INFO, "entitlements.billing")
    assert go(AT + LEASE) == 1
    assert go(AT + 2 * LEASE) == 0
    row = Outbound.objects.get()
    assert (row.state, row.attempts, row.message_id) == ("sent", 2, first.message_id)
    assert f"(message {first.message_id})" in caplog.text
    assert "biller would be told to set trial end of sub_7" in caplog.text


def go(at: datetime) -> int:
    return deliver(clock=lambda: at, jitter=lambda: 0.0)
