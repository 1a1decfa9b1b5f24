"""Use as rows, without the events behind them: for tests of what is drawn, foreseen and told of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate

from catalog.models import Feature
from entitlements.domain.usage.allowances import start_of
from entitlements.models import Account, UsageCounter, UsageDay
from entitlements.queries.usage.terms import terms_of
from tests.entitlements.world import AT, DAY


def counted(held_by: Account, feature: Feature, used: int, *, at: datetime = AT, **more: object) -> UsageCounter:
    """The counter of the period that runs at the moment."""
    period = terms_of(held_by.pk, at=at)[feature.key].period(at)
    start = start_of(period)
    key = {"subject": "", "choice": "", "starts_at": start} | more
    told = {"ends_at": period.end, "used": used, "since": start, "updated_at": at}
    row, _ = UsageCounter.objects.update_or_create(account=held_by, feature=feature, **key, defaults=told)
    return row


def days_before(held_by: Account, feature: Feature, amounts: Sequence[int], *, at: datetime = AT) -> None:
    """The use of the days before the moment, the latest last, each adding to the level of its month."""
    first = at.astimezone(UTC).date() - len(amounts) * DAY
    days = [first + number * DAY for number in range(len(amounts))]
    levels = list(accumulate(zip(days, amounts, strict=True), _level, initial=(first, 0)))[1:]
    UsageDay.objects.bulk_create(
        UsageDay(account=held_by, feature=feature, on=on, amount=amount, level=level[1], events=1)
        for on, amount, level in zip(days, amounts, levels, strict=True)
    )


def _level(before, day):  # type: ignore[no-untyped-def]
    return day[0], (day[1] if day[0].day == 1 else before[1] + day[1])
