"""Celery keeps time: each task is one call."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from support.actions.cases.alerting import tell_alerts
from support.actions.cases.bettering import better_tiers
from support.actions.work.planning import plan_ahead

BUDGET = 20.0  # seconds; below what may pass before an alert is told, and short enough that deliveries get their turn
TIERS = 10.0
VISITS = 300.0  # a whole night is there for it, and what isn't done tonight is done tomorrow


@shared_task(name="support.alerts")
def alerts() -> int:
    end = monotonic() + BUDGET
    return tell_alerts(at=timezone.now(), enough=lambda: monotonic() > end)


@shared_task(name="support.better_tiers")
def better() -> int:
    end = monotonic() + TIERS
    return better_tiers(at=timezone.now(), enough=lambda: monotonic() > end)


@shared_task(name="support.visits")
def visits() -> int:
    end = monotonic() + VISITS
    return plan_ahead(at=timezone.now(), enough=lambda: monotonic() > end)
