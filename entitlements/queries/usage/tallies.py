"""What counters say at the moment, read without locking them: for whoever only asks."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from entitlements.domain.usage.charging import Tallied, let_go
from entitlements.domain.usage.keys import CounterKey
from entitlements.models import Reservation, UsageCounter
from entitlements.models.usage import ReservationState

CHUNK = 100


def tallies(keys: Iterable[CounterKey], *, at: datetime) -> Mapping[CounterKey, Tallied]:
    """Those of these counters that there are. What a hold keeps whose time is over is free again."""
    wanted = list(dict.fromkeys(keys))
    ids: dict[int, CounterKey] = {}
    found: dict[CounterKey, Tallied] = {}
    for first in range(0, len(wanted), CHUNK):
        for row in _rows(wanted[first : first + CHUNK]):
            key = CounterKey(row.account_id, row.feature_id, row.starts_at, row.subject, row.choice)
            ids[row.pk] = key
            amounts = (Decimal(row.used), Decimal(row.held), Decimal(row.total))
            found[key] = Tallied(*amounts, row.events, row.latest_at, row.since)
    holding = {key.account_id for key, said in found.items() if said.held}
    for counter, amount in _run_out(holding, at) if holding else ():
        if counter in ids:
            found[ids[counter]] = let_go(found[ids[counter]], Decimal(amount))
    return found


def _rows(keys: Iterable[CounterKey]) -> Iterable[Any]:
    any_of = Q()
    for key in keys:
        any_of |= Q(
            account=key.account_id, feature=key.feature_id, starts_at=key.start, subject=key.subject, choice=key.choice
        )
    return UsageCounter.objects.filter(any_of).order_by() if any_of else ()


def _run_out(accounts: set[int], at: datetime) -> Iterable[tuple[int, int]]:
    due = Reservation.objects.filter(account__in=accounts, state=ReservationState.HELD, expires_at__lte=at)
    for holds in due.values_list("holds", flat=True):
        yield from holds
