"""What stands where, as people read it: by market, by thing, and what starts or ends soon."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from catalog.domain.availability import Limit, Limits, Place, limited_since, windows_in
from catalog.domain.values import PlanKind
from catalog.domain.window import Window
from catalog.models import Feature, Market, MarketWindow, Plan
from catalog.models.market import MarketUse, limit_of
from catalog.queries.instants import say_instant, say_until
from catalog.queries.markets import NO_MARKET, Thing, limits_of, thing_of, windows_of

EVERYWHERE = "Everywhere"
_SORTS = {PlanKind.PLAN: "Plan", PlanKind.ADD_ON: "Add-on"}


class When(StrEnum):
    """Where a window stands at a moment."""

    NOW = "now"
    TO_COME = "to_come"
    OVER = "over"

    @property
    def words(self) -> str:
        return {"now": "Now", "to_come": "To come", "over": "Over"}[self.value]


@dataclass(frozen=True, slots=True)
class Line:
    """One window, past, present or to come."""

    row: MarketWindow
    thing: Thing
    where: str
    when: When
    starts: str
    ends: str

    @property
    def sort(self) -> str:
        return sort_of(self.thing)

    @property
    def use(self) -> str:
        return MarketUse(self.row.use).value.capitalize()

    @property
    def open_ended(self) -> bool:
        return self.when is not When.OVER


def sort_of(thing: Thing) -> str:
    """ "Plan", "Add-on" or "Feature"."""
    return _SORTS[PlanKind(thing.kind)] if isinstance(thing, Plan) else "Feature"


def _when(window: Window, at: datetime) -> When:
    if window.contains(at):
        return When.NOW
    return When.OVER if window.end is not None and window.end <= at else When.TO_COME


def _line(row: MarketWindow, *, zone: str, at: datetime) -> Line:
    return Line(
        row,
        thing_of(row),
        where=row.market.name if row.market else EVERYWHERE,
        when=_when(row.window, at),
        starts=say_instant(row.starts_at, zone=zone) if row.starts_at else "always",
        ends=say_until(row.ends_at, zone=zone) if row.ends_at else "without end",
    )


def _ordered(lines: Iterable[Line]) -> list[Line]:
    """What is to come first, then what is now, then what is over; the latest of each first."""
    order = [When.TO_COME, When.NOW, When.OVER]
    newest = sorted(lines, key=lambda line: line.row.pk, reverse=True)
    return sorted(newest, key=lambda line: order.index(line.when))


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a thing in one place: sold there or not, provided there or not, in words."""

    thing: Thing
    place: str
    sold: str
    provided: str
    market: Market | None = None

    @property
    def sort(self) -> str:
        return sort_of(self.thing)


def say_windows(limits: Limits, *, place: Place, zone: str, at: datetime) -> str:
    """ "Yes", "Yes, through 30 June 2026 (UTC)", "From 1 June 2026 (UTC) on", "No"."""
    if limited_since(limits) is None:
        return "Yes, as everywhere"
    ahead = [window for window in windows_in(limits, market=place) if window.end is None or window.end > at]
    if not ahead:
        return "No"
    first = ahead[0]
    until = "" if first.end is None else say_until(first.end, zone=zone)
    if first.contains(at):
        return f"Yes, {until}" if until else "Yes"
    assert first.start is not None  # else it would be open now
    begins = f"From {say_instant(first.start, zone=zone)}"
    return f"{begins} {until}" if until else f"{begins} on"


@dataclass(frozen=True, slots=True)
class MarketView:
    """Everything that is limited, as it concerns one market; what isn't listed is sold and provided everywhere."""

    standings: tuple[Standing, ...]
    lines: tuple[Line, ...]
    unlimited: int


def in_market(market: Market, *, zone: str, at: datetime) -> MarketView:
    """In four reads, however many things are limited."""
    rows = list(MarketWindow.objects.select_related("market", "plan", "feature"))
    limits: dict[Thing, dict[MarketUse, list[Limit]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        limits[thing_of(row)][MarketUse(row.use)].append(limit_of(row))
    standings = [_standing(thing, uses, market, zone=zone, at=at) for thing, uses in limits.items()]
    here = (row for row in rows if row.market_id in {None, market.pk} and not _trace(row))
    return MarketView(
        standings=tuple(sorted(standings, key=lambda one: (one.sort != "Plan", one.sort, str(one.thing)))),
        lines=tuple(_ordered(_line(row, zone=zone, at=at) for row in here)),
        unlimited=Plan.objects.count() + Feature.objects.count() - len(limits),
    )


def _trace(row: MarketWindow) -> bool:
    """Whether it only remembers that until the limit there was none; no person ever set it."""
    return row.market_id is None and row.starts_at is None and row.ends_at == row.limits_from


def _standing(
    thing: Thing, uses: dict[MarketUse, list[Limit]], market: Market | None, *, zone: str, at: datetime
) -> Standing:
    place = None if market is None else market.pk
    sold, provided = (say_windows(uses[use], place=place, zone=zone, at=at) for use in MarketUse)
    return Standing(thing, market.name if market else NO_MARKET.capitalize(), sold, provided, market)


@dataclass(frozen=True, slots=True)
class ThingView:
    """Where and when one thing is to be had; without limits it is everywhere."""

    limited: bool
    standings: tuple[Standing, ...]
    lines: tuple[Line, ...]
    limit_begins: tuple[str, ...]


def of_thing(thing: Thing, *, zone: str, at: datetime) -> ThingView:
    """One thing in every market, and for accounts without one."""
    uses = {use: list(limits_of(thing, use=use)) for use in MarketUse}
    rows = windows_of(thing).select_related("market", "plan", "feature")
    return ThingView(
        limited=any(uses.values()),
        standings=tuple(_standing(thing, uses, market, zone=zone, at=at) for market in [*Market.objects.all(), None]),
        lines=tuple(_ordered(_line(row, zone=zone, at=at) for row in rows if not _trace(row))),
        limit_begins=tuple(_say_begin(use, limits, zone=zone, at=at) for use, limits in uses.items() if limits),
    )


def _say_begin(use: MarketUse, limits: Limits, *, zone: str, at: datetime) -> str:
    since = limited_since(limits)
    assert since is not None  # there are limits
    if since <= at:
        return f"It is {use} only where and while a line below says so."
    return (
        f"It is {use} everywhere until {say_instant(since, zone=zone)}; from then on only where a line below says so."
    )


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that starts or ends by itself."""

    at: datetime
    row: MarketWindow
    thing: Thing
    words: str


def coming(*, days: int, at: datetime) -> list[Coming]:
    """What starts or ends in the next so many days, the soonest first; one read."""
    ahead = Window(at, at + timedelta(days=days))
    rows = MarketWindow.objects.select_related("market", "plan", "feature")
    found = [event for row in rows for event in _events(row, ahead)]
    return sorted(found, key=lambda event: (event.at, event.row.pk))


def _events(row: MarketWindow, ahead: Window) -> Sequence[Coming]:
    thing, where = thing_of(row), f"in {row.market}" if row.market else "everywhere"
    found = []
    if row.starts_at is not None and ahead.contains(row.starts_at):
        begins = "and nowhere else from then on" if row.limits_from == row.starts_at else ""
        words = f"begins to be {row.use} {where}{f', {begins}' if begins else ''}"
        found.append(Coming(row.starts_at, row, thing, words))
    if row.ends_at is not None and ahead.contains(row.ends_at):
        found.append(Coming(row.ends_at, row, thing, f"stops being {row.use} {where}"))
    return found
