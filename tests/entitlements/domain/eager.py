"""The version of an item found the slow way: a row that is rewritten step by step, in the order of time.

It shares no code with the answer it checks: renewals are counted one by one, and every rollout either rewrites the row
at its moment, or is passed by while a hold lasts and made up for when that ends.
"""

from calendar import monthrange
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

LONGEST = 60  # steps; longer than any test looks ahead


def version_of(item, rollouts, at):
    """The version the row bears at the instant."""
    reaching = {r: moment for r in rollouts if (moment := reached(item, r)) is not None}
    ends = [hold.window.end for hold in item.holds if hold.window.end is not None]
    row, newest, waiting = item.pinned, -1, []
    for moment in sorted({*reaching.values(), *ends, at}):
        if moment > at:
            break
        waiting += [r for r, when in reaching.items() if when == moment]
        if any(hold.window.contains(moment) for hold in item.holds):
            continue
        for rollout in sorted(waiting, key=lambda r: r.order):
            if rollout.order > newest:
                row, newest = rollout.version, rollout.order
        waiting = []
    return row


def reached(item, rollout):
    """When the rollout rewrites the row, holds aside."""
    if rollout.cancelled_at is not None or item.pinned not in rollout.moves_from:
        return None
    if item.recorded_at is not None and item.recorded_at > rollout.effective_at:
        return None
    if rollout.audience in ("now", "on_date"):
        return rollout.effective_at
    if rollout.audience == "cohort":
        return rollout.effective_at if rollout.cohort in item.cohorts else None
    if rollout.audience == "at_renewal" and item.periods is not None:
        return next(r for r in renewals(item.periods) if r >= rollout.effective_at)
    return None


def renewals(periods):
    """Every renewal of the item, one after the other: the recorded ones, then those counted on from the last."""
    recorded = [r for r in periods.recorded if r > periods.begun]
    months = 12 if periods.interval == "year" else 1
    if not periods.recorded:
        counted = [later(periods.starts_at, n * months, periods.zone) for n in range(LONGEST)]
    else:
        last = periods.recorded[-1]
        regular = later(last, months, "UTC") == periods.last_end
        first, begin = (last, 1) if regular else (periods.last_end, 0)
        counted = [later(first, n * months, "UTC") for n in range(begin, LONGEST)]
    return recorded + [r for r in counted if r > periods.begun]


def later(start, months, zone):
    """The wall clock of the start, so many months on, one month at a time."""
    wall = start.astimezone(ZoneInfo(zone))
    year, month = wall.year, wall.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    day = min(wall.day, monthrange(year, month)[1])
    there = datetime(year, month, day, wall.hour, wall.minute, wall.second, wall.microsecond, ZoneInfo(zone))
    there = there.astimezone(ZoneInfo("UTC"))
    back = there.astimezone(ZoneInfo(zone))
    if back.hour == wall.hour and back.minute == wall.minute:
        return there
    while (there - timedelta(minutes=1)).astimezone(ZoneInfo(zone)).utcoffset() == back.utcoffset():
        there -= timedelta(minutes=1)  # the clock jumped over it: back to the jump
    return there
