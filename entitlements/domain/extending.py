"""How far a trial is extended, and for how long that may be taken back.

Days are calendar days in the customer's zone: seven days later is the same wall clock, also across a change of clocks.
"Through" a day is the first instant of the next day there. Policy judges days, so what was said as a day is counted
back into days from the old end; a part of a day counts as a whole one.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.domain.window import add_days, end_through

UNDO_FOR = timedelta(minutes=10)
AGAIN_WITHIN = 30


def extended_end(end: datetime, *, zone: str, days: int | None = None, through: date | None = None) -> datetime:
    """The new end of a trial that ends at `end`: so many days later, or with that day. One of the two is given."""
    if (days is None) == (through is None):
        raise ValueError("A trial is extended either by days or through a day.")
    if through is not None:
        return end_through(through, zone)
    assert days is not None
    return add_days(end, days, zone)


def days_begun(end: datetime, new_end: datetime, *, zone: str) -> int:
    """How many calendar days the new end lies after the old one, begun ones included; 0 or less is not after it."""
    there = ZoneInfo(zone)
    days = (new_end.astimezone(there).date() - end.astimezone(there).date()).days
    return days + 1 if add_days(end, days, zone) < new_end else days


def undo_until(*, extended_at: datetime, extended_from: datetime) -> datetime:
    """Until when an extension may be undone: for ten minutes, but never once access hangs on it."""
    return min(extended_at + UNDO_FOR, extended_from)


def again_until(lapse: datetime, *, zone: str) -> datetime:
    """Until when a trial that lapsed may run again: for thirty calendar days."""
    return add_days(lapse, AGAIN_WITHIN, zone)
