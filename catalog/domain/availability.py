"""Where and when a thing is to be had: the rule of market windows, for offers (sold) and for answers (provided).

A thing is a plan, an add-on or a feature. In each use it stands in one of two ways:

1. **Unrestricted**: it has no window of that use. It is to be had everywhere, also by accounts without a market.
2. **Limited** from an instant on (`since`): before that instant it was unrestricted, and stays so in every answer about
   the past. From then on it is to be had in a market only while one of the market's windows, or a window for
   everywhere, is open. An account without a market has only the windows for everywhere.

When a limit begins, the first time a window is set:

- A thing that nobody has yet (no version in force gives it) is limited at once: that is a **launch**. It is to be had
  nowhere until its window opens, and then only there.
- A thing that is given already is limited only from the instant its window opens: until then nothing changes for
  anybody. From then on everybody outside the window goes without it, which is a lowering.

A limit that has begun never ends by itself, also when its last window is struck or over: then the thing is to be had
nowhere. To lift it is to open a window for everywhere. What was to be had before an act stays so in answers about the
time before it: a window that has begun is cut short, never removed; one still to come is removed, and if it was the
last one of a limit that has begun, what it leaves behind says that until the limit there was none.

Windows are half-open, and windows that touch or overlap are one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from catalog.domain.window import ALWAYS, Window

Place: TypeAlias = int | None  # a market's id; None: everywhere, or an account without a market
Windows: TypeAlias = tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """One window of a thing in one use. `id` is None while nobody has kept it."""

    market: Place
    window: Window
    since: datetime
    id: int | None = None

    def begun(self, at: datetime) -> bool:
        """Whether it has been open for a while; one that opens at this very instant can still be struck."""
        return self.window.start is None or self.window.start < at

    def over(self, at: datetime) -> bool:
        return self.window.end is not None and self.window.end <= at


Limits: TypeAlias = Sequence[Limit]


def limited_since(limits: Limits) -> datetime | None:
    """From when on the thing is limited; None while it is unrestricted for good."""
    return min((limit.since for limit in limits), default=None)


def windows_in(limits: Limits, *, market: Place) -> Windows:
    """When the thing is to be had in the market, or by an account without one; sorted, and no two touch."""
    since = limited_since(limits)
    if since is None:
        return (ALWAYS,)
    return joined([Window(None, since), *(limit.window for limit in limits if limit.market in {None, market})])


def joined(windows: Iterable[Window]) -> Windows:
    """The same instants in as few windows as possible, in their order."""
    found: list[Window] = []
    # A window without a start comes first, whatever stands for it in the sorting.
    for window in sorted(windows, key=lambda w: (w.start is not None, w.start)):
        last = found[-1] if found else None
        if last is not None and (last.end is None or (window.start is None or window.start <= last.end)):
            found[-1] = Window(last.start, _later(last.end, window.end))
        else:
            found.append(window)
    return tuple(found)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)


def shared(one: Windows, other: Windows) -> Windows:
    """The instants both have: a term needs its plan and its feature provided."""
    pairs = (a.intersection(b) for a in one for b in other)
    return joined(window for window in pairs if window is not None)


def open_at(windows: Windows, *, at: datetime) -> bool:
    return any(window.contains(at) for window in windows)


def first_gap(windows: Windows, *, by: Windows, since: datetime) -> datetime | None:
    """The first instant, from `since` on, that the windows have and `by` lacks; None where nothing is missing."""
    for window in windows:
        ahead = window.intersection(Window(since, None))
        missing = None if ahead is None else _first_missing(ahead, by)
        if missing is not None:
            return missing
    return None


def _first_missing(window: Window, by: Windows) -> datetime | None:
    reached = window.start
    assert reached is not None  # what lies ahead starts now at the earliest
    while cover := next((other for other in by if other.contains(reached)), None):
        if cover.end is None or (window.end is not None and window.end <= cover.end):
            return None
        reached = cover.end
    return reached


def set_in(limits: Limits, *, market: Place, window: Window, given: bool, at: datetime) -> tuple[Limit, ...]:
    """The limits after a window was set in a market, or everywhere, in place of the one that stands there.

    `given`: whether a version in force gives the thing to somebody. A window without a start opens now.
    """
    starts = window.start or at
    others = tuple(limit for limit in limits if limit.market != market or limit.over(at))
    cut = tuple(_cut(limit, at=at) for limit in limits if limit not in others and limit.begun(at))
    standing = limited_since((*others, *cut)) or _begun_since(limits, at=at)
    since = standing or (starts if given else at)
    return _postponed((*others, *cut, Limit(market, Window(starts, window.end), since)), at=at)


def lifted(limits: Limits, *, id: int, at: datetime) -> tuple[Limit, ...]:
    """The limits after one window was lifted: cut short if it has begun, struck if it was still to come."""
    held = next(limit for limit in limits if limit.id == id)
    others = tuple(limit for limit in limits if limit.id != id)
    if held.begun(at):
        return (*others, _cut(held, at=at))
    if others or held.since > at:
        return _postponed(others, at=at)
    # The last one of a limit that has begun: without a trace the thing would be unrestricted again, past and future.
    return (replace(held, market=None, window=Window(None, held.since)),)


def _begun_since(limits: Limits, *, at: datetime) -> datetime | None:
    since = limited_since(limits)
    return since if since is not None and since <= at else None


def _cut(limit: Limit, *, at: datetime) -> Limit:
    return replace(limit, window=Window(limit.window.start, at))


def _postponed(limits: tuple[Limit, ...], *, at: datetime) -> tuple[Limit, ...]:
    """A limit that hasn't begun never begins before the first of the windows that are left: nobody loses the sooner
    because another window was moved or struck."""
    since = limited_since(limits)
    if since is None or since <= at:
        return limits
    opens = min((limit.window.start for limit in limits if limit.window.start is not None), default=since)
    return tuple(replace(limit, since=max(since, opens)) for limit in limits)
