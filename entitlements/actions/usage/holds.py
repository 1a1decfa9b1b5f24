"""Reservations: held, committed, released, and dropped when their time is over.

What a hold takes from its counters is given back by whoever comes next to them, in the same transaction; a task drops
the rest, so that a dead worker never keeps anything from anybody. Two holds of one distinct thing hold two places: each
has to stand when the other is let go.
"""

import logging
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import OperationalError, connection, transaction

from entitlements.actions.usage.counters import Counters, lock_by_id, write_counters
from entitlements.domain.usage.answers import keep_answer
from entitlements.domain.usage.charging import let_go
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Operation, Outcome
from entitlements.models import Reservation, UsageCounter
from entitlements.models.usage import ReservationState

MOST_AT_ONCE = 500
LOGGER = logging.getLogger("entitlements.usage")


def new_key() -> str:
    return f"res_{uuid.uuid4().hex}"


def drop_expired(counters: Counters, *, at: datetime) -> None:
    """Give back what expired holds take from the locked counters, and from others they stand on.

    Whoever comes here has its locks already, so that it waits for nobody: a hold, or a counter of one, that somebody
    else has at this moment is left to them.
    """
    held = {key for key, said in counters.said.items() if said.held}
    if not held:
        return
    due = Reservation.objects.select_for_update(skip_locked=True).filter(
        account__in={key.account_id for key in held},
        feature__in={key.feature_id for key in held},
        state=ReservationState.HELD,
        expires_at__lte=at,
    )
    locked = {counters.ids[key] for key in held}
    standing = [one for one in due.order_by("pk") if any(pk in locked for pk, _ in one.holds)]
    beside = {pk for one in standing for pk, _ in one.holds} - set(counters.ids.values())
    left = _lock_without_waiting(sorted(beside), counters)
    for reservation in standing:
        if not any(pk in left for pk, _ in reservation.holds):
            settle(reservation, counters, state=ReservationState.EXPIRED, at=at)


def _lock_without_waiting(ids: Sequence[int], counters: Counters) -> set[int]:
    """Of these counters, those that somebody else has."""
    if not ids:
        return set()
    lock_by_id(ids, counters, wait=False)
    missing = set(ids) - set(counters.ids.values())
    return set(UsageCounter.objects.filter(pk__in=missing).values_list("pk", flat=True)) if missing else set()


def settle(reservation: Reservation, counters: Counters, *, state: ReservationState, at: datetime) -> None:
    """Give back all of the hold, and say what became of it. Its counters are locked."""
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
        try:
            dropped += _expire(pk, at=at)
        except OperationalError:  # somebody was in the way; it is tried again the next time
            if connection.in_atomic_block:
                raise
            LOGGER.warning("The reservation %s couldn't be dropped just now", pk, exc_info=True)
    return dropped


@transaction.atomic
def _expire(pk: int, *, at: datetime) -> bool:
    counters = Counters()
    holds = Reservation.objects.filter(pk=pk).values_list("holds", flat=True)[0]
    lock_by_id([counter for counter, _ in holds], counters)
    still = Reservation.objects.select_for_update().filter(pk=pk, state=ReservationState.HELD).first()
    if still is None:
        return False
    settle(still, counters, state=ReservationState.EXPIRED, at=at)
    write_counters(counters, at=at)
    return True
