"""Marks that change as soon as a page about cases would show something else: cheap to ask for, every few seconds.

Whatever changes a case appends a row: an event, a promise, an alert, a version of the case. A row that was numbered
before another one and committed after it is missed by its number; so a mark also changes with every slot of time,
which also brings what the clock alone changes.
"""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Max

from support.models import Case, CaseAlert, CaseEvent, CasePromise

SLOT = 20  # seconds


def mark_of_all(*, at: datetime) -> str:
    """Of all cases, as the board shows them; four reads of the end of an index."""
    return _mark(
        [CaseEvent.objects.all(), CasePromise.objects.all(), CaseAlert.objects.all(), Case.history.all()], at=at
    )


def mark_of(case: Case, *, at: datetime) -> str:
    """Of one case."""
    own = [model.objects.filter(case=case) for model in (CaseEvent, CasePromise, CaseAlert)]
    return _mark([*own, Case.history.filter(id=case.pk)], at=at)


def _mark(rows: list[models.QuerySet[Any]], *, at: datetime) -> str:
    lasts = [found.order_by().aggregate(last=Max("pk"))["last"] or 0 for found in rows]
    return "-".join(str(number) for number in (*lasts, int(at.timestamp()) // SLOT))
