"""The chain that makes the audit tell-tale: each event's digest covers its words and the digest before it.

Whoever alters, removes or swaps events leaves a break, which `breaks` names. Whoever rewrites everything from some
event on leaves an unbroken chain, but one that no longer meets the signed seals.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

GENESIS = "0" * 64


class BreakKind(StrEnum):
    ALTERED = "altered"
    REMOVED = "removed"
    SWAPPED = "swapped"
    INSERTED = "inserted"
    SEAL_BROKEN = "seal broken"


@dataclass(frozen=True, slots=True)
class Link:
    """One event as stored. `fields` are all its columns except the two digests; its seq is among them."""

    seq: int
    fields: Mapping[str, object]
    previous_digest: str
    digest: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What a seal vouches for: that event `seq` had this digest."""

    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class Break:
    seq: int
    kind: BreakKind

    def __str__(self) -> str:
        return f"Event {self.seq}: {_WORDS[self.kind]}"


_WORDS = {
    BreakKind.ALTERED: "was altered after it was written.",
    BreakKind.REMOVED: "was removed.",
    BreakKind.SWAPPED: "does not belong in this place: events were swapped or one was put in.",
    BreakKind.INSERTED: "stands here a second time: one was put in.",
    BreakKind.SEAL_BROKEN: "is not the event that was sealed.",
}


def canonical(fields: Mapping[str, object]) -> bytes:
    """One spelling for one content: keys in order, no spaces, UTF-8."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def link(previous_digest: str, content: bytes) -> str:
    return hashlib.sha256(previous_digest.encode() + b"\n" + content).hexdigest()


def first_break(rows: Iterable[Link], *, marks: Iterable[Mark] = ()) -> Break | None:
    return next(breaks(rows, marks=marks), None)


def breaks(rows: Iterable[Link], *, marks: Iterable[Mark] = ()) -> Iterator[Break]:
    """Every break, in the order of the walk; `rows` and `marks` come in order of seq.

    After a break the walk goes on from what it found, so that one tampering is told once and a second one too.
    """
    before = Mark(0, GENESIS)
    sealed = _Sealed(marks)
    for row in rows:
        yield from _place(row, before)
        yield from sealed.upto(row)
        before = Mark(max(row.seq, before.seq), row.digest)
    yield from sealed.beyond(before.seq)


def _place(row: Link, before: Mark) -> Iterator[Break]:
    if row.seq > before.seq + 1:
        yield Break(before.seq + 1, BreakKind.REMOVED)
        # Its predecessor is gone, so only its own words can be weighed, against the digest it says it followed.
        if link(row.previous_digest, canonical(row.fields)) != row.digest:
            yield Break(row.seq, BreakKind.ALTERED)
    elif row.seq <= before.seq:
        yield Break(row.seq, BreakKind.INSERTED)
    elif row.previous_digest == before.digest:
        if link(before.digest, canonical(row.fields)) != row.digest:
            yield Break(row.seq, BreakKind.ALTERED)
    else:
        yield _misplaced(row, before)


def _misplaced(row: Link, before: Mark) -> Break:
    """The digests of two neighbours do not meet: say which of the two is at fault."""
    content = canonical(row.fields)
    if link(before.digest, content) == row.digest:
        return Break(row.seq, BreakKind.ALTERED)  # only the pointer backwards was changed
    if link(row.previous_digest, content) == row.digest:
        # Whole in itself, so what it followed was rewritten together with its digest.
        return Break(max(before.seq, 1), BreakKind.ALTERED)
    return Break(row.seq, BreakKind.SWAPPED)


class _Sealed:
    """The seals' marks, met one by one along the walk."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._marks = iter(marks)
        self._next = next(self._marks, None)

    def upto(self, row: Link) -> Iterator[Break]:
        while self._next is not None and self._next.seq <= row.seq:
            if self._next.seq == row.seq and self._next.digest != row.digest:
                yield Break(row.seq, BreakKind.SEAL_BROKEN)
            self._next = next(self._marks, None)

    def beyond(self, last_seq: int) -> Iterator[Break]:
        """A seal over an event that is not there: the end of the chain was cut off."""
        if self._next is not None:
            yield Break(last_seq + 1, BreakKind.REMOVED)
