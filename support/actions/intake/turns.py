"""Teaching in turn: one worker at a time teaches what was asked for, and what a dead one left is taken up by the next.

A turn is known by when it began. Whoever has it holds it on while they live; who was given up for dead and ends all the
same changes nothing of the turn after, and of two that taught the version of the first stands.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import F, Q, QuerySet

from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from support.actions.intake.teaching import ONE, teach_classifier
from support.models import ClassifierVersion, Teaching

logger = logging.getLogger("support.intake")
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 3
KILLED = (
    f"Whoever was at it was stopped in the middle {MOST_ATTEMPTS} times. Is there memory enough? The log says more."
)


def begin_teaching(*, at: datetime) -> Teaching | None:
    """A turn was begun, if one was asked for and nobody living has it. One that kills whoever takes it up is given up."""
    free = Teaching.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=at), pk=ONE)
    free = free.filter(Q(ended_for__isnull=True) | ~Q(ended_for=F("asked_at")))
    if not free.update(begun_at=at, begun_for=F("asked_at"), lease_until=at + LEASE, attempts=F("attempts") + 1):
        return None
    turn = Teaching.objects.get(pk=ONE)
    if turn.attempts > MOST_ATTEMPTS:
        _end(turn, failed=KILLED, at=at)
        return None
    return turn


def hold_teaching(turn: Teaching, *, at: datetime) -> bool:
    """The turn is held on; False where somebody else has it by now."""
    return bool(_mine(turn).update(lease_until=at + LEASE))


def teach_in_turn(turn: Teaching, *, clock: Callable[[], datetime], folder: Path) -> ClassifierVersion | None:
    """What was asked for was taught, or is said to have come to nothing; the version that is in force then."""
    try:
        teach_classifier(by=SYSTEM, at=clock(), folder=folder)
    except Exception as failure:  # whatever goes wrong, the row must say so
        logger.exception("The classifier could not be taught")
        told = failure.message if isinstance(failure, Refusal) else f"Something went wrong ({type(failure).__name__})."
        _end(turn, failed=f"{told} The log says more."[:500], at=clock())
        return None
    _end(turn, at=clock())
    return ClassifierVersion.objects.first()


def _mine(turn: Teaching) -> QuerySet[Teaching]:
    return Teaching.objects.filter(pk=ONE, begun_at=turn.begun_at, lease_until__isnull=False)


def _end(turn: Teaching, *, at: datetime, failed: str = "") -> None:
    newest = ClassifierVersion.objects.values_list("pk", flat=True).first()
    _mine(turn).update(
        ended_at=at, ended_for=turn.begun_for, failed=failed, version_id=newest, lease_until=None, attempts=0
    )
