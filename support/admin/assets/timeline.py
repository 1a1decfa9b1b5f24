"""Warranties drawn on one line of time: where each holds, and where it was ended before its time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from support.domain.warranties import WarrantyState
from support.models import Warranty
from support.queries.assets.warranties import span_held

WIDTH, ROW = 600, 26
LEAST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Bar:
    """One warranty: from `x`, `held` wide; what it would have lasted beyond is `lost` wide. In units of the drawing."""

    name: str
    y: int
    x: int
    held: int
    lost: int
    state: str


@dataclass(frozen=True, slots=True)
class Drawing:
    bars: tuple[Bar, ...]
    now: int
    width: int
    height: int
    first: datetime
    last: datetime


def drawn(rows: list[Warranty], *, at: datetime) -> Drawing | None:
    """None without warranties. The line reaches from the first beginning to the last end, and always over today."""
    if not rows:
        return None
    first = min(*(row.starts_at for row in rows), at)
    last = max(*(row.ends_at for row in rows), at, first + LEAST)
    whole = last - first

    def place(instant: datetime) -> int:
        return round((instant - first) / whole * WIDTH)

    bars = []
    for number, row in enumerate(rows):
        span = span_held(row)
        x, until, end = place(row.starts_at), place(span.until), place(row.ends_at)
        state = WarrantyState(span.state(at))
        held = max(until - x, 2 if span.until > span.starts_at else 0)
        bars.append(Bar(row.name, number * ROW, x, held, max(end - x - held, 0), state.value))
    return Drawing(tuple(bars), place(at), WIDTH, len(rows) * ROW, first, last)
