"""Calendar arithmetic of billing periods, in whole seconds of UTC."""

import calendar
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

HOUR = 3600
DAY = 24 * HOUR
MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


class Clock:
    """The account's time: a source that tests fix, and what has been added to it."""

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self._added = 0
        self._held: int | None = None

    def now(self) -> int:
        return int(self._source()) + self._added if self._held is None else self._held

    def hold(self, at: int | None) -> None:
        """While due work is done, the time is the moment at which it was due."""
        self._held = at

    def add(self, seconds: int) -> None:
        self._added += seconds

    @property
    def added(self) -> int:
        return self._added


def after(start: int, interval: str, count: int) -> int:
    """`count` intervals later; a month that lacks the day ends on its last one."""
    at = datetime.fromtimestamp(start, UTC)
    if interval in DAYS:
        return int((at + timedelta(days=DAYS[interval] * count)).timestamp())
    months = at.month - 1 + MONTHS[interval] * count
    year, month = at.year + months // 12, months % 12 + 1
    day = min(at.day, calendar.monthrange(year, month)[1])
    return int(at.replace(year=year, month=month, day=day).timestamp())


def boundary(anchor: int, recurring: dict[str, Any], past: int) -> int:
    """The first boundary counted from the anchor that lies after `past`."""
    interval, count = recurring["interval"], recurring["interval_count"]
    length = after(anchor, interval, count) - anchor
    step = (past - anchor) // (length + 3 * DAY * count) - 1 if past > anchor else (past - anchor) // length - 1
    while after(anchor, interval, count * step) <= past:
        step += 1
    return after(anchor, interval, count * step)


def iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def in_words(at: int) -> str:
    when = datetime.fromtimestamp(at, UTC)
    return f"{when.day} {when:%b %Y}"
