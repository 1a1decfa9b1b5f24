"""What a running desk gathers and needs no more is cleared away, a batch at a time.

Only what tells nothing any more or can be worked out again: of short periods long over the counters (their events
remain, and they are the truth); old traces and statistics. Never a counter that something is held on, nor one that
staff have reset: without it a late report would bring back what was let go.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

from entitlements.models import AccessCount, DecisionTrace, UsageCounter

TRACES_KEPT = timedelta(days=90)
COUNTS_KEPT = timedelta(days=400)
COUNTERS_KEPT = timedelta(days=35)
SHORT = timedelta(hours=1)  # periods of a second, a minute or an hour: an account may have millions of them
BATCH = 2_000


def never() -> bool:
    return False


def prune_traces(*, at: datetime, enough: Callable[[], bool] = never) -> int:
    """Cleared away the traces of checks older than 90 days; how many."""
    return _cleared(DecisionTrace.objects.filter(at__lt=at - TRACES_KEPT), enough)


def prune_access_counts(*, at: datetime, enough: Callable[[], bool] = never) -> int:
    """Cleared away what was counted at enforcement points more than 400 days ago; how many rows."""
    return _cleared(AccessCount.objects.filter(hour__lt=at - COUNTS_KEPT), enough)


def prune_counters(*, at: datetime, enough: Callable[[], bool] = never) -> int:
    """Cleared away the counters of periods of at most an hour that ended more than 35 days ago; how many.

    One that a late report moved since waits for 35 days more.
    """
    over = at - COUNTERS_KEPT
    due = UsageCounter.objects.filter(
        updated_at__lt=over, ends_at__lt=over, ends_at__lte=F("starts_at") + SHORT, held=0, since=F("starts_at")
    )
    return _cleared(due, enough)


def _cleared(rows: QuerySet[Any], enough: Callable[[], bool]) -> int:
    """Batch by batch, each a transaction of its own, so that nobody waits long."""
    gone = 0
    while not enough() and (keys := list(rows.order_by().values_list("pk", flat=True)[:BATCH])):
        deleted, _ = rows.model._base_manager.filter(pk__in=keys).delete()
        gone += deleted
    return gone
