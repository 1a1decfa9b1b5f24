"""How far a flow has read what changed in a CRM, and from where the next look reads.

The CRM's clock counts, never ours: marks come from stamps that it returned. A record is stamped when it is written and
seen when that is committed, so that one seen late bears an earlier stamp than one seen before it; each reading therefore
begins a while before the mark, and stamps by which a record was heard of before are known by it. Where many bear one
stamp, pages go by stamp and then id, and a page may end between two of them.

A record bears the stamp of its last change alone. So what is young is read too, or one that changes again and again would
never be seen; but as another change may still come to bear a young stamp, that isn't remembered, and is news once more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

OVERLAP = timedelta(minutes=5)  # the longest that a record may take from its stamp until it is seen
SETTLING = timedelta(seconds=30)  # for so long another change of the same record may come to bear the same stamp
REMEMBERED = 2 * OVERLAP  # stamps are known for as long as a reading may come upon them again


class Stamped(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def changed_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is stamped from `since` (None: from the beginning) and before `until`, when it began by the CRM's clock; one
    that goes over several runs keeps both, so that what was committed late behind it is within the next one's overlap."""

    since: datetime | None
    until: datetime

    @property
    def settled(self) -> datetime:
        """What is stamped before it will bear no other change."""
        return self.until - SETTLING


def reading_of(mark: datetime | None, until: datetime) -> Reading:
    """From a while before the mark. A clock that was put back takes the reading back with it."""
    return Reading(None if mark is None else min(mark, until) - OVERLAP, until)


def mark_after(reading: Reading, stamps: Iterable[datetime]) -> datetime:
    """The mark once all of a reading was taken: the latest settled stamp that was returned.

    After a quiet while it follows the reading's end at a distance, so that the last ones aren't read for ever.
    """
    return max([reading.until - OVERLAP, *(stamp for stamp in stamps if stamp < reading.settled)])


def news(
    hints: Iterable[Stamped], heard: Mapping[str, Sequence[datetime]], *, settled: datetime
) -> dict[str, list[datetime]]:
    """Of whom something is heard that wasn't heard before, each with the stamps to remember of it.

    A stamp that was settled when it was heard is no news however often it comes again; an earlier one than the last is,
    for it was committed late. A younger one is news, and isn't remembered.
    """
    found: dict[str, set[datetime]] = {}
    for hint in hints:
        if hint.changed_at not in heard.get(hint.id, ()):
            found.setdefault(hint.id, set()).add(hint.changed_at)
    return {
        id: _remembered({*heard.get(id, ()), *(stamp for stamp in stamps if stamp < settled)})
        for id, stamps in found.items()
    }


def _remembered(stamps: set[datetime]) -> list[datetime]:
    last = max(stamps, default=None)
    return sorted(stamp for stamp in stamps if last is None or stamp >= last - REMEMBERED)
