"""Celery keeps time: each task is one call."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from entitlements.actions.review_digest import tell_digests
from entitlements.actions.sweep import sweep as walk_boundaries

BUDGET = 20.0  # seconds; far below the task time limit, and short enough that deliveries get their turn


@shared_task(name="entitlements.sweep")
def sweep() -> int:
    end = monotonic() + BUDGET
    return walk_boundaries(at=timezone.now(), enough=lambda: monotonic() > end)


@shared_task(name="entitlements.digest")
def digest() -> int:
    return tell_digests(at=timezone.now())
