"""Where the moments of an account's story come from; whoever knows of more registers a source.

A source answers with its newest moments that fit what was asked, no more than so many. The story is ordered by the
instant, then by the source's key, then by the source's own count: a place in it is named by these three, so a page that
was turned shows what follows the last line read, however much has happened meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from entitlements.models import Account

SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one moment in the story; `count` grows within one source."""

    at: datetime
    source: str
    count: int

    def __str__(self) -> str:
        return SEPARATOR.join([self.at.isoformat(), self.source, str(self.count)])


def parse_place(text: str) -> Place | None:
    """The place an address names; None where it names none."""
    try:
        at, source, count = text.split(SEPARATOR)
        place = Place(datetime.fromisoformat(at), source, int(count))
    except ValueError:
        return None
    return place if place.at.tzinfo is not None and abs(place.count) < 2**63 else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader of the story wants to see: `since` ≤ instant < `until`, and only what follows `after`.

    `merged` are the accounts merged into this one since; their past belongs to the story, marked with their names.
    """

    account: Account
    newest: int
    feature: str = ""
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: Place | None = None
    merged: tuple[Account, ...] = ()

    @property
    def ids(self) -> list[int]:
        return [one.pk for one in (self.account, *self.merged)]

    @property
    def keys(self) -> list[str]:
        return [one.key for one in (self.account, *self.merged)]

    def of(self, key: str) -> str:
        """The name to mark a moment with that was told of the account with this key; none for the account's own."""
        return next((one.name for one in self.merged if one.key == key), "")

    def fitting(self, source: str, *, at: str, count: str) -> Q:
        """The condition on a source's rows, by the names of their instant and of their count."""
        wanted = Q()
        if self.since is not None:
            wanted &= Q(**{f"{at}__gte": self.since})
        if self.until is not None:
            wanted &= Q(**{f"{at}__lt": self.until})
        return wanted if self.after is None else wanted & self._following(self.after, source, at, count)

    @staticmethod
    def _following(place: Place, source: str, at: str, count: str) -> Q:
        if source > place.source:
            return Q(**{f"{at}__lte": place.at})
        earlier = Q(**{f"{at}__lt": place.at})
        if source < place.source:
            return earlier
        return earlier | Q(**{at: place.at, f"{count}__lt": place.count})


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the story. `changes` are the values that changed for the customer; `noted` is what the act wrote.

    `of` names the account it was told of, where that one was merged into this one since.
    """

    at: datetime
    sort: str  # the key of its source
    count: int
    words: str
    who: str = ""
    reason: str = ""
    event_id: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    noted: tuple[tuple[str, Any, Any], ...] = ()
    of: str = ""

    @property
    def place(self) -> Place:
        return Place(self.at, self.sort, self.count)


@dataclass(frozen=True, slots=True)
class Source:
    """`words` name it in the filter; `moments` must honour everything that was asked."""

    key: str
    words: str
    moments: Callable[[Asked], Sequence[Moment]]


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    if SEPARATOR in source.key:
        raise ValueError(f"The key of a source of moments holds no {SEPARATOR!r}: {source.key!r}.")
    _sources[source.key] = source


def sources() -> tuple[Source, ...]:
    return tuple(_sources[key] for key in sorted(_sources))
