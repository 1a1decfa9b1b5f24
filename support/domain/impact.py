"""What promising cases anew does to their clocks: counted alike before it is done and while it is.

Two standings of a case are compared, as it is promised now and as it would be, both at one instant. A clock *moves*
where its due time does: later or earlier, or it stops for want of a target, or one starts that there was none for. Of
a paused clock, which has no due time, the due time before its pauses is compared. A clock that has ended moves no more.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from support.domain.case_events import ClockState
from support.domain.clocks.values import CaseStanding, RunClock

MOST_ROWS = 50


class Turn(StrEnum):
    LATER = "later"
    EARLIER = "earlier"
    STOPS = "stops"
    STARTS = "starts"


@dataclass(frozen=True, slots=True)
class Move:
    """One clock that moves; `before` and `after` are due times, None while it is paused or where there is no clock.

    `breaches` where it wasn't late and will be at once.
    """

    milestone: str
    run: int
    turn: Turn
    before: datetime | None
    after: datetime | None
    breaches: bool = False


def moves_between(before: CaseStanding, after: CaseStanding) -> Iterator[Move]:
    """Every clock that is due otherwise, in the order in which the clocks stand afterwards."""
    known = {(clock.milestone.key, clock.run): clock for clock in before.clocks}
    standing = {(clock.milestone.key, clock.run): clock for clock in after.clocks}
    for key in dict.fromkeys((*standing, *known)):
        move = _move(known.get(key), standing.get(key))
        if move is not None:
            yield move


def _move(was: RunClock | None, becomes: RunClock | None) -> Move | None:
    turn = _turn(was if _open(was) else None, becomes if _open(becomes) else None)
    named = becomes or was
    if turn is None or named is None:
        return None
    return Move(
        milestone=named.milestone.name,
        run=named.run,
        turn=turn,
        before=was.due_at if was is not None and _open(was) else None,
        after=becomes.due_at if becomes is not None and _open(becomes) else None,
        breaches=_breaches(was, becomes),
    )


def newly_late(before: CaseStanding, after: CaseStanding) -> set[tuple[str, int]]:
    """The clocks that are late afterwards and were not before, by milestone and run."""
    known = {(clock.milestone.key, clock.run): clock for clock in before.clocks}
    standing = {(clock.milestone.key, clock.run): clock for clock in after.clocks}
    return {key for key, clock in standing.items() if _breaches(known.get(key), clock)}


def _breaches(was: RunClock | None, becomes: RunClock | None) -> bool:
    return becomes is not None and becomes.breached_at is not None and (was is None or was.breached_at is None)


def _open(clock: RunClock | None) -> bool:
    return clock is not None and clock.state in (ClockState.RUNNING, ClockState.PAUSED)


def _turn(was: RunClock | None, becomes: RunClock | None) -> Turn | None:
    if was is None or becomes is None:
        return Turn.STOPS if was is not None else Turn.STARTS if becomes is not None else None
    if (was.due_at is None) != (becomes.due_at is None):
        # It stood still and now runs towards a due time, or the other way round.
        return Turn.EARLIER if was.due_at is None else Turn.LATER
    old, new = (was.due_at or was.first_due), (becomes.due_at or becomes.first_due)
    return None if old == new else Turn.LATER if new > old else Turn.EARLIER


@dataclass(slots=True)
class Share:
    """How many cases are promised anew, how many of their clocks move and how many are late at once."""

    cases: int = 0
    moved: int = 0
    would_breach: int = 0

    def add(self, other: "Share") -> None:
        self.cases += other.cases
        self.moved += other.moved
        self.would_breach += other.would_breach


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """One clock that moves, with the case it is of, as a page shows it; team and tier as people call them."""

    case: int
    subject: str
    account: str
    team: str
    tier: str
    milestone: str
    run: int
    turn: Turn
    before: datetime | None
    after: datetime | None
    breaches: bool

    @property
    def rank(self) -> tuple[bool, bool, int, str, int]:
        """Those that are late at once stand first, then those that are due earlier."""
        return (not self.breaches, self.turn is not Turn.EARLIER, self.case, self.milestone, self.run)

    def as_json(self) -> dict[str, Any]:
        times = {name: at and at.isoformat() for name, at in (("before", self.before), ("after", self.after))}
        return {each.name: getattr(self, each.name) for each in fields(self)} | times | {"turn": self.turn.value}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        times = {name: said[name] and datetime.fromisoformat(said[name]) for name in ("before", "after")}
        return cls(**{**said, **times, "turn": Turn(said["turn"])})


@dataclass(slots=True)
class Impact:
    """All of it. `open` are the open cases, `affected` those that are promised anew, `moved` clocks of theirs.

    `moved` is the sum of `later`, `earlier`, `stopped` and `started`. `by_team` and `by_tier` are told by name; the
    rows are a sample. Where `counted` is False there were too many cases to count at once: only the first two are told.
    """

    open: int = 0
    affected: int = 0
    moved: int = 0
    later: int = 0
    earlier: int = 0
    stopped: int = 0
    started: int = 0
    would_breach: int = 0
    by_team: dict[str, Share] = field(default_factory=dict)
    by_tier: dict[str, Share] = field(default_factory=dict)
    rows: list[ImpactRow] = field(default_factory=list)
    counted: bool = True

    def add_case(self, *, team: str, tier: str, moves: tuple[Move, ...], row: Callable[[Move], ImpactRow]) -> None:
        """Count one case that is promised anew."""
        self.affected += 1
        self.moved += len(moves)
        self.later += sum(move.turn is Turn.LATER for move in moves)
        self.earlier += sum(move.turn is Turn.EARLIER for move in moves)
        self.stopped += sum(move.turn is Turn.STOPS for move in moves)
        self.started += sum(move.turn is Turn.STARTS for move in moves)
        late = sum(move.breaches for move in moves)
        self.would_breach += late
        share = Share(1, len(moves), late)
        self.by_team.setdefault(team, Share()).add(share)
        self.by_tier.setdefault(tier, Share()).add(share)
        self._show([row(move) for move in moves])

    def add(self, other: "Impact") -> None:
        """Add the count of further cases; how many are open is nobody's sum."""
        for name in FIGURES:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.by_team, other.by_team), (self.by_tier, other.by_tier)):
            for key, share in theirs.items():
                mine.setdefault(key, Share()).add(share)
        self._show(other.rows)

    def _show(self, rows: list[ImpactRow]) -> None:
        self.rows = sorted((*self.rows, *rows), key=lambda each: each.rank)[:MOST_ROWS]

    def as_json(self) -> dict[str, Any]:
        shares = {
            name: {key: [share.cases, share.moved, share.would_breach] for key, share in getattr(self, name).items()}
            for name in ("by_team", "by_tier")
        }
        figures = {name: getattr(self, name) for name in ("open", *FIGURES, "counted")}
        return figures | shares | {"rows": [row.as_json() for row in self.rows]}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        shares = {name: {key: Share(*of) for key, of in said[name].items()} for name in ("by_team", "by_tier")}
        return cls(**{**said, **shares, "rows": [ImpactRow.from_json(row) for row in said["rows"]]})


FIGURES = ("affected", "moved", "later", "earlier", "stopped", "started", "would_breach")


def say_impact(impact: Impact, *, done: bool = False) -> str:
    """ "12 cases are promised anew: 32 clocks move (20 later, 12 earlier), 4 would be late at once." """
    cases = _count(impact.affected, "case")
    if not impact.affected:
        return "No open case is promised anew."
    told = f"{cases} {_verb(impact.affected, 'was', 'were') if done else _verb(impact.affected, 'is', 'are')} promised anew"
    if not impact.moved:
        return f"{told}; no clock {'moved' if done else 'moves'}."
    turns = {"later": impact.later, "earlier": impact.earlier, "stopped": impact.stopped, "started": impact.started}
    how = ", ".join(f"{number:,} {word}" for word, number in turns.items() if number)
    moves = f"{_count(impact.moved, 'clock')} {'moved' if done else _verb(impact.moved, 'moves', 'move')} ({how})"
    late = f"{impact.would_breach:,} {_verb(impact.would_breach, 'was', 'were') if done else 'would be'} late at once"
    return f"{told}: {moves}, {late}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _verb(number: int, one: str, many: str) -> str:
    return one if number == 1 else many
