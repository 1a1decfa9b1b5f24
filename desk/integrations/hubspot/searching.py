"""Walking through what changed, by stamp and id, however much bears one stamp.

A search is sorted by one property, ends at ten thousand records, counts its pages by place, and those places shift while
somebody works. So no page is ever asked for by its place: each is a search of its own that begins at the last stamp seen,
where the last one of a full page is left to the next, since more may bear it. Where a whole page bears one stamp (an
import), that stamp is gone through by id, and then the walk goes on behind it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desk.integrations.hubspot.names import ID, STAMP, instant, milliseconds

PAGE = 200
Search = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: at a stamp, or within one, after an id among the records of one kind."""

    at: int
    kind: int | None = None
    id: int = 0

    @property
    def text(self) -> str:
        return f"{self.at}" if self.kind is None else f"{self.at}:{self.kind}:{self.id}"

    @classmethod
    def of(cls, text: str) -> "Place":
        """ValueError where it is no place of ours."""
        at, *within = (int(part) for part in text.split(":"))
        return cls(at, *within)


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A record of a kind, with its stamp in milliseconds."""

    at: int
    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Walk:
    """All records of these kinds with stamps before `until`, told apart by kind where they bear one stamp."""

    search: Search
    kinds: Sequence[str]
    until: int

    def page(self, place: Place) -> tuple[list[Found], Place | None]:
        """What lies at a place, by stamp and id, and where the next page begins; None with the last."""
        if place.kind is not None:
            return self._within(place, place.kind)
        most = PAGE // len(self.kinds)
        several = [self._found(kind, most, STAMP, _from(place.at), _before(self.until)) for kind in self.kinds]
        full = [found for found in several if len(found) >= most]
        everything = sorted(one for found in several for one in found)
        if not full:
            return everything, None
        cut = min(found[-1].at for found in full)
        complete = [one for one in everything if one.at < cut]
        return (complete, Place(cut)) if complete else self._within(Place(cut, 0), 0)

    def _within(self, place: Place, kind: int) -> tuple[list[Found], Place | None]:
        bounds = (
            _from(place.at),
            _before(place.at + 1),
            {"propertyName": ID, "operator": "GT", "value": str(place.id)},
        )
        found = self._found(self.kinds[kind], PAGE, ID, *bounds)
        if len(found) >= PAGE:
            return sorted(found), Place(place.at, kind, int(found[-1].id))
        if kind + 1 < len(self.kinds):
            return sorted(found), Place(place.at, kind + 1)
        return sorted(found), Place(place.at + 1) if place.at + 1 < self.until else None

    def _found(self, kind: str, most: int, order: str, *filters: Mapping[str, str]) -> list[Found]:
        asked = {
            "filterGroups": [{"filters": list(filters)}], "properties": [STAMP], "limit": most,
            "sorts": [{"propertyName": order, "direction": "ASCENDING"}],
        }  # fmt: skip
        rows = self.search(kind, asked).get("results") or []
        return [Found(stamp, str(row["id"]), kind) for row in rows if (stamp := stamp_of(row)) is not None]


def stamp_of(row: Mapping[str, Any]) -> int | None:
    at = instant(str((row.get("properties") or {}).get(STAMP) or row.get("updatedAt") or ""))
    return None if at is None else milliseconds(at)


def _from(stamp: int) -> Mapping[str, str]:
    return {"propertyName": STAMP, "operator": "GTE", "value": str(stamp)}


def _before(stamp: int) -> Mapping[str, str]:
    return {"propertyName": STAMP, "operator": "LT", "value": str(stamp)}
