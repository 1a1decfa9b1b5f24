"""Celery keeps time: each task is one call."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from entitlements.actions.fact_changes import prune_changes
from entitlements.actions.renewals.proving import prove_nightly
from entitlements.actions.renewals.sweeping import sweep_renewals
from entitlements.actions.review_digest import tell_digests
from entitlements.actions.sweep import sweep as walk_boundaries
from entitlements.actions.usage import holds, pruning
from entitlements.actions.usage.forecasting import look_ahead
from entitlements.actions.usage.telling import tell_crossings
from entitlements.integrations.stripe import comparing, features, meters, missed, push
from journal.actions.idempotency import KEPT, prune_idempotency

BUDGET = 20.0  # seconds; far below the task time limit, and short enough that deliveries get their turn
NIGHTLY = 240.0
AT_NIGHT = 120.0  # of several runs that go on with each other


@shared_task(name="entitlements.sweep")
def sweep() -> int:
    end = monotonic() + BUDGET
    return walk_boundaries(at=timezone.now(), enough=lambda: monotonic() > end)


@shared_task(name="entitlements.renewals")
def renewals() -> int:
    end = monotonic() + BUDGET
    return sweep_renewals(at=timezone.now(), enough=lambda: monotonic() > end)


@shared_task(name="entitlements.prove_renewals")
def prove() -> int:
    return prove_nightly(at=timezone.now())


@shared_task(name="entitlements.digest")
def digest() -> int:
    return tell_digests(at=timezone.now())


@shared_task(name="entitlements.tell_of_use")
def tell_of_use() -> int:
    end = monotonic() + BUDGET
    return tell_crossings(at=timezone.now(), enough=lambda: monotonic() > end)


@shared_task(name="entitlements.forecast")
def forecast() -> int:
    end = monotonic() + BUDGET
    return look_ahead(at=timezone.now(), enough=lambda: monotonic() > end)


@shared_task(name="entitlements.expire_holds")
def expire_holds() -> int:
    return holds.expire_holds(at=timezone.now())


@shared_task(name="entitlements.clear_runtime")
def clear_runtime() -> int:
    """What a running desk gathers and needs no more; how many rows went."""
    at, end = timezone.now(), monotonic() + BUDGET
    gone = prune_idempotency(before=at - KEPT) + prune_changes(at=at)
    for prune in (pruning.prune_traces, pruning.prune_access_counts, pruning.prune_counters):
        gone += prune(at=at, enough=lambda: monotonic() > end)
    return gone


@shared_task(name="entitlements.fetch_missed")
def fetch_missed(whole: bool = False) -> int:
    """What a connected system that bills told, and never came."""
    end = monotonic() + (NIGHTLY if whole else BUDGET)
    return missed.fetch_missed(at=timezone.now(), whole=whole, enough=lambda: monotonic() > end)


@shared_task(name="entitlements.follow_names")
def follow_names(whole: bool = False) -> int:
    """Of how many customers what was told was followed anew, since a feature has another name at the billing."""
    end = monotonic() + (NIGHTLY if whole else BUDGET)
    return features.follow_names(at=timezone.now(), whole=whole, enough=lambda: monotonic() > end)


@shared_task(name="entitlements.compare_billed")
def compare_billed() -> int:
    """How many comparisons with what is billed began."""
    return comparing.compare_nightly(at=timezone.now())


@shared_task(name="entitlements.look_at_features")
def look_at_features() -> int:
    """How many customers' features were looked at where they are billed, of those who may have any."""
    end = monotonic() + AT_NIGHT
    return features.look_at_all(at=timezone.now(), enough=lambda: monotonic() > end)


@shared_task(name="entitlements.report_overage")
def report_overage(whole: bool = False) -> int:
    return meters.report_overage(at=timezone.now(), whole=whole)


@shared_task(name="entitlements.push_catalog")
def push_catalog() -> int:
    """To how many connected systems that bill the catalog's features were pushed."""
    return len(push.push_everywhere(at=timezone.now()))
