"""Neither a key nor what stands in a body comes into a log, an error or a row that people read, whatever goes wrong."""

import json
import logging
from datetime import timedelta

import pytest
from django.core import serializers

from entitlements.actions.trials import extend
from entitlements.integrations.stripe.missed import fetch_missed
from entitlements.models import BillingFinding
from journal.actions.connections import renew_secret
from journal.domain.actor import SYSTEM
from journal.integrations.delivery import deliver
from journal.models import AuditEvent, ConnectionHealth, ConnectionRefusal, Inbound, InboundAttempt, Outbound
from tests.conftest import actor
from tests.entitlements.integrations.stripe.conftest import SECRET, now, only_subscription
from tests.entitlements.world import AT, policy

pytestmark = pytest.mark.django_db
READ = (AuditEvent, BillingFinding, ConnectionHealth, ConnectionRefusal, InboundAttempt, Outbound)
EMAIL = "only-in-a-body@acme.example"
FORGED = "rk_test_forged_and_long_4711"


def journey(shop, clock):
    """Somebody tries and is given more time; then Stripe is slow, breaks off, refuses, and at last refuses the key."""
    policy()
    shop.buy(shop.customer(email=EMAIL), trial_period_days=7)
    shop.fake.inject("500", next=3)
    shop.fake.inject("timeout", next=1, seconds=0.0, path="/v1/subscriptions")
    shop.deliver()
    for _ in range(3):
        clock.shift(timedelta(minutes=10))
        shop.take()
    extend(subscription=only_subscription(), days=7, reason="Holidays", by=actor("sales"), at=now())
    shop.fake.inject("500_after", next=9, path="/v1/subscriptions/", method="POST")
    send(now())
    renew_secret(connection=shop.connection, purpose="api_key", secret=FORGED, by=SYSTEM, at=AT)
    clock.shift(timedelta(hours=1))
    send(now())
    fetch_missed(at=now())


def send(at):
    deliver(clock=lambda: at, jitter=lambda: 0.0)


def test_no_log_and_no_row_bears_a_secret_or_a_body(shop, clock, caplog):
    caplog.set_level(logging.DEBUG)
    key = shop.fake.api_key
    journey(shop, clock)
    rows = [row for model in READ for row in model.objects.all()] + list(Inbound.objects.defer("body"))
    told = json.dumps(json.loads(serializers.serialize("json", [row for row in rows if not isinstance(row, Inbound)])))
    told += " ".join(f"{row.last_error} {row.outcome} {row.headers}" for row in rows if isinstance(row, Inbound))
    for secret in (key, FORGED, SECRET):
        assert secret not in caplog.text
        assert secret not in told
    assert EMAIL not in caplog.text
    assert "refuses the key" in caplog.text + told


def test_at_work_the_client_says_nothing_even_where_all_is_asked_for(shop, caplog):
    caplog.set_level(logging.DEBUG)
    shop.buy(shop.customer(email=EMAIL))
    shop.deliver()
    assert not [record for record in caplog.records if record.name.split(".")[0] in ("stripe", "urllib3")]
