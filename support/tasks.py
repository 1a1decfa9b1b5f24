"""Celery keeps time: each task is one call."""

from datetime import timedelta
from time import monotonic

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from journal.domain.actor import SYSTEM
from support.actions.cases.alerting import tell_alerts
from support.actions.cases.bettering import better_tiers
from support.actions.intake.forgetting import forget_tickets
from support.actions.intake.resuming import give_up_waiting
from support.actions.intake.teaching import ask_teaching
from support.actions.work.planning import plan_ahead
from support.integrations.teacher import teacher

BUDGET = 20.0  # seconds; below what may pass before an alert is told, and short enough that deliveries get their turn
TIERS = 10.0
ANSWERS, FORGETTING = 5.0, 60.0
NIGHT = timedelta(hours=12)
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


@shared_task(name="support.late_answers")
def late_answers() -> int:
    end = monotonic() + ANSWERS
    return give_up_waiting(at=timezone.now(), enough=lambda: monotonic() > end)


@shared_task(name="support.teach")
def teach() -> bool:
    """Each night once, unless it went well by the button meanwhile."""
    return ask_teaching(by=SYSTEM, at=timezone.now(), rest=NIGHT).is_open


@shared_task(name="support.teach_asked")
def teach_asked() -> bool:
    """Wakes the teacher and doesn't wait for it."""
    return teacher.wake(clock=timezone.now, folder=settings.DESK_MODELS)


@shared_task(name="support.forget_tickets")
def forget() -> int:
    end = monotonic() + FORGETTING
    return forget_tickets(at=timezone.now(), enough=lambda: monotonic() > end)
