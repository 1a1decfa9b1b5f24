"""Which accounts a publication at renewal reaches in a stretch of time: those whose first renewal since lies in it.

The database sorts out who may renew then, by the day and the hour; who does is worked out item by item.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from catalog.domain.rollouts import Audience, RolloutFact
from catalog.domain.window import Window
from entitlements.domain.facts import ItemFact
from entitlements.domain.phases import instant_of
from entitlements.models import BillingPeriod, Subscription, SubscriptionItem
from entitlements.models.lapsing import lapsing
from entitlements.snapshots.moving import read_surroundings
from entitlements.snapshots.reading import Reader

BATCH = 500
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST = timedelta(days=400)  # by then everybody has renewed, also who pays by the year
TURN_OF_MONTH = {1, 2, 27, 28, 29, 30, 31}  # the 31st of one month is the 28th, or in another zone the 1st, of the next


def accounts_renewing(stretch: Window, *, rollouts: Iterable[RolloutFact]) -> set[int]:
    """The ids of the accounts that some rollout at renewal reaches in the stretch; a few too many after trials."""
    start, end = _ends(stretch)
    ids: set[int] = set()
    for rollout in rollouts:
        if rollout.audience is not Audience.AT_RENEWAL or not rollout.stands or rollout.effective_at >= end:
            continue
        pinned = Q(version_id__in=[int(pk) for pk in rollout.moves_from])
        begun = BillingPeriod.objects.filter(starts_at__gte=start, starts_at__lt=end)
        candidates = Q(subscription__in=begun.values("subscription"))
        if start - rollout.effective_at < LONGEST:
            candidates |= _of_that_day(stretch, "subscription__")
            ids |= set(_after_trials(stretch).values_list("account_id", flat=True))
        ids |= set(_reached(SubscriptionItem.objects.filter(pinned, candidates), rollout, stretch))
    return ids


def _reached(items: QuerySet[SubscriptionItem], rollout: RolloutFact, stretch: Window) -> Iterator[int]:
    """The accounts of those items whose own instant lies in the stretch."""
    rows: list[Any] = []
    for row in items.select_related("subscription__account").distinct().iterator(chunk_size=BATCH):
        rows.append(row)
        if len(rows) == BATCH:
            yield from _reached_of(rows, rollout, stretch)
            rows = []
    yield from _reached_of(rows, rollout, stretch)


def _reached_of(rows: list[Any], rollout: RolloutFact, stretch: Window) -> Iterator[int]:
    around = read_surroundings(
        Reader(),
        account_ids=[row.subscription.account_id for row in rows],
        subscription_ids=[row.subscription_id for row in rows],
        rollouts=[rollout],
    )
    for row in rows:
        instant = instant_of(_fact(row, around.moving), rollout)
        if instant is not None and stretch.contains(instant):
            yield row.subscription.account_id


def _fact(row: Any, moving: Any) -> ItemFact:
    return ItemFact(
        id=str(row.pk),
        subscription=str(row.subscription_id),
        plan="",
        pinned=str(row.version_id),
        quantity=row.quantity,
        window=row.window,
        **moving(row, subscription=row.subscription, zone=row.subscription.account.zone),
    )


def _after_trials(stretch: Window) -> QuerySet[Subscription]:
    """Subscriptions whose lapsed trial fell back to another plan, and that may renew in the stretch."""
    lapsed = Q(lapsing(phase="phases__", subscription=""), phases__ends_at__lt=stretch.end)
    return Subscription.objects.filter(lapsed).filter(_of_that_day(stretch, ""))


def _of_that_day(stretch: Window, subscription: str) -> Q:
    """Subscriptions whose start, or a recorded period's, falls on a day and an hour from which the stretch is counted.

    A zone's clock shifts by up to two hours over the year, and with it the day; months end on different days.
    """
    days, hours = _days(stretch), _hours(stretch)
    condition = Q()
    for column in ("starts_at", "billing_periods__starts_at", "billing_periods__ends_at"):
        part = Q(**{f"{subscription}{column}__day__in": sorted(days)})
        if hours is not None:
            part &= Q(**{f"{subscription}{column}__hour__in": sorted(hours)})
        condition |= part
    return condition


def _days(stretch: Window) -> set[int]:
    days = {moment.day for moment in _steps(stretch, DAY, slack=DAY)}
    return days | TURN_OF_MONTH if days & TURN_OF_MONTH else days


def _hours(stretch: Window) -> set[int] | None:
    """None where the stretch is so long that any hour may be in it."""
    hours = {moment.hour for moment in _steps(stretch, HOUR, slack=3 * HOUR)}
    return None if len(hours) == 24 else hours


def _steps(stretch: Window, step: timedelta, *, slack: timedelta) -> Iterator[datetime]:
    start, end = _ends(stretch)
    moment, last = start - slack, min(end + slack, start + timedelta(days=40))
    while moment < last:
        yield moment
        moment += step
    yield last


def _ends(stretch: Window) -> tuple[datetime, datetime]:
    """Both ends, which every stretch of a sweep has."""
    assert stretch.start is not None
    assert stretch.end is not None
    return stretch.start, stretch.end
