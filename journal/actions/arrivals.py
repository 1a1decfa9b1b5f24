"""What people do with arrivals: have them taken again, or pass them over."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.arrival import FINISHED, ArrivalState
from journal.domain.connection import ConnectionState
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import Connection, Inbound

PERMISSION = "journal.replay_inbound"
MOST = 10_000
STUCK = (ArrivalState.GIVEN_UP, ArrivalState.SET_ASIDE)
AGAIN = (*FINISHED, ArrivalState.GIVEN_UP)
EMPTIED = "Its body was emptied, so there is nothing left to take. Have the other system send it anew."


@transaction.atomic
def replay(*, arrival: Inbound, by: Actor, at: datetime) -> Inbound:
    """Had an arrival taken again, as if it came now in its old place; one that still waits is taken at once."""
    by.require(PERMISSION)
    row = _held(arrival)
    if row.emptied_at is not None:
        raise Refusal(EMPTIED)
    if row.connection.state == ConnectionState.OFF:
        raise Refusal(f"{row.connection.name} is turned off, and takes nothing. Let it go on first.")
    was = row.state
    if not _put_back(Inbound.objects.filter(seq=row.seq, state__in=(*AGAIN, ArrivalState.WAITING)), at=at):
        raise Stale("This one is being taken just now.")
    return _recorded(arrival, "arrival:replay", was=was, by=by, at=at)


@transaction.atomic
def replay_many(
    *,
    by: Actor,
    at: datetime,
    connection: Connection | None = None,
    type: str = "",
    states: Collection[ArrivalState] = STUCK,
) -> int:
    """Had everything taken again that was given up or set aside, of a connection or of a type; how many arrivals.

    `states` says which ones. What is turned off, and what was emptied, is left as it is.
    """
    by.require(PERMISSION)
    rows = to_replay(connection=connection, type=type, states=states)
    count = rows.count()
    if count > MOST:
        raise Invalid(f"That would be {count:,} arrivals; {MOST:,} go at once. Choose one type, or one connection.")
    if count == 0:
        return 0
    subject = connection or Connection.objects.get(pk=rows.values_list("connection", flat=True)[0])
    put_back = _put_back(rows, at=at)
    told = {"arrivals": [None, put_back], "of type": [None, type or "any"], "that were": [None, sorted(states)]}
    label = connection.name if connection else "All connections"
    record(begin(by=by, at=at), "arrival:replay_arrivals", subject=subject, changes=told, label=label)
    return put_back


def to_replay(
    *, connection: Connection | None = None, type: str = "", states: Collection[ArrivalState] = STUCK
) -> QuerySet[Inbound]:
    """What `replay_many` would have taken again."""
    rows = Inbound.objects.filter(state__in=set(states) & set(AGAIN), emptied_at=None).order_by("seq")
    rows = rows.exclude(connection__state=ConnectionState.OFF)
    if connection is not None:
        rows = rows.filter(connection=connection)
    return rows.filter(type=type) if type else rows


@transaction.atomic
def pass_over(*, arrival: Inbound, reason: str, by: Actor, at: datetime) -> Inbound:
    """Passed an arrival over for a reason: it is not taken, and holds nothing up any more."""
    by.require(PERMISSION)
    if not reason.strip():
        raise Invalid("Say why; it stands on its page and in the audit beside your name.", field="reason")
    row = _held(arrival)
    unfinished = Inbound.objects.filter(seq=row.seq, state__in=(ArrivalState.WAITING, *STUCK))
    words = f"Passed over by {by.name}: {reason.strip()}".replace("\x00", "")
    if not unfinished.update(state=ArrivalState.PASSED_OVER, done_at=at, outcome=words):
        raise Stale("This one no longer waits for anybody: it was taken, or is being taken just now.")
    return _recorded(arrival, "arrival:pass_over", was=row.state, by=by, at=at, reason=reason.strip())


def _held(arrival: Inbound) -> Inbound:
    """The row as it stands, locked against a worker that would take it."""
    rows = Inbound.objects.select_for_update(of=("self",)).defer("body").select_related("connection")
    return rows.get(seq=arrival.seq)


def _put_back(rows: QuerySet[Inbound], *, at: datetime) -> int:
    """Their place among those of their subject is the old one; their tries begin anew."""
    again = Inbound.objects.filter(seq__in=rows.order_by().values("seq"), state__in=(*AGAIN, ArrivalState.WAITING))
    return again.update(state=ArrivalState.WAITING, due_at=at, attempts=0, done_at=None, outcome="")


def _recorded(arrival: Inbound, verb: str, *, was: str, by: Actor, at: datetime, **told: Any) -> Inbound:
    arrival.refresh_from_db()
    changes = {"state": [was, arrival.state]}
    record(
        begin(by=by, at=at),
        verb,
        subject=arrival,
        account_key=arrival.account_key,
        changes=changes,
        label=str(arrival),
        **told,
    )
    return arrival
