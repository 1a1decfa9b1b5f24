"""Overrides found by where they stand, as one condition in SQL."""

from datetime import datetime, timedelta

from django.db.models import Q

from entitlements.models import Account, Override
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import Place

SOON_DAYS = 14
SOON = "soon"
NEWEST = 200
_SPEAKS = Q(state=OverrideState.APPROVED, revoked_at__isnull=True)


def standing_in(place: str, *, at: datetime) -> Q:
    """The condition for a place, as `place_of` says it of one row, or for what ends soon."""
    begun, to_last = Q(starts_at__lte=at), Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    return {
        Place.WAITING: Q(state=OverrideState.REQUESTED),
        Place.IN_FORCE: _SPEAKS & begun & to_last,
        SOON: _SPEAKS & begun & Q(ends_at__gt=at, ends_at__lte=at + timedelta(days=SOON_DAYS)),
        Place.TO_COME: _SPEAKS & ~begun,
        Place.ENDED: _SPEAKS & Q(ends_at__lte=at),
        Place.REVOKED: Q(state=OverrideState.APPROVED, revoked_at__isnull=False),
        Place.REJECTED: Q(state=OverrideState.REJECTED),
        Place.WITHDRAWN: Q(state=OverrideState.WITHDRAWN),
    }[place]


def overrides_of(*, account: Account, at: datetime, place: str = "", newest: int = NEWEST) -> list[Override]:
    """The account's overrides, the newest first; those of one place, where it is asked for."""
    rows = Override.objects.filter(account=account).select_related("account", "feature", "subscription", "reason_code")
    found = rows.filter(standing_in(place, at=at)) if place else rows
    return list(found.order_by("-requested_at", "-pk")[:newest])
