"""Whose turn a flow is: one worker's at a time, under a lease that it holds on as it goes.

All that a worker writes of a flow is believed only while it is its turn. So a worker that was killed, or cut off for so
long that another one went on, writes nothing any more, and what it had not written down is read once again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db.models import F, Q, QuerySet

from desk.domain.crm.flows import Flow, FlowState
from desk.models import CrmFlow
from journal.domain.connection import ConnectionState
from journal.models import Connection

LEASE = timedelta(minutes=2)  # longer than any one step: a question, and following what it brought
LONGEST_WORDS = 500


class TurnLost(Exception):
    """It is somebody else's turn by now, or the flow was paused."""


@dataclass(slots=True)
class Ran:
    """What a run moved, passed over and couldn't take in; `unfinished`: there was more than fits into one."""

    moved: int = 0
    skipped: int = 0
    failed: int = 0
    unfinished: bool = False


def next_turn(*, at: datetime) -> CrmFlow | None:
    """Take the flow that is due for longest, of connections that don't rest; None where nothing is to be done."""
    rested = Q(connection__health__resume_at=None) | Q(connection__health__resume_at__lte=at)
    due = Q(next_run_at=None) | Q(next_run_at__lte=at)
    waiting = _free(at=at).filter(rested, due).order_by(F("next_run_at").asc(nulls_first=True), "pk")
    for pk in list(waiting.values_list("pk", flat=True)):
        if (row := _taken(_free(at=at).filter(due, pk=pk), pk, at=at)) is not None:
            return row
    return None


def take_turn(*, connection: Connection, flow: Flow, at: datetime) -> CrmFlow | None:
    """Take this flow now, due or not; None while it is another's turn, or while it rests."""
    pk = CrmFlow.objects.filter(connection=connection, flow=flow).values_list("pk", flat=True).first()
    return None if pk is None else _taken(_free(at=at).filter(pk=pk), pk, at=at)


def hold_on(row: CrmFlow, *, at: datetime, **told: Any) -> None:
    """Note how far it has come, and keep the turn; TurnLost where it is gone."""
    if not _mine(row).update(lease_until=at + LEASE, **told):
        raise TurnLost
    for name, value in told.items():
        setattr(row, name, value)


def end_turn(row: CrmFlow, ran: Ran, *, at: datetime, next_run_at: datetime) -> bool:
    """It went well; whether it was still this worker's turn."""
    told: dict[str, Any] = {"last_ok_at": at, "trouble": "", "trouble_since": None}
    if ran.moved or ran.skipped or ran.failed:
        told |= {"moved": ran.moved, "skipped": ran.skipped, "failed": ran.failed}
        told["moved_ever"] = F("moved_ever") + ran.moved
    return _ended(row, at=at, next_run_at=next_run_at, **told)


def end_troubled(row: CrmFlow, words: str, *, at: datetime, next_run_at: datetime, anew: bool = False) -> bool:
    """It met trouble; `anew`: what was being read is read from its first page the next time."""
    told: dict[str, Any] = {"trouble": words[:LONGEST_WORDS], "trouble_since": row.trouble_since or at}
    if anew:
        told |= {"after": "", "until_at": None}
    return _ended(row, at=at, next_run_at=next_run_at, **told)


def _ended(row: CrmFlow, *, at: datetime, **told: Any) -> bool:
    return bool(_mine(row).update(last_run_at=at, lease_until=None, lease_token=None, **told))


def _free(*, at: datetime) -> QuerySet[CrmFlow]:
    free = Q(lease_until=None) | Q(lease_until__lte=at)
    return CrmFlow.objects.filter(free, state=FlowState.ACTIVE, connection__state=ConnectionState.ACTIVE)


def _taken(rows: QuerySet[CrmFlow], pk: int, *, at: datetime) -> CrmFlow | None:
    """By one conditional UPDATE, so of two workers exactly one has it."""
    if not rows.update(lease_until=at + LEASE, lease_token=uuid4()):
        return None
    return CrmFlow.objects.select_related("connection").get(pk=pk)


def _mine(row: CrmFlow) -> QuerySet[CrmFlow]:
    at_work = Connection.objects.filter(state=ConnectionState.ACTIVE)
    return CrmFlow.objects.filter(
        pk=row.pk, lease_token=row.lease_token, state=FlowState.ACTIVE, connection__in=at_work.values("pk")
    )
