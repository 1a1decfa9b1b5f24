"""Celery keeps time: each task is one call."""

from celery import shared_task
from django.utils import timezone

from entitlements.actions.sweep import sweep as walk_boundaries


@shared_task(name="entitlements.sweep")
def sweep() -> int:
    return walk_boundaries(at=timezone.now())
