"""A cover over time: the versions that follow each other, and where each stands on a line of days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.domain.window import start_of_day
from catalog.queries.instants import say_instant, say_until
from support.domain.cover_draft import CoverPlace
from support.models import Cover
from support.queries.covers.reading import CoverRead, read_covers

MOST_VERSIONS = 60
WIDTH = 1000  # units of the drawing
OPEN_AHEAD = timedelta(days=365)  # what has no end is drawn for so long
MOST_TICKS = 12


@dataclass(frozen=True, slots=True)
class Stretch:
    """One version on the line, from `x` so many units wide; `open_ended`: nobody has said an end."""

    read: CoverRead
    place: CoverPlace
    x: int
    width: int
    open_ended: bool


@dataclass(frozen=True, slots=True)
class Line:
    """All versions, the first one first; `now` and the ticks are places on the same line. `begins` and `ends` in words;
    `ends` is empty where nobody has said an end."""

    stretches: tuple[Stretch, ...]
    now: int | None
    ticks: tuple[tuple[int, str], ...]
    begins: str
    ends: str


def chain_of(cover: Cover) -> list[Cover]:
    """What it follows, itself, and what follows it; the first one first."""
    rows = Cover.objects.select_related("account", "contract")
    found = [cover]
    while (before := found[0].follows_id) is not None and len(found) < MOST_VERSIONS:
        found.insert(0, rows.get(pk=before))
    while len(found) < MOST_VERSIONS and (after := rows.filter(follows=found[-1]).first()) is not None:
        found.append(after)
    return found


def line_of(cover: Cover, *, at: datetime) -> Line:
    """Drawn from the first beginning to the last end, with today on it where it falls between."""
    reads = read_covers(chain_of(cover))
    begins = min(read.draft.starts_at for read in reads)
    ends = max(_end(read, at=at) for read in reads)
    whole = max(ends - begins, timedelta(days=1))

    def place(instant: datetime) -> int:
        return round(WIDTH * ((instant - begins) / whole))

    stretches = tuple(
        Stretch(
            read,
            read.place(at),
            place(read.draft.starts_at),
            max(place(_end(read, at=at)) - place(read.draft.starts_at), 0),
            read.draft.last_instant is None,
        )
        for read in reads
    )
    now = place(at) if begins <= at <= ends else None
    ticks = tuple((place(instant), words) for instant, words in _ticks(begins, ends, zone=cover.zone))
    last = "" if any(one.open_ended for one in stretches) else say_until(ends, zone=cover.zone)
    return Line(stretches, now, ticks, say_instant(begins, zone=cover.zone), last)


def _end(read: CoverRead, *, at: datetime) -> datetime:
    window = read.window
    return window.end if window.end is not None else max(at, read.draft.starts_at) + OPEN_AHEAD


def _ticks(begins: datetime, ends: datetime, *, zone: str) -> Sequence[tuple[datetime, str]]:
    """The beginnings of years; of quarters or months where it lasts for less."""
    tz = ZoneInfo(zone)
    first, last = begins.astimezone(tz).date(), ends.astimezone(tz).date()
    for months in (1, 3, 12, 60):
        days = [day for day in _firsts(first, last) if (day.year * 12 + day.month - 1) % months == 0]
        if len(days) <= MOST_TICKS:
            return [(start_of_day(day, zone), str(day.year) if months >= 12 else f"{day:%b %Y}") for day in days]
    return ()


def _firsts(first: date, last: date) -> list[date]:
    months = range(first.year * 12 + first.month, last.year * 12 + last.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months]
