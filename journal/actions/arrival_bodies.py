"""What arrived is a customer's business too: once it is long finished, its body and its tries are emptied away.

The row stays, so that a repeat is still known as one, and so that what came of it can be read.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from journal.actions.deeds import begin, record
from journal.domain.actor import SYSTEM
from journal.domain.arrival import FINISHED
from journal.models import Connection, ConnectionRefusal, Inbound, InboundAttempt

BODIES_KEPT = timedelta(days=90)
REFUSALS_KEPT = timedelta(days=30)
BATCH = 500


def empty_bodies(*, at: datetime, enough: Callable[[], bool]) -> int:
    """Emptied the bodies of what was finished 90 days ago, recorded for each connection; how many.

    What was given up keeps its body until somebody has decided about it.
    """
    ConnectionRefusal.objects.filter(last_at__lt=at - REFUSALS_KEPT).delete()
    return sum(_of(connection, at=at, enough=enough) for connection in Connection.objects.order_by("pk"))


def _of(connection: Connection, *, at: datetime, enough: Callable[[], bool]) -> int:
    emptied = 0
    while not enough() and (made := _batch(connection, at=at)):
        emptied += made
    return emptied


@transaction.atomic
def _batch(connection: Connection, *, at: datetime) -> int:
    """Each batch is a transaction of its own with its record, so that nobody waits long and nothing goes unsaid."""
    before = at - BODIES_KEPT
    rows = Inbound.objects.filter(connection=connection, state__in=FINISHED, emptied_at=None, done_at__lt=before)
    chosen = list(rows.order_by("done_at").values_list("seq", flat=True)[:BATCH])
    made = rows.filter(seq__in=chosen).update(body=b"", headers={}, emptied_at=at)
    if made:
        InboundAttempt.objects.filter(inbound__in=chosen).delete()
        told = {"bodies": [made, 0], "finished before": [None, before]}
        record(
            begin(by=SYSTEM, at=at), "connection:empty_bodies", subject=connection, changes=told, label=connection.name
        )
    return made
