"""What counters say, read without locking them: for whoever only asks, and for whoever makes one from its events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, Sum

from catalog.domain.values import Aggregation
from entitlements.domain.usage.charging import Line, Tallied, let_go
from entitlements.domain.usage.keys import CounterKey
from entitlements.models import Reservation, UsageCounter, UsageEvent, UsageReset
from entitlements.models.usage import OUTDATED, ReservationState

CHUNK = 100


def tallied(lines: Iterable[Line], *, at: datetime, made: bool = True) -> dict[CounterKey, Tallied]:
    """What the counters of these lines say; one that isn't there yet, as whoever counts next will make it. Not `made`:
    nothing is used of what has no counter, for whoever asks about very many."""
    wanted = {line.key: line for line in lines}
    ends: dict[CounterKey, datetime | None] = {}
    known = tallies(wanted, at=at, ends=ends)
    unused = _unused([line for key, line in wanted.items() if key not in known]) if made else wanted.keys()
    found = {}
    for key, line in wanted.items():
        if key not in known:
            found[key] = Tallied() if key in unused else _not_there_yet(line)
        else:
            found[key] = told_anew(line, before=known[key]) if is_outdated(known[key], ends[key], line) else known[key]
    return found


def tallies(
    keys: Iterable[CounterKey], *, at: datetime, ends: dict[CounterKey, datetime | None] | None = None
) -> Mapping[CounterKey, Tallied]:
    """Those of these counters that there are. What a hold keeps whose time is over is free again. `ends` is filled with
    the end that each counts to: another than is wanted where a plan began to start its periods otherwise."""
    wanted = list(dict.fromkeys(keys))
    ids: dict[int, CounterKey] = {}
    found: dict[CounterKey, Tallied] = {}
    for first in range(0, len(wanted), CHUNK):
        for row in _rows(wanted[first : first + CHUNK]):
            key = CounterKey(row.account_id, row.feature_id, row.starts_at, row.subject, row.choice)
            ids[row.pk] = key
            amounts = (Decimal(row.used), Decimal(row.held), Decimal(row.total))
            found[key] = Tallied(*amounts, row.events, row.latest_at, row.since)
            if ends is not None:
                ends[key] = row.ends_at
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


def _unused(lines: Sequence[Line]) -> set[CounterKey]:
    """Of the accounts' own counters that aren't there yet those for which nothing was used, found at once; one alone is
    as well asked by itself.
    """
    whole = [line for line in lines if line.is_whole]
    used: set[tuple[int, int]] = set()
    for first in range(0, len(whole), CHUNK) if len(whole) > 1 else ():
        any_of = Q()
        for line in whole[first : first + CHUNK]:
            within = {"at__lt": line.end} if line.end is not None else {}
            any_of |= Q(account=line.key.account_id, feature=line.key.feature_id, at__gte=line.key.start, **within)
        used |= set(UsageEvent.objects.filter(any_of).order_by().values_list("account_id", "feature_id").distinct())
    named = {line.key for line in whole} if len(whole) > 1 else set()
    return {key for key in named if (key.account_id, key.feature_id) not in used}


def _not_there_yet(line: Line) -> Tallied:
    """Usually nothing has been used; only else it matters whether staff have reset it."""
    came = tally_of(line)
    return told_anew(line) if came.events else came


def is_outdated(said: Tallied, end: datetime | None, line: Line) -> bool:
    """Whether a counter can't be taken for this line's: it counts to another end, or use has passed it by."""
    return end != line.end or said.events == OUTDATED


def told_anew(line: Line, *, before: Tallied | None = None) -> Tallied:
    """What the counter of this line has to say, worked out from its events: of the whole period, or since staff reset
    it. What is held on it goes on being held."""
    since = _since(line)
    held = Decimal(0) if before is None else before.held
    return replace(tally_of(line, since=since), held=held, since=since)


def _since(line: Line) -> datetime:
    """The last reset in the period, of the account's counter that takes those of its choices along too."""
    key = line.key
    rows = UsageReset.objects.filter(
        account_id=key.account_id,
        feature_id=key.feature_id,
        subject=key.subject,
        choice__in={"", key.choice},
        at__gte=key.start,
    )
    if line.end is not None:
        rows = rows.filter(at__lt=line.end)
    newest: datetime | None = rows.order_by("-at").values_list("at", flat=True).first()
    return newest or key.start


def tally_of(line: Line, *, since: datetime | None = None) -> Tallied:
    """What the events of the line's period come to, counted anew from the rows."""
    key = line.key
    events = UsageEvent.objects.filter(account_id=key.account_id, feature_id=key.feature_id, at__gte=since or key.start)
    if line.end is not None:
        events = events.filter(at__lt=line.end)
    if key.subject:
        events = events.filter(subject=key.subject)
    if key.choice:
        events = events.filter(choice=key.choice)
    sums: Mapping[str, Any] = events.aggregate(
        total=Sum("amount"), events=Count("pk"), peak=Max("amount"), latest=Max("at"),
        distinct=Count("value", distinct=True, filter=~Q(value="")),
    )  # fmt: skip
    if not sums["events"]:
        return Tallied()
    total = Decimal(sums["total"])
    match line.aggregation:
        case Aggregation.SUM:
            used = total
        case Aggregation.DISTINCT:
            used = Decimal(sums["distinct"])
        case Aggregation.PEAK:
            used = Decimal(sums["peak"])
        case Aggregation.AVERAGE:
            used = Decimal(int(total) // sums["events"])
        case Aggregation.LATEST:
            last = events.order_by("-at", "-pk").values_list("amount", flat=True)[0]
            used = Decimal(last)
    return Tallied(used=used, total=total, events=sums["events"], latest_at=sums["latest"])
