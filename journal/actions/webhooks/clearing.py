"""What was delivered or given up a month ago is cleared away, a batch at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from journal.domain.delivery import WEBHOOK, DeliveryState
from journal.models import Outbound, WebhookAttempt, WebhookSecret

KEPT = timedelta(days=30)
BATCH = 2_000


def clear_webhooks(*, at: datetime, enough: Callable[[], bool]) -> int:
    """Cleared away tries and messages older than 30 days, and secrets that sign no more; how many rows went.

    What still waits stays, however old it is.
    """
    before = at - KEPT
    sent = Q(state=DeliveryState.SENT, sent_at__lt=before)
    given_up = Q(state=DeliveryState.DEAD, due_at__lt=before, created_at__lt=before)
    gone = _cleared(WebhookAttempt.objects.filter(at__lt=before), enough)
    gone += _cleared(Outbound.objects.filter(sent | given_up, kind=WEBHOOK), enough)
    return gone + _cleared(WebhookSecret.objects.filter(ends_at__lte=at), enough)


def _cleared(rows: QuerySet[Any], enough: Callable[[], bool]) -> int:
    """Batch by batch, each a transaction of its own, so that nobody waits long."""
    gone = 0
    while not enough() and (keys := list(rows.order_by().values_list("pk", flat=True)[:BATCH])):
        deleted, _ = rows.model._base_manager.filter(pk__in=keys).delete()
        gone += deleted
    return gone
