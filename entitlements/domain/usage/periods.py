"""The period in which use counts, by the reset: after its end, use starts again at nothing.

- Seconds, minutes and hours are physical: they begin at whole multiples in UTC, so that no clock change makes one
  longer. Zones off by half an hour share the UTC hour.
- Days, weeks (from Monday), months and years are those of the account's calendar: they begin at the first instant of
  the day in its zone, so that a day may have 23 or 25 hours.
- Billing periods are the recorded ones, and beyond them the projected ones: the 31st is clamped without drift
  (`entitlements/domain/periods.py`). Nothing known of billing: months of the calendar.
- Never: all of time is one period.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.domain.values import Reset
from catalog.domain.window import ALWAYS, Window, start_of_day
from entitlements.domain.periods import MONTHS, Periods, add_months

_PHYSICAL = {Reset.SECOND: 1, Reset.MINUTE: 60, Reset.HOUR: 3600}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def use_period(reset: Reset, *, at: datetime, zone: str, periods: Periods | None = None) -> Window:
    """The period that the instant falls into, `[start, end)`; a window without ends where use never starts again."""
    if reset is Reset.NEVER:
        return ALWAYS
    if reset in _PHYSICAL:
        step = timedelta(seconds=_PHYSICAL[reset])
        start = _EPOCH + (at - _EPOCH) // step * step
        return Window(start, start + step)
    if reset is Reset.BILLING and periods is not None:
        return billing_period(periods, at=at)
    return _calendar_period(reset, at.astimezone(ZoneInfo(zone)).date(), zone, at)


def _calendar_period(reset: Reset, day: date, zone: str, at: datetime) -> Window:
    first, following = _days(reset, day)
    start, end = start_of_day(first, zone), start_of_day(following, zone)
    # On a day whose first instants come twice (clocks set back over midnight) the local date may run ahead of them.
    if at < start:
        return _calendar_period(reset, first - timedelta(days=1), zone, at)
    return Window(start, end) if at < end else _calendar_period(reset, following, zone, at)


def _days(reset: Reset, day: date) -> tuple[date, date]:
    """The first day of the period and the first of the next."""
    match reset:
        case Reset.DAY:
            return day, day + timedelta(days=1)
        case Reset.WEEK:
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=7)
        case Reset.YEAR:
            return day.replace(month=1, day=1), date(day.year + 1, 1, 1)
        case _:
            first = day.replace(day=1)
            return first, (first + timedelta(days=32)).replace(day=1)


def billing_period(periods: Periods, *, at: datetime) -> Window:
    """The recorded period that the instant falls into, else the projected one, ending where a recorded one begins."""
    recorded, end = periods.recorded, periods.last_end
    if recorded and end is not None and recorded[0] <= at < end:
        number = bisect_right(recorded, at)
        return Window(recorded[number - 1], recorded[number] if number < len(recorded) else end)
    if recorded and end is not None and at >= end:
        anchor, zone = periods.anchor()
        return _projected(anchor, zone, periods.interval, at, not_before=end)
    projected = _projected(periods.starts_at, periods.zone, periods.interval, at)
    if recorded and projected.end is not None and projected.end > recorded[0]:
        return Window(projected.start, recorded[0])
    return projected


def _projected(anchor: datetime, zone: str, interval: str, at: datetime, not_before: datetime | None = None) -> Window:
    months = MONTHS[interval]
    local, first = at.astimezone(UTC), anchor.astimezone(UTC)
    step = ((local.year - first.year) * 12 + local.month - first.month) // months - 1
    while add_months(anchor, (step + 1) * months, zone) <= at:
        step += 1
    while add_months(anchor, step * months, zone) > at:
        step -= 1
    start, end = add_months(anchor, step * months, zone), add_months(anchor, (step + 1) * months, zone)
    return Window(max(start, not_before) if not_before else start, end)
