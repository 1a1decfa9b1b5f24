"""What becomes of an end: which task is open about it, which is closed, and by whom it was decided. Pure.

Every end of a thing is one row: a task with an owner until it is renewed, or decided that it ends. This module says
what has to be done to the rows of one thing so that they agree with when it ends now (`settle`). Doing it once more
then asks for nothing, in whatever order things moved, were cancelled and came back meanwhile.

**Which decision holds.** A person's decision is about one end: if the end moves, the row lapses with it and a new one
is open. What the thing's own terms say ("renews by itself", "notice was given") is kept as decided by its terms, and
follows the terms. Only in two cases do terms go over a person's word: what was let end renews by itself after all, or
what should have gone on in its place is gone.

**What is past** and was decided is history, and never touched again. What nobody decided stays open beyond its end.

Tasks are opened so long ahead that the last day for notice still lies ahead of whoever gets one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from catalog.domain.window import DAY, last_day

HORIZON = 120 * DAY  # how long before an end its task is opened
LEAD = 30 * DAY  # and at least so long before the last day for notice
BEHIND = 7 * DAY  # an end that came so lately still gets its task: the desk may have stood still
BY_TERMS = "Its terms"


class RenewalState(StrEnum):
    """An end that moved, or is none any more, takes its row with it as `lapsed`."""

    OPEN = "open"
    RENEWED = "renewed"
    LET_END = "let_end"
    LAPSED = "lapsed"

    @property
    def words(self) -> str:
        return {"open": "To decide", "let_end": "Ends as agreed", "lapsed": "No longer ends then"}.get(
            self.value, self.value.capitalize()
        )


class Stands(StrEnum):
    """How it is with what should go on in the place of what ends."""

    PENDING = "pending"  # drafted, not agreed
    AGREED = "agreed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Settled:
    """An end that needs nobody: its terms, or what stands beside it, say what becomes of it."""

    state: RenewalState
    why: str
    goes_on_at: datetime | None = None
    successor_key: str = ""
    successor_label: str = ""

    def __post_init__(self) -> None:
        if self.state not in {RenewalState.RENEWED, RenewalState.LET_END}:
            raise ValueError("An end is settled by going on or by ending.")
        if (self.state is RenewalState.RENEWED) != (self.goes_on_at is not None):
            raise ValueError("What goes on, goes on from an instant; what ends doesn't.")

    @property
    def by_itself(self) -> bool:
        """It goes on as the same thing, without another in its place."""
        return self.state is RenewalState.RENEWED and not self.successor_key


@dataclass(frozen=True, slots=True)
class EndFact:
    """When a thing ends, as things stand."""

    ends_at: datetime
    settled: Settled | None = None


@dataclass(frozen=True, slots=True)
class RowFact:
    """One row about an end of that thing. `successor` is how what it names stands; None: it names nothing of ours."""

    id: int
    ends_at: datetime
    state: RenewalState
    by_terms: bool = False
    why: str = ""
    successor: Stands | None = None
    goes_on: Settled | None = None  # what the row is to say once its successor is agreed


class Act(StrEnum):
    OPEN = "open"
    LAPSE = "lapse"
    REOPEN = "reopen"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `row` None: a new row; `settled`: decided in the same breath."""

    act: Act
    row: int | None
    settled: Settled | None = None


def settle(end: EndFact | None, rows: Iterable[RowFact], *, at: datetime, until: datetime) -> list[Step]:
    """What has to be done to the rows of one thing; `end` None: it no longer ends. No task opens for an end after `until`."""
    rows = list(rows)
    now = next((row for row in rows if end is not None and row.ends_at == end.ends_at), None)
    steps = [Step(Act.LAPSE, row.id) for row in rows if row is not now and _is_outdated(row, end, at=at)]
    if end is None:
        return steps
    if now is None or now.state is RenewalState.LAPSED:
        if at - BEHIND < end.ends_at <= until:
            steps.append(Step(Act.OPEN, None if now is None else now.id, end.settled))
        return steps
    return [*steps, *_again(now, end, at=at)]


def _is_outdated(row: RowFact, end: EndFact | None, *, at: datetime) -> bool:
    """Whether a row about another instant has to go. What a person renewed and so ends later did what it said."""
    if row.state is RenewalState.LAPSED:
        return False
    if row.state is RenewalState.OPEN:
        return True
    if row.ends_at <= at:
        return False
    renewed = row.state is RenewalState.RENEWED and not row.by_terms
    return not (renewed and end is not None and end.ends_at > row.ends_at)


def _again(row: RowFact, end: EndFact, *, at: datetime) -> list[Step]:
    """What its terms, or its successor, say now of an end that has its row."""
    said = end.settled or (row.goes_on if row.successor is Stands.AGREED else None)
    match row.state:
        case RenewalState.OPEN if said is not None:
            return [Step(Act.SETTLE, row.id, said)]
        case RenewalState.OPEN:
            return [Step(Act.REOPEN, row.id)] if row.successor is Stands.GONE else []
        case _ if row.ends_at <= at:
            return []
        case _ if row.by_terms and said is None:
            return [Step(Act.REOPEN, row.id)]
        case _ if row.by_terms and said is not None and (said.state, said.why) != (row.state, row.why):
            return [Step(Act.SETTLE, row.id, said)]
        case RenewalState.RENEWED if row.successor is Stands.GONE:
            return [Step(Act.SETTLE, row.id, end.settled) if end.settled else Step(Act.REOPEN, row.id)]
        case RenewalState.LET_END if not row.by_terms and end.settled and end.settled.by_itself:
            return [Step(Act.SETTLE, row.id, end.settled)]
    return []


def horizon(longest_notice_days: int) -> timedelta:
    """How long before an end its task is opened, where notice of some contract has to be given so early."""
    return max(HORIZON, timedelta(days=longest_notice_days) + LEAD)


@dataclass(frozen=True, slots=True)
class Join:
    """How what comes after meets what ends. `days` are whole days in the zone: of the gap, or of the overlap."""

    sort: str  # "gap", "overlap" or "none"
    days: int
    first: date
    last: date

    @property
    def is_seamless(self) -> bool:
        return self.sort == "none"


def join(ends_at: datetime, starts_at: datetime, *, zone: str) -> Join:
    """Where what comes after begins against the end: right then, later (a gap), or earlier (an overlap)."""
    tz = ZoneInfo(zone)
    if starts_at == ends_at:
        day = ends_at.astimezone(tz).date()
        return Join("none", 0, day, day)
    sort, (early, late) = ("gap", (ends_at, starts_at)) if starts_at > ends_at else ("overlap", (starts_at, ends_at))
    first = early.astimezone(tz).date()
    last = last_day(late, zone) or late.astimezone(tz).date()
    return Join(sort, (last - first).days + 1, first, max(first, last))


def day_after(ends_at: datetime, *, zone: str) -> date:
    """The first day on which what comes after leaves no gap and no overlap, or the least overlap there can be."""
    return ends_at.astimezone(ZoneInfo(zone)).date()


def months_between(first: date, last: date) -> int | None:
    """How many whole months a stretch of whole days lasts; None where it is no number of months."""
    after = last + DAY
    months = (after.year - first.year) * 12 + after.month - first.month
    return months if months >= 1 and after.day == first.day else None


def own_days(typed: Sequence[int], *, longest: int = 365) -> tuple[int, ...]:
    """Days of announcement as they are kept: each once, the longest first; ValueError where one can't be."""
    if any(not 1 <= day <= longest for day in typed):
        raise ValueError(f"An end is announced 1 to {longest} days before it.")
    return tuple(sorted(set(typed), reverse=True))
