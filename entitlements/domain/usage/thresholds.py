"""Thresholds: at so many percent of the allowance somebody is told, once in a period.

A threshold is reached when use comes to its share of the limit (≥). What is held by reservations is no use yet. Where
there is no limit, or none is given (a limit of nothing), there is nothing to come near. If a limit rises or staff reset
the use, the thresholds that lie above it again are *armed* again: reaching them once more is told once more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from catalog.domain.rules import Threshold, Told
from catalog.domain.values import UNLIMITED, Amount
from catalog.domain.window import Window

WHOLE = 100


@dataclass(frozen=True, slots=True)
class Crossed:
    """One threshold of one counter, newly reached. `used` and `limit` are those it was reached with; `since` is the
    last reset by staff, None where there was none in the period."""

    account_id: int
    feature_id: int
    subject: str
    period: Window
    percent: int
    used: Decimal
    limit: Decimal
    told: Told
    since: datetime | None = None

    def armed_at(self, at: datetime) -> datetime:
        """Since when it could be told: the period's start, the last reset; once a month of what never starts again."""
        month = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        start = self.period.start if self.period.end is not None else None
        return max(start or month, self.since or start or month)


def reached(thresholds: Iterable[Threshold], *, used: Decimal, limit: Amount) -> tuple[Threshold, ...]:
    """The thresholds that so much use has come to."""
    if limit is UNLIMITED or limit <= 0:
        return ()
    return tuple(threshold for threshold in thresholds if used * WHOLE >= limit * threshold.percent)


def newly_reached(
    thresholds: Sequence[Threshold], *, before: Decimal, after: Decimal, limit: Amount
) -> tuple[Threshold, ...]:
    """Those that use came to on its way from `before` to `after`."""
    if after <= before:
        return ()
    known = reached(thresholds, used=before, limit=limit)
    return tuple(one for one in reached(thresholds, used=after, limit=limit) if one not in known)


def armed_again(percents: Iterable[int], *, used: Decimal, limit: Amount) -> tuple[int, ...]:
    """Of the percentages told already, those that lie above the use now: reaching them is told again."""
    if limit is UNLIMITED:
        return tuple(percents)
    return tuple(percent for percent in percents if used * WHOLE < limit * percent)


def highest_for(crossed: Iterable[Crossed], audience: Told) -> Crossed | None:
    """Of several reached at once the one the audience is told of: the highest that it hears of at all."""
    heard = [one for one in crossed if one.told in {audience, Told.BOTH}]
    return max(heard, key=lambda one: one.percent, default=None)
