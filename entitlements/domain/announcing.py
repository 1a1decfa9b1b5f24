"""When an end is announced, so many days ahead: in the morning, where the customer is.

The day is counted back from the last day on which the thing still holds, so that what lasts through 31 March is
announced one day before on 30 March; what ends on 31 March at 14:05 likewise. The hour is nine in the morning of the
account's zone: nobody is written to at midnight, and whoever reads it has the day before them to act on it.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from catalog.domain.window import DAY, MOMENT, Window

MORNING = time(9)


def announced_at(end: datetime, *, days: int, zone: str) -> datetime:
    """The instant at which an end is announced so many days before it, in UTC; always before the end itself."""
    tz = ZoneInfo(zone)
    last = (end - MOMENT).astimezone(tz).date()
    morning = datetime.combine(last - timedelta(days=days), MORNING, tzinfo=tz).astimezone(UTC)
    return min(morning, end - DAY / 2)


def ends_announced_in(stretch: Window, *, days: int) -> Window:
    """Every end that may be announced in the stretch so many days before it lies in here; so may some others."""
    start, end = _edges(stretch)
    return Window(start + (days - 1) * DAY, end + (days + 2) * DAY)


def nearest(days: Iterable[int], *, end: datetime, zone: str, at: datetime) -> int | None:
    """Of several announcements of one end the last that is due: after a silence one is told, not all that were missed."""
    return min((n for n in days if announced_at(end, days=n, zone=zone) <= at), default=None)


def zones_at_morning(stretches: Collection[Window]) -> frozenset[str] | None:
    """The zones where a morning hour falls in one of the stretches; None: in any of them, as far as one can tell."""
    if any(end - start >= DAY for start, end in map(_edges, stretches)):
        return None
    return frozenset(zone for zone in _zones() if any(_has_morning(stretch, ZoneInfo(zone)) for stretch in stretches))


def _has_morning(stretch: Window, tz: ZoneInfo) -> bool:
    first = _edges(stretch)[0].astimezone(tz).date()
    mornings = (datetime.combine(day, MORNING, tzinfo=tz) for day in (first, first + DAY))
    return any(stretch.contains(morning) for morning in mornings)


def _edges(stretch: Window) -> tuple[datetime, datetime]:
    if stretch.start is None or stretch.end is None:
        raise ValueError("A sweep goes from an instant to an instant.")
    return stretch.start, stretch.end


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))
