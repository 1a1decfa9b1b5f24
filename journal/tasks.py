"""Ticks of the clock: rows say what is due, Celery only wakes us."""

import random

from celery import shared_task
from django.utils.timezone import now

from journal.actions import approval_mail, audit, working
from journal.integrations import delivery


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
