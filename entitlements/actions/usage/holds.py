"""Reservations: held, committed, released, and dropped when their time is over.

What a hold takes from its counters is given back by whoever comes next to them, in the same transaction; a task drops
the rest, so that a dead worker never keeps anything from anybody.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from entitlements.actions.usage.counters import Counters, lock_by_id, write_counters
from entitlements.domain.usage.answers import keep_answer
from entitlements.domain.usage.charging import let_go
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Operation, Outcome
from entitlements.models import Reservation
from entitlements.models.usage import ReservationState

MOST_AT_ONCE = 500


def new_key() -> str:
    return f"res_{uuid.uuid4().hex}"


def drop_expired(counters: Counters, *, at: datetime) -> None:
    """Give back what expired holds take from the locked counters."""
    accounts = {key.account_id for key, said in counters.said.items() if said.held}
    if not accounts:
        return
    due = Reservation.objects.select_for_update().filter(
        account__in=accounts, state=ReservationState.HELD, expires_at__lte=at
    )
    for reservation in due.order_by("pk"):
        settle(reservation, counters, state=ReservationState.EXPIRED, at=at)


def settle(reservation: Reservation, counters: Counters, *, state: ReservationState, at: datetime) -> None:
    """Give back all of the hold, and say what became of it."""
    lock_by_id([pk for pk, _ in reservation.holds if pk not in counters.ids.values()], counters)
    by_id = {pk: key for key, pk in counters.ids.items()}
    for pk, amount in reservation.holds:
        if pk not in by_id:
            continue  # its period is long over, and its counter was cleared away
        counters.set(by_id[pk], let_go(counters.said[by_id[pk]], Decimal(amount)))
    reservation.state, reservation.settled_at = state, at
    reservation.save(update_fields=["state", "settled_at"])


def hold(
    operation: Operation,
    outcome: Outcome,
    *,
    feature_id: int,
    amount: Decimal,
    keys: Iterable[tuple[CounterKey, Decimal]],
    counters: Counters,
    told_by: str,
) -> Reservation:
    """Keep what is held, and on which counters."""
    assert operation.until is not None
    return Reservation.objects.create(
        key=outcome.reservation,
        account_id=operation.account_id,
        feature_id=feature_id,
        source=operation.source,
        event_id=operation.id,
        quantity=int(operation.quantity),
        amount=int(amount),
        subject=operation.subject,
        choice=operation.choice,
        value=operation.value,
        at=operation.at,
        expires_at=operation.until,
        holds=[[counters.ids[key], int(held)] for key, held in keys if held],
        digest=operation.digest,
        answer=keep_answer(outcome),
        told_by=told_by,
    )


def expire_holds(*, at: datetime) -> int:
    """Dropped the holds whose time is over; how many. A task calls it, for the counters that nobody comes to."""
    due = Reservation.objects.filter(state=ReservationState.HELD, expires_at__lte=at).order_by("pk")
    dropped = 0
    for pk in list(due.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        with transaction.atomic():
            counters = Counters()
            holds = Reservation.objects.filter(pk=pk).values_list("holds", flat=True)[0]
            lock_by_id(sorted(counter for counter, _ in holds), counters)
            still = Reservation.objects.select_for_update().filter(pk=pk, state=ReservationState.HELD).first()
            if still is not None:
                settle(still, counters, state=ReservationState.EXPIRED, at=at)
                write_counters(counters, at=at)
                dropped += 1
    return dropped
