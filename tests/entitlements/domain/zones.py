"""Every zone of the IANA database, and the days on which a clock could go wrong."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

DAY = timedelta(days=1)
ZONES = tuple(sorted(available_timezones() - {"localtime"}))
YEARS = range(2024, 2029)


@cache
def month_ends() -> tuple[date, ...]:
    """The last day of every month, and the days around 29 February."""
    lasts = {date(year, month, 1) - DAY for year in YEARS for month in range(2, 13)}
    return tuple(sorted(lasts | {date(year, 12, 31) for year in YEARS} | {date(2024, 2, 28), date(2028, 2, 28)}))


@cache
def edges_of(zone: str) -> tuple[datetime, ...]:
    """Every instant from 2024 to 2028 at which the zone's offset changes, to the minute."""
    tz = ZoneInfo(zone)
    first, last = datetime(YEARS[0], 1, 1, tzinfo=UTC), datetime(YEARS[-1] + 1, 1, 1, tzinfo=UTC)
    # No zone has changed its clocks twice within four days in these years, so that no change hides another.
    instants = [first + 4 * n * DAY for n in range((last - first) // (4 * DAY) + 1)]
    offsets = [instant.astimezone(tz).utcoffset() for instant in instants]
    changed = zip(instants, instants[1:], offsets, offsets[1:], strict=False)
    return tuple(_edge(low, high, tz) for low, high, before, after in changed if before != after)


def _edge(low: datetime, high: datetime, tz: ZoneInfo) -> datetime:
    before = low.astimezone(tz).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // 2
        low, high = (middle, high) if middle.astimezone(tz).utcoffset() == before else (low, middle)
    return high.replace(second=0, microsecond=0)


def days_of(zone: str) -> Iterator[date]:
    """The month ends, and each day on which clocks change with its neighbours."""
    yield from month_ends()
    for edge in edges_of(zone):
        day = edge.astimezone(ZoneInfo(zone)).date()
        yield from (day - DAY, day, day + DAY)
