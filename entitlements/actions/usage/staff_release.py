"""A hold given back by a person: its program is gone, or waits for nothing."""

from datetime import datetime

from django.db import transaction

from entitlements.actions.usage.counters import Counters, lock_by_id, write_counters
from entitlements.actions.usage.holds import settle
from entitlements.actions.usage.resets import PERMISSION
from entitlements.actions.usage.settling import AlreadySettled
from entitlements.models import Reservation
from entitlements.models.usage import ReservationState
from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid


@transaction.atomic
def release_by_staff(*, reservation: Reservation, reason: str, by: Actor, at: datetime) -> Reservation:
    """Gave back what a reservation holds, before its time was over; what was used may still be reported."""
    by.require(PERMISSION)
    if not reason.strip():
        raise Invalid("Give a reason: whoever looks at this later will ask.", field="reason")
    counters = Counters()
    lock_by_id(sorted(pk for pk, _ in reservation.holds), counters)
    row = Reservation.objects.select_for_update().get(pk=reservation.pk)
    if row.state != ReservationState.HELD:
        raise AlreadySettled(f"The reservation {row.key} holds nothing any more.")
    settle(row, counters, state=ReservationState.RELEASED, at=at)
    write_counters(counters, at=at)
    changes = {"state": [str(ReservationState.HELD), str(ReservationState.RELEASED)]}
    record(
        begin(by=by, at=at), "reservation:release", subject=row, account_key=row.account.key, reason=reason,
        changes=changes,
    )  # fmt: skip
    return row
