"""Ticks of the clock: rows say what is due, Celery only wakes us."""

import random
from time import monotonic

from celery import shared_task
from django.utils.timezone import now

from journal.actions import approval_mail, arrival_bodies, audit, working
from journal.actions.webhooks import clearing
from journal.integrations import delivery
from journal.integrations.receiving import takers
from journal.integrations.webhook import sending

BUDGET = 20.0  # seconds of clearing away, so that deliveries get their turn


@shared_task(name="journal.deliver")
def deliver() -> int:
    return delivery.deliver(clock=now, jitter=random.random)


@shared_task(name="journal.work")
def work() -> int:
    return working.work(clock=now)


@shared_task(name="journal.seal")
def seal() -> str | None:
    made = audit.seal(at=now())
    return str(made) if made else None


@shared_task(name="journal.remind")
def remind() -> int:
    return approval_mail.remind(at=now())


@shared_task(name="journal.deliver_webhooks")
def deliver_webhooks() -> int:
    """Wakes the senders and doesn't wait for them."""
    return sending.senders.wake(clock=now, jitter=random.random)


@shared_task(name="journal.clear_webhooks")
def clear_webhooks() -> int:
    end = monotonic() + BUDGET
    return clearing.clear_webhooks(at=now(), enough=lambda: monotonic() > end)


@shared_task(name="journal.take_arrivals")
def take_arrivals() -> bool:
    """Sees that somebody watches what arrives, and doesn't wait for it."""
    return takers.wake(clock=now, jitter=random.random)


@shared_task(name="journal.empty_bodies")
def empty_bodies() -> int:
    end = monotonic() + BUDGET
    return arrival_bodies.empty_bodies(at=now(), enough=lambda: monotonic() > end)
