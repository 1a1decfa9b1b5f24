"""What is asked for when something is taken away from a market, as it waits for a second person and comes back.

An approval holds for exactly what was asked: the same thing, place, uses and instants, and windows that stand as they
stood when it was asked for. All of it is spelled in plain values, because that is what a request can carry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeAlias

from catalog.domain.availability import Limit, Place
from catalog.domain.window import Window

Plain: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """A window to be set for a thing, in a market or everywhere, or in every market but one.

    Without a start it opens when it is approved.
    """

    market: Place
    uses: tuple[str, ...]
    window: Window
    but: Place = None

    def spelled(self) -> dict[str, Any]:
        edges = {"starts_at": _spell(self.window.start), "ends_at": _spell(self.window.end)}
        return {"act": "set", "market": self.market, "but": self.but, "uses": sorted(self.uses), **edges}

    def covers(self, *, market: Place, but: Place, use: str, window: Window) -> bool:
        return (self.market, self.but, self.window) == (market, but, window) and use in self.uses


@dataclass(frozen=True, slots=True)
class Lifting:
    """A window to be lifted."""

    window: int

    def spelled(self) -> dict[str, Any]:
        return {"act": "lift", "window": self.window}


def read_proposal(spelled: Plain) -> Setting | Lifting:
    """What `spelled` wrote, read back."""
    if spelled["act"] == "lift":
        return Lifting(spelled["window"])
    window = Window(_read(spelled["starts_at"]), _read(spelled["ends_at"]))
    return Setting(spelled["market"], tuple(spelled["uses"]), window, spelled.get("but"))


def token_of(limits: Iterable[Limit]) -> str:
    """Differs as soon as any of the windows does: a form or an approval that was made for others is found out."""
    rows = sorted(
        f"{limit.id} {limit.market} {_utc(limit.window.start)} {_utc(limit.window.end)} {_utc(limit.since)}"
        for limit in limits
    )
    return sha256("\n".join(rows).encode()).hexdigest()[:32]


def _utc(instant: datetime | None) -> str:
    return "" if instant is None else instant.astimezone(UTC).isoformat()


def _spell(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
