"""Which line of a contract promises what, and from when until when, over all versions that were signed.

A version speaks from its own instant until that of the next; of two at one instant the later number does. A line keeps
its number from version to version. Where it promises the same before and after an amendment, nothing is cut: it is one
stretch, which began where the line first said so. So what an amendment leaves alone goes on untouched, and what it
changes ends and begins at its instant and nowhere else.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.domain.window import ALWAYS, Window


@dataclass(frozen=True, slots=True)
class LineFact:
    """`promise` is whatever makes two lines promise the same; `window` is the line's own, where it has one."""

    number: int
    promise: Hashable
    row: int
    window: Window = ALWAYS


@dataclass(frozen=True, slots=True)
class VersionFact:
    number: int
    effective_at: datetime
    lines: tuple[LineFact, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """So long one line promises the same; `row` is the line that said it first."""

    number: int
    promise: Hashable
    row: int
    starts_at: datetime
    ends_at: datetime | None


def stretches(versions: Iterable[VersionFact], *, end: datetime | None = None) -> tuple[Stretch, ...]:
    """What every line promises over time, by number and then by start; nothing reaches beyond `end`."""
    found: dict[int, list[Stretch]] = {}
    in_order = sorted(versions, key=lambda version: (version.effective_at, version.number))
    for place, version in enumerate(in_order, start=1):
        until = in_order[place].effective_at if place < len(in_order) else None
        for line in version.lines:
            window = _window(line, Window(version.effective_at, until), end)
            if window is not None:
                _add(found.setdefault(line.number, []), line, window)
    return tuple(stretch for number in sorted(found) for stretch in found[number])


def _window(line: LineFact, speaks: Window, end: datetime | None) -> Window | None:
    if end is not None and speaks.start is not None and end <= speaks.start:
        return None
    if speaks.start is not None and speaks.end is not None and speaks.end <= speaks.start:
        return None  # another version of the same instant speaks in its place
    window = line.window.intersection(speaks)
    return None if window is None else window.intersection(Window(None, end))


def _add(known: list[Stretch], line: LineFact, window: Window) -> None:
    assert window.start is not None  # a version begins to speak at an instant
    last = known[-1] if known else None
    if last is not None and last.ends_at == window.start and last.promise == line.promise:
        known[-1] = replace(last, ends_at=window.end)
    else:
        known.append(Stretch(line.number, line.promise, line.row, window.start, window.end))
