"""The board: every open case in one place, by the clock that presses most. Eight reads, however many cases there are.

All open cases are read as one narrow row each and put in their places here, so that every count is of the same moment;
only those on show are read as wholes. The database sorts: instants of ten thousand cases take longer to make than to
order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Max, Min

from support.domain.case_events import OPEN_STATES, CaseState, ClockState
from support.models import Case, CasePromise, Clock, Team

NOBODY = "nobody"  # as a filter: no team, or no assignee
STANDING_STILL = (CaseState.WAITING, CaseState.ON_HOLD)
LAST = datetime.max.replace(tzinfo=UTC)


class Place(StrEnum):
    """In the order in which they are read."""

    LATE = "late"
    NEXT = "next"
    WAITING = "waiting"
    UNPROMISED = "unpromised"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases to show; empty: all of them. Teams, severities and tiers by their key, `nobody` for none."""

    team: str = ""
    severity: str = ""
    assignee: str = ""
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A case with the clock by which it has its place (None: no clock runs), and its other clocks that go on."""

    case: Case
    clock: Clock | None
    others: tuple[Clock, ...]
    promise: CasePromise | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """`number` is of all cases in this place, `lines` is the page asked for; `first` is the number of its first line."""

    place: Place
    number: int
    first: int
    lines: tuple[Line, ...]

    @property
    def more(self) -> int:
        return max(0, self.number - self.first + 1 - len(self.lines))


@dataclass(frozen=True, slots=True)
class TeamCount:
    key: str
    name: str
    number: int
    late: int


@dataclass(frozen=True, slots=True)
class Board:
    """`teams` count what the other filters leave; `assignees` are all who have an open case."""

    sections: tuple[Section, ...]
    teams: tuple[TeamCount, ...]
    assignees: tuple[str, ...]

    @property
    def number(self) -> int:
        return sum(section.number for section in self.sections)


class _Open(NamedTuple):
    """One open case."""

    pk: int
    state: str
    team: str | None
    severity: str
    assignee: str
    tier: str
    account: int | None


@dataclass(frozen=True, slots=True)
class _Pressing:
    """Cases by the order in which their clocks press: the earliest due, and the longest paused."""

    due: Mapping[int, int]
    late: Collection[int]
    paused: Mapping[int, int]

    def place(self, row: _Open) -> Place:
        if row.pk in self.due:
            return Place.LATE if row.pk in self.late else Place.NEXT
        return Place.WAITING if row.pk in self.paused or row.state in STANDING_STILL else Place.UNPROMISED

    def order(self, row: _Open) -> tuple[int, int, bool, int]:
        """What is due first, what waits longest, cases of nobody known; then the oldest."""
        none = len(self.due) + len(self.paused)
        return self.due.get(row.pk, none), self.paused.get(row.pk, none), row.account is not None, row.pk


def board(*, at: datetime, wanted: Wanted | None = None, place: Place | None = None, page: int = 1, most: int) -> Board:
    """What is late, due next, waiting and without a promise at an instant; of one place a page, else of each the first.

    A case whose clocks run in two places stands in the more pressing one, and once.
    """
    wanted = wanted or Wanted()
    found, pressing = list(_open_cases()), _pressing(at)
    kept = [row for row in found if _fits(row, wanted)]
    placed: dict[Place, list[_Open]] = {one: [] for one in Place}
    for row in kept:
        if not wanted.team or (row.team or NOBODY) == wanted.team:
            placed[pressing.place(row)].append(row)
    first = (page - 1) * most if place is not None else 0
    shown = {
        one: sorted(rows, key=pressing.order)[first : first + most] if place in (None, one) else []
        for one, rows in placed.items()
    }
    lines = _lines({row.pk for rows in shown.values() for row in rows})
    return Board(
        sections=tuple(
            Section(one, len(placed[one]), first + 1, tuple(lines[row.pk] for row in rows))
            for one, rows in shown.items()
        ),
        teams=_count(kept, pressing),
        assignees=tuple(sorted({row.assignee for row in found if row.assignee})),
    )


def _open_cases() -> Iterable[_Open]:
    rows = Case.objects.filter(state__in=OPEN_STATES).order_by()
    columns = ("pk", "state", "team__key", "severity__key", "assignee", "tier", "account_id")
    return (_Open(*row) for row in rows.values_list(*columns))


def _pressing(at: datetime) -> _Pressing:
    """Exactly at the due time a clock is still in time."""
    first, since = Min("due_at"), Min("paused_since")
    running = Clock.objects.filter(state=ClockState.RUNNING, due_at__isnull=False).order_by().values("case_id")
    found = list(running.annotate(first=first).order_by("first").values_list("case_id", flat=True))
    paused = Clock.objects.filter(state=ClockState.PAUSED).order_by().values("case_id")
    longest = paused.annotate(since=since).order_by("since").values_list("case_id", flat=True)
    return _Pressing(
        due={pk: number for number, pk in enumerate(found)},
        late=set(running.filter(due_at__lt=at).values_list("case_id", flat=True).distinct()),
        paused={pk: number for number, pk in enumerate(longest)},
    )


def _fits(row: _Open, wanted: Wanted) -> bool:
    """By everything but the team: the counts of the teams stand beside each other."""
    return (
        (not wanted.severity or row.severity == wanted.severity)
        and (not wanted.tier or (row.tier or NOBODY) == wanted.tier)
        and (not wanted.assignee or (row.assignee or NOBODY) == wanted.assignee)
    )


def _count(rows: Sequence[_Open], pressing: _Pressing) -> tuple[TeamCount, ...]:
    """Every team in the order of their names, also without a case; at the end what belongs to none."""
    number: dict[str, int] = defaultdict(int)
    late: dict[str, int] = defaultdict(int)
    for row in rows:
        number[row.team or NOBODY] += 1
        late[row.team or NOBODY] += row.pk in pressing.late
    names = [*Team.objects.values_list("key", "name"), (NOBODY, "No team")]
    return tuple(TeamCount(key, name, number[key], late[key]) for key, name in names)


def _lines(ids: set[int]) -> Mapping[int, Line]:
    """The cases on show with their clocks that go on; with their promise where no clock does."""
    clocks: dict[int, list[Clock]] = defaultdict(list)
    going_on = (ClockState.RUNNING, ClockState.PAUSED)
    for clock in Clock.objects.filter(case__in=ids, state__in=going_on).order_by("due_at", "paused_since", "pk"):
        clocks[clock.case_id].append(clock)
    promises = _last_promises(ids - clocks.keys())
    lines = {}
    for case in Case.objects.filter(pk__in=ids).select_related("account", "severity", "team"):
        # Engines differ in where they sort what is empty.
        own = sorted(clocks[case.pk], key=lambda clock: (clock.due_at or LAST, clock.paused_since or LAST, clock.pk))
        lines[case.pk] = Line(case, own[0] if own else None, tuple(own[1:]), promises.get(case.pk))
    return lines


def _last_promises(ids: set[int]) -> dict[int, CasePromise]:
    """Promises are append-only, and of those that began at one instant the last one speaks."""
    if not ids:
        return {}
    last = CasePromise.objects.filter(case__in=ids).order_by().values("case").annotate(last=Max("pk")).values("last")
    rows = CasePromise.objects.filter(pk__in=last).select_related("policy_version__policy")
    return {row.case_id: row for row in rows}
