"""When the holder of a seat was last there, as products tell by asking: to the hour, and no more."""

from datetime import datetime

from django.db import transaction

from entitlements.actions.locking import lock_account
from entitlements.actions.seats.holding import take_up
from entitlements.domain.seats import SeatState
from entitlements.models import Seat, SeatActivity
from journal.actions.deeds import begin
from journal.domain.actor import Actor

READS = "entitlements:read"


def note_presence(*, seat: Seat, by: Actor, at: datetime) -> Seat:
    """Noted that the holder is there; an invited seat is active from then on. Once an hour, so that asking is cheap."""
    by.require(READS)
    if seat.state == SeatState.INVITED:
        seat = _take_up(seat, by=by, at=at)
    hour = at.replace(minute=0, second=0, microsecond=0)
    known = getattr(seat, "activity", None)
    if known is None or known.last_active_at < hour:
        SeatActivity.objects.update_or_create(seat=seat, defaults={"last_active_at": hour})
    return seat


@transaction.atomic
def _take_up(seat: Seat, *, by: Actor, at: datetime) -> Seat:
    lock_account(seat.account_id)
    row = Seat.objects.select_for_update(of=("self",)).select_related("account", "feature").get(pk=seat.pk)
    return take_up(row, deed=begin(by=by, at=at), reason="First seen there")
