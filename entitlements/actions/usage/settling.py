"""Holds settled: committed for what it truly came to, or released."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from entitlements.actions.usage.caps import counting
from entitlements.actions.usage.counters import Counters, lock_by_id, write_counters
from entitlements.actions.usage.holds import settle
from entitlements.actions.usage.recording import ATTEMPTS, SCOPE, Answer, Contended, Recording, too_much_to_count
from entitlements.domain.usage.answers import keep_answer, parse_answer
from entitlements.domain.usage.operations import COMMITS, Act, Operation, UnfitUse, digest_of
from entitlements.models import Reservation
from entitlements.models.usage import ReservationState
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound, Refusal

SOURCE = COMMITS
T = TypeVar("T")


class AlreadySettled(Refusal):
    """The reservation was committed or released before."""

    code = "reservation_settled"


def commit(*, key: str, account_id: int, quantity: Decimal, by: Actor, at: datetime) -> Answer:
    """Counted what a reservation truly came to, in the period it was made in; beyond what was held it is a report.

    A hold that had run out is committed all the same: what happened, happened. A repeat is answered as the first.
    """
    by.require(SCOPE)
    try:
        return _again_if_contended(lambda: _commit(_found(key, account_id), quantity, by, at))
    except UnfitUse as unfit:  # taken back whole: the hold is as it was, so that a right amount may follow
        return unfit


def release(*, key: str, account_id: int, by: Actor, at: datetime) -> Reservation:
    """Gave back what a reservation held; one that ran out or was released before is given back already."""
    by.require(SCOPE)
    return _again_if_contended(lambda: _release(_found(key, account_id), at))


def _commit(row: Reservation, quantity: Decimal, by: Actor, at: datetime) -> Answer:
    """UnfitUse is raised, so that nothing of the transaction stays."""
    operation = _operation(row, quantity)
    recording = Recording(by, at, counting(None, at=at))
    ready = recording.begin([operation], beside=[pk for pk, _ in row.holds])[0]
    if isinstance(ready, UnfitUse):
        raise ready
    row = Reservation.objects.select_for_update().get(pk=row.pk)
    if row.state == ReservationState.COMMITTED:
        recording.finish()  # the holds of others that had run out were dropped on the way
        return _repeated(row, operation)
    if row.state == ReservationState.RELEASED:
        raise AlreadySettled(f"The reservation {row.key} was released; report what was used instead.")
    ran_out = row.state == ReservationState.EXPIRED
    if not ran_out:
        settle(row, recording.counters, state=ReservationState.COMMITTED, at=at)
    outcome = recording.answer(ready)
    if isinstance(outcome, UnfitUse):
        raise outcome
    words = "counted, though the hold had run out" if ran_out else outcome.because
    outcome = replace(outcome, because=words, reservation=row.key)
    row.state, row.settled_at = ReservationState.COMMITTED, at
    row.settled_digest, row.settled_answer = operation.digest, keep_answer(outcome)
    row.save(update_fields=["state", "settled_at", "settled_digest", "settled_answer"])
    recording.finish()
    return outcome


def _operation(row: Reservation, quantity: Decimal) -> Operation:
    feature = row.feature.key
    return Operation(
        act=Act.COMMIT,
        source=SOURCE,
        id=row.key,
        account_id=row.account_id,
        feature=feature,
        quantity=quantity,
        at=row.at,
        subject=row.subject,
        choice=row.choice,
        value=row.value,
        reservation=row.key,
        digest=digest_of(Act.COMMIT, row.account_id, feature, quantity, at=None),
    )


def _repeated(row: Reservation, operation: Operation) -> Answer:
    if row.settled_digest != operation.digest:
        words = f"The reservation {row.key} was committed before, for another amount."
        return UnfitUse(words, field="quantity", code="event_reused")
    return parse_answer(row.settled_answer or {})


def _release(row: Reservation, at: datetime) -> Reservation:
    counters = Counters()
    lock_by_id(sorted(pk for pk, _ in row.holds), counters)
    row = Reservation.objects.select_for_update().get(pk=row.pk)
    if row.state == ReservationState.COMMITTED:
        raise AlreadySettled(f"The reservation {row.key} was committed; it holds nothing any more.")
    if row.state == ReservationState.HELD:
        settle(row, counters, state=ReservationState.RELEASED, at=at)
        write_counters(counters, at=at)
    return row


def _found(key: str, account_id: int) -> Reservation:
    row = Reservation.objects.select_related("feature").filter(key=key, account_id=account_id).first()
    if row is None:
        raise NotFound(f"There is no reservation {key!r} of this account.")
    return row


def _again_if_contended(act: Callable[[], T]) -> T:
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return act()
        except (IntegrityError, OperationalError):
            if connection.in_atomic_block:
                raise
        except (DataError, OverflowError):
            raise too_much_to_count() from None
    raise Contended("The desk was busy with the same counters; nothing was changed. Send it again.")
