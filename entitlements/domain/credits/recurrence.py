"""When something comes again: an anchor and an interval, counted from the anchor so that nothing drifts.

The 31st is the month's last day where there is no 31st, and the 31st again in the month after. Months and days keep the
wall clock of the zone; seconds are physical.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from catalog.domain.window import Window, add_days
from entitlements.domain.periods import add_months

SECONDS_A_DAY = 86_400
SECONDS_A_MONTH = 2_629_746  # of the average month of the calendar; only ever to begin looking near the right place
NEVER_AFTER = datetime(9000, 1, 1, tzinfo=UTC)


class NoInterval(ValueError):
    """An interval that leads nowhere, or backwards."""


@dataclass(frozen=True, slots=True)
class Interval:
    """So many months, then days, then seconds."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def after(self, at: datetime, *, times: int = 1, zone: str = "UTC") -> datetime:
        """The instant so many intervals later, in UTC; each part is multiplied before it is added."""
        moved = add_months(at, self.months * times, zone) if self.months else at.astimezone(UTC)
        moved = add_days(moved, self.days * times, zone) if self.days else moved
        return moved + timedelta(seconds=self.seconds * times)

    @property
    def about(self) -> int:
        """Its length in seconds, as it is on average."""
        return self.months * SECONDS_A_MONTH + self.days * SECONDS_A_DAY + self.seconds


class Repeats(Protocol):
    """What tells the instants at which something comes again."""

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Those in (after, until], in order."""
        ...


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every interval before and after the anchor."""

    interval: Interval
    anchor: datetime
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.interval.about <= 0:
            raise NoInterval("Something that recurs needs an interval that leads forward.")

    def occurrence(self, number: int) -> datetime:
        return self.interval.after(self.anchor, times=number, zone=self.zone)

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The occurrences in (after, until], in order."""
        number = self._last_at(after) + 1
        until = min(until, NEVER_AFTER)
        while (at := self.occurrence(number)) <= until:
            yield at
            number += 1

    def period_at(self, at: datetime) -> Window:
        """From the last occurrence at or before the instant to the next one."""
        number = self._last_at(at)
        return Window(self.occurrence(number), self.occurrence(number + 1))

    def _last_at(self, at: datetime) -> int:
        """The number of the last occurrence at or before the instant."""
        seconds = (at - self.anchor) // timedelta(seconds=1)
        number = seconds // self.interval.about - 1
        while self.occurrence(number) > at:
            number -= 1
        while self.occurrence(number + 1) <= at:
            number += 1
        return number


@dataclass(frozen=True, slots=True)
class Listed:
    """Instants that are known one by one, in order."""

    instants: tuple[datetime, ...]

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        return (at for at in self.instants if after < at <= until)
