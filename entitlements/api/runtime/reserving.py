"""Reservations: committed for what it truly came to, released, or looked at."""

from datetime import datetime
from decimal import Decimal

from entitlements.actions.usage.settling import commit, release
from entitlements.api.runtime.answers import ReservationAnswer, UseAnswer, use_answer, utc
from entitlements.api.runtime.problems import UnknownReservation, refusal_of
from entitlements.api.runtime.requests import CommitRequest
from entitlements.domain.usage.operations import UnfitUse
from entitlements.models import Reservation
from entitlements.models.usage import ReservationState
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound


def reservation_of(key: str, *, now: datetime) -> ReservationAnswer:
    """How it stands. One whose time is over holds nothing, also before anybody has dropped it."""
    return _told(_found(key), now)


def commit_reservation(key: str, request: CommitRequest, *, by: Actor, now: datetime) -> UseAnswer:
    """Count what the held work came to; a repeat is answered as the first."""
    row = _found(key)
    try:
        outcome = commit(key=row.key, account_id=row.account_id, quantity=Decimal(request.quantity), by=by, at=now)
    except NotFound as gone:
        raise UnknownReservation(gone.message) from None
    if isinstance(outcome, UnfitUse):
        raise refusal_of(outcome)
    return use_answer(
        outcome, id=row.event_id, source=row.source, account=row.account.key, feature=row.feature.key, at=now
    )


def release_reservation(key: str, *, by: Actor, now: datetime) -> ReservationAnswer:
    """Give back what it holds; what was given back before stays so."""
    row = _found(key)
    release(key=row.key, account_id=row.account_id, by=by, at=now)
    return _told(_found(key), now)


def _found(key: str) -> Reservation:
    row = Reservation.objects.select_related("feature", "account").filter(key=key.replace("\x00", "")).first()
    if row is None:
        raise UnknownReservation(f"There is no reservation {key!r}.")
    return row


def _told(row: Reservation, now: datetime) -> ReservationAnswer:
    over = row.state == ReservationState.HELD and row.expires_at <= now
    state = ReservationState.EXPIRED if over else ReservationState(row.state)
    return ReservationAnswer(
        reservation=row.key,
        account=row.account.key,
        feature=row.feature.key,
        state=state.value,
        quantity=row.quantity,
        held=row.amount if state is ReservationState.HELD else 0,
        subject=row.subject,
        choice=row.choice,
        reserved_at=row.at,
        held_until=row.expires_at,
        settled_at=utc(row.settled_at),
    )
