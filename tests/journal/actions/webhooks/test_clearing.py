from datetime import timedelta

import pytest

from journal.actions.webhooks import clearing
from journal.actions.webhooks.clearing import KEPT, clear_webhooks
from journal.models import Outbound, WebhookAttempt, WebhookSecret
from tests.journal.factories import (
    EPOCH,
    OutboundFactory,
    WebhookAttemptFactory,
    WebhookEndpointFactory,
    WebhookMessageFactory,
    WebhookSecretFactory,
)

pytestmark = pytest.mark.django_db
AT = EPOCH + KEPT
SECOND = timedelta(seconds=1)


def test_what_is_older_than_a_month_goes_and_what_waits_stays(monkeypatch):
    monkeypatch.setattr(clearing, "BATCH", 1)
    there = WebhookEndpointFactory()
    old = {"endpoint": there, "created_at": EPOCH - SECOND, "due_at": EPOCH - SECOND}
    for state in ("sent", "dead", "pending"):
        WebhookMessageFactory(**old, state=state, sent_at=EPOCH - SECOND if state == "sent" else None)
    WebhookMessageFactory(endpoint=there, state="sent", sent_at=EPOCH)
    again = WebhookMessageFactory(**{**old, "due_at": EPOCH}, state="dead")  # sent again by hand, and given up again
    OutboundFactory(state="sent", sent_at=EPOCH - SECOND)
    WebhookAttemptFactory(endpoint=there, outbound=again, at=EPOCH - SECOND)
    WebhookAttemptFactory(endpoint=there, outbound=again, at=EPOCH)
    WebhookSecretFactory(endpoint=there, ends_at=AT)
    assert clear_webhooks(at=AT, enough=lambda: False) == 4
    left = Outbound.objects.filter(kind="webhook").values_list("state", flat=True)
    assert sorted(left) == ["dead", "pending", "sent"]
    assert Outbound.objects.filter(kind="email").count() == WebhookAttempt.objects.count() == 1
    assert WebhookSecret.objects.get().ends_at is None


def test_it_ends_in_time():
    WebhookAttemptFactory(at=EPOCH - SECOND)
    assert clear_webhooks(at=AT, enough=lambda: True) == 0
    assert WebhookAttempt.objects.count() == 1
