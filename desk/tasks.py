"""Celery keeps time: each task is one call."""

from celery import shared_task
from django.utils.timezone import now

from desk.actions.crm.anew import look_anew
from desk.actions.crm.telling import tell_behind
from desk.integrations.crm.running import movers


@shared_task(name="desk.move")
def move() -> bool:
    """Wakes who moves what is due between CRMs and the desk, and doesn't wait for it."""
    return movers.wake(clock=now)


@shared_task(name="desk.look_anew")
def look_again(nightly: bool = False) -> int:
    return look_anew(at=now(), nightly=nightly)


@shared_task(name="desk.tell_behind")
def behind() -> int:
    return tell_behind(at=now())
