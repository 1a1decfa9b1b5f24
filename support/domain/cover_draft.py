"""What a cover says, as plain values: written down before there is a row, and read back from one.

Its stretch is half-open. It ends with its contract at the latest; `contract_ends_at` is read there and never written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from catalog.domain.window import Window, end_through, last_day, start_of_day
from support.domain.cover_terms import SHARES, Aspect, ScopeKind
from support.domain.covers import Scope

PLURALS = {
    ScopeKind.ASSET: "assets",
    ScopeKind.LOCATION: "locations",
    ScopeKind.CONTACT: "contacts",
    ScopeKind.PRODUCT: "products",
}


class CoverPlace(StrEnum):
    """Where a cover stands at a moment; in the order in which people read them."""

    IN_FORCE = "in_force"
    TO_COME = "to_come"
    ENDED = "ended"
    CALLED_OFF = "called_off"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class CoverDraft:
    """A cover as a whole. `shares` has the percents it speaks of; what it is narrowed to stands in `scope`."""

    name: str
    starts_at: datetime
    zone: str
    ends_at: datetime | None = None
    contract: int | None = None
    line: int | None = None
    contract_ends_at: datetime | None = None
    tier: str = ""
    shares: Mapping[Aspect, int] = field(default_factory=dict)
    authorisation: str = ""
    priority: int | None = None
    children: bool = False
    counted: bool = False
    visits_a_year: int = 0
    scope: Scope = field(default_factory=Scope)

    @property
    def last_instant(self) -> datetime | None:
        """Its own end or the contract's, whichever comes first; None: nobody has said when."""
        return min((at for at in (self.ends_at, self.contract_ends_at) if at is not None), default=None)

    @property
    def window(self) -> Window:
        """In which it may cover; empty where its contract ended before it began."""
        ends = self.last_instant
        return Window(self.starts_at, None if ends is None else max(ends, self.starts_at))

    @property
    def through_on(self) -> date | None:
        """The last day, as staff say it; None where it ends in the middle of a day, or nobody said."""
        return None if self.ends_at is None else last_day(self.ends_at, self.zone)


def place_at(window: Window, at: datetime) -> CoverPlace:
    """An empty window never covered anything: it was called off, or its contract had ended."""
    if window.start is not None and window.start == window.end:
        return CoverPlace.CALLED_OFF
    if window.start is not None and at < window.start:
        return CoverPlace.TO_COME
    return CoverPlace.IN_FORCE if window.contains(at) else CoverPlace.ENDED


def first_instant(day: date | None, *, zone: str, at: datetime) -> datetime:
    """From the first instant of that day in the zone; no day: from now."""
    return at if day is None else start_of_day(day, zone)


def next_instant(day: date | None, *, zone: str, at: datetime) -> datetime:
    """As `first_instant`, but today means now: what has been answered today stays true."""
    if day is None or day == at.astimezone(ZoneInfo(zone)).date():
        return at
    return start_of_day(day, zone)


def end_instant(day: date | None, *, zone: str) -> datetime | None:
    """Through that day: the first instant of the next one in the zone; no day: no end of its own."""
    return None if day is None else end_through(day, zone)


def plain_draft(draft: CoverDraft) -> dict[str, Any]:
    """As JSON, to be asked about and written later."""
    return {
        "name": draft.name,
        "starts_at": draft.starts_at.astimezone(UTC).isoformat(),
        "ends_at": None if draft.ends_at is None else draft.ends_at.astimezone(UTC).isoformat(),
        "zone": draft.zone,
        "contract": draft.contract,
        "line": draft.line,
        "tier": draft.tier,
        "shares": {aspect.value: draft.shares.get(aspect) for aspect in SHARES},
        "authorisation": draft.authorisation,
        "priority": draft.priority,
        "children": draft.children,
        "counted": draft.counted,
        "visits_a_year": draft.visits_a_year,
        "channels": sorted(draft.scope.channels),
        **{PLURALS[kind]: sorted(draft.scope.of(kind)) for kind in ScopeKind},
    }


def parse_draft(plain: Mapping[str, Any]) -> CoverDraft:
    """What `plain_draft` wrote; the contract's end is read anew by whoever needs it."""
    ends = plain["ends_at"]
    shares = {Aspect(name): percent for name, percent in plain["shares"].items() if percent is not None}
    sets: dict[str, Any] = {plural: frozenset(plain[plural]) for plural in (*PLURALS.values(), "channels")}
    return CoverDraft(
        name=plain["name"],
        starts_at=datetime.fromisoformat(plain["starts_at"]),
        ends_at=None if ends is None else datetime.fromisoformat(ends),
        zone=plain["zone"],
        contract=plain["contract"],
        line=plain["line"],
        tier=plain["tier"],
        shares=shares,
        authorisation=plain["authorisation"],
        priority=plain["priority"],
        children=plain["children"],
        counted=plain["counted"],
        visits_a_year=plain["visits_a_year"],
        scope=Scope(**sets),
    )
