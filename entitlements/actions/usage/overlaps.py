"""Counters whose periods overlap: what is counted on one while a plan starts its periods so, the others don't hear of.

Whoever makes a counter, or works one out again, marks those of other periods over the same time. A marked one is worked
out from its events by whoever comes to it next (`counters.py`), so that a plan that comes back finds what was used
meanwhile. Counters on which the same use lands at once keep pace with each other and aren't marked.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import pairwise

from django.db.models import Q

from catalog.domain.values import Reset
from entitlements.domain.usage.allowances import BEGINNING, start_of
from entitlements.domain.usage.charging import Line
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.periods import use_period
from entitlements.models import UsageCounter
from entitlements.models.usage import OUTDATED


def outdate_overlapping(line: Line, *, but: Collection[CounterKey]) -> None:
    """Mark the counters of other periods that this line's overlaps with."""
    key = line.key
    inside = Q(starts_at__gt=key.start) if line.end is None else Q(starts_at__gt=key.start, starts_at__lt=line.end)
    same = {one.start for one in but if one._replace(start=key.start) == key}
    rows = UsageCounter.objects.filter(
        inside | Q(starts_at__in=_starts(line) - same),
        account_id=key.account_id,
        feature_id=key.feature_id,
        subject=key.subject,
        choice=key.choice,
    )
    rows.exclude(starts_at__in=same).exclude(events=OUTDATED).update(events=OUTDATED)


def _starts(line: Line) -> set[datetime]:
    """When every kind of period begins that the line's own begins in."""
    zone, periods = line.terms.zone, line.terms.periods
    return {start_of(use_period(reset, at=line.key.start, zone=zone, periods=periods)) for reset in Reset}


def overlap(each: Iterable[Collection[Line]]) -> bool:
    """Whether what one operation lands on outdates what another does; `each`: the lines of each."""
    found: dict[CounterKey, dict[CounterKey, Line]] = {}
    for lines in each:
        for line in lines:
            found.setdefault(line.key._replace(start=BEGINNING), {}).setdefault(line.key, line)
    return any(_overlapping(known.values()) for known in found.values() if len(known) > 1)


def _overlapping(lines: Iterable[Line]) -> bool:
    by_start = sorted(lines, key=lambda line: line.key.start)
    return any(before.end is None or before.end > after.key.start for before, after in pairwise(by_start))
