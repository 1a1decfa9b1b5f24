"""Where one seat stands among all that are taken, counted by the database: the same order as `domain/seats.py`, for
whoever asks at every sign-in about one of ten thousand."""

from datetime import datetime

from django.db.models import BooleanField, Case, DateTimeField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest

from catalog.domain.values import Squeeze
from entitlements.domain.seats import SeatState
from entitlements.models import Seat


def safer_seats(taken: QuerySet[Seat], seat: Seat, rule: Squeeze) -> int:
    """How many of the taken seats are kept before this one where there are too few."""
    rows = taken.order_by().annotate(
        invited=Case(
            When(state=SeatState.INVITED, then=Value(True)), default=Value(False), output_field=BooleanField()
        ),
        came=Coalesce("activated_at", "invited_at"),
    )
    newest_first = rule is Squeeze.LONGEST_UNUSED
    if newest_first:
        there = Greatest(Coalesce("activity__last_active_at", F("came")), F("came"), output_field=DateTimeField())
        rows = rows.annotate(there=there)
    by_age = "there" if newest_first else "came"
    own = {
        "protected": seat.protected,
        "invited": seat.state == SeatState.INVITED,
        by_age: _age(seat, newest_first=newest_first),
        "invited_at": seat.invited_at,
        "pk": seat.pk,
    }
    before, same = Q(pk__isnull=True), Q()
    for name, value in own.items():
        larger_is_safer = name == "protected" or (name == by_age and newest_first)
        before |= same & Q(**{f"{name}__{'gt' if larger_is_safer else 'lt'}": value})
        same &= Q(**{name: value})
    return rows.filter(before).count()


def _age(seat: Seat, *, newest_first: bool) -> datetime:
    came = seat.activated_at or seat.invited_at
    activity = getattr(seat, "activity", None)
    return max(activity.last_active_at, came) if newest_first and activity else came
