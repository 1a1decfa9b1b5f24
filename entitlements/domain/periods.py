"""When a subscription renews: the recorded periods, and after the last of them the projected ones.

Periods begin at the same wall clock on the same day of the month: the 31st, where there is one, else the month's last
day (31 January → 28 February → 31 March). Where a period was recorded, the billing system counts in UTC and so does the
projection; without one it counts from the subscription's start in the account's zone.

**A recorded period is never moved, but recording one may move a projection.** A rollout at renewal takes effect at the
first recorded period start from its instant on, else at the projected one. While nothing is recorded, the projected
instant answers; when a period is recorded that begins earlier or later than was projected, the instant is that one,
for the time between the two as well: *was true at T* (the facts as known now) then says something else for that
stretch than was answered in it, *believed at T* (`known_at`) still says what was answered, and the difference is told
by the act that recorded the period. Periods recorded when they begin, at the instant that was projected, move nothing.
"""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from catalog.domain.window import add_days

MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods of one item's subscription, as far as a renewal can tell them apart.

    `starts_at` is the subscription's start. A period that begins with `begun` or earlier is no renewal: what begins
    then was sold. `recorded` are the starts of the recorded periods in order, `last_end` the end of the last of them.
    """

    starts_at: datetime
    begun: datetime
    interval: str = "month"
    zone: str = "UTC"
    recorded: tuple[datetime, ...] = ()
    last_end: datetime | None = None

    def renewal(self, *, since: datetime) -> datetime:
        """The first period of the item that begins at or after the instant, and after `begun`."""
        number = max(bisect_left(self.recorded, since), bisect_right(self.recorded, self.begun))
        if number < len(self.recorded):
            return self.recorded[number]
        anchor, zone = self.anchor()
        months = MONTHS[self.interval]
        # Whatever projection begins with, the anchor itself, is either a renewal too or sorted out by the loop.
        step = _steps_between(anchor, max(since, self.begun), months=months)
        while (projected := add_months(anchor, step * months, zone)) < since or projected <= self.begun:
            step += 1
        return projected

    def anchor(self) -> tuple[datetime, str]:
        """Where projection counts from: the last recorded start if its end is one interval later, else that end."""
        if not self.recorded or self.last_end is None:
            return self.starts_at, self.zone
        last = self.recorded[-1]
        regular = add_months(last, MONTHS[self.interval], "UTC") == self.last_end
        return (last if regular else self.last_end), "UTC"


def add_months(at: datetime, months: int, zone: str) -> datetime:
    """The same wall clock so many months later in the zone, in UTC, on the same day or the month's last.

    A wall clock that doesn't exist on that day becomes the first instant after the jump; of two the earlier.
    """
    local = at.astimezone(ZoneInfo(zone))
    count = local.year * 12 + local.month - 1 + months
    year, month = count // 12, count % 12 + 1
    day = min(local.day, monthrange(year, month)[1])
    return add_days(at, (local.date().replace(year, month, day) - local.date()).days, zone)


def _steps_between(start: datetime, end: datetime, *, months: int) -> int:
    """So many steps lead from the one to just before the other; never past it."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    apart = (end.year - start.year) * 12 + end.month - start.month
    return max(apart - 1, 0) // months
