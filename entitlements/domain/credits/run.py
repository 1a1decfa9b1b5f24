"""Credits over time: `run(grants, usage, resets, until)` cuts time where anything changes and burns in between.

Between two cuts nothing begins, ends, recurs or resets, so there the order of uses is no matter to what is left.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import Amount
from catalog.domain.window import MOMENT, Window
from entitlements.domain.credits.burning import Burning, Checkpoint, Turn
from entitlements.domain.credits.grants import Grant, Reset, Use
from entitlements.domain.credits.ledger import Kind, Movement


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch in which nothing changes but by use; `turns` and `resets` are what changed at its start."""

    window: Window
    turns: Sequence[Turn] = ()
    resets: Sequence[Reset] = ()
    uses: Sequence[Use] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """One phase as it went: what stood at its start and its end, and what was used in it."""

    window: Window
    at_start: Checkpoint
    at_end: Checkpoint
    used: Decimal


@dataclass(frozen=True, slots=True)
class Run:
    """What it came to, and how: every line, and every phase."""

    start: Checkpoint
    end: Checkpoint
    movements: tuple[Movement, ...]
    segments: tuple[Segment, ...]

    @property
    def balances(self) -> Mapping[str, Amount]:
        """What is left of each grant that is active at the end."""
        return {key: held.left for key, held in self.end.held.items()}


def run(
    grants: Iterable[Grant],
    usage: Iterable[Use],
    resets: Iterable[Reset],
    until: datetime,
    *,
    start: Checkpoint | None = None,
) -> Run:
    """What is left at `until` of what was granted, by everything used before it, from the checkpoint on.

    Without a checkpoint it begins with nothing at the first of the facts. Changes of the very instant `until` count,
    uses of it don't. Any order of rows gives the same.
    """
    grants, usage, resets = tuple(grants), tuple(usage), tuple(resets)
    start = start or beginning(grants, usage, resets, until=until)
    burning = Burning(grants, start)
    segments = []
    for phase in phases(grants, usage, resets, until, start=start.at):
        segments.append(_burn_through(burning, phase))
    end = burning.checkpoint(max(until, start.at))
    return Run(start, end, tuple(burning.movements), tuple(s for s in segments if s.window.start != s.window.end))


def _burn_through(burning: Burning, phase: Phase) -> Segment:
    """The three lines."""
    if phase.turns or phase.resets:
        assert phase.window.start is not None
        burning.turn(phase.window.start, phase.turns, phase.resets)
    before = burning.checkpoint()
    for use in phase.uses:
        burning.burn(use)
    return Segment(phase.window, before, burning.checkpoint(), burning.used - before.used)


def beginning(
    grants: Iterable[Grant], usage: Iterable[Use] = (), resets: Iterable[Reset] = (), *, until: datetime
) -> Checkpoint:
    """Nothing, just before the first of the facts."""
    firsts = [g.effective_at for g in grants] + [u.at for u in usage] + [r.at for r in resets]
    first = min([until, *firsts])
    return Checkpoint(first - MOMENT)


def phases(
    grants: Sequence[Grant], usage: Sequence[Use], resets: Sequence[Reset], until: datetime, *, start: datetime
) -> Iterator[Phase]:
    """Time from `start` to `until`, cut wherever anything changes; the last one may be that instant alone."""
    turns = turns_by_instant(grants, after=start, until=until)
    reset_at: dict[datetime, list[Reset]] = defaultdict(list)
    for reset in resets:
        if start < reset.at <= until:
            reset_at[reset.at].append(reset)
    uses = sorted((u for u in usage if start <= u.at < until), key=lambda use: (use.at, len(use.id), use.id))
    cuts = sorted({start, *turns, *reset_at})
    place = 0
    for at, end in zip(cuts, [*cuts[1:], max(until, start)], strict=True):
        upto = bisect_left(uses, end, lo=place, key=_instant)
        yield Phase(Window(at, end), turns.get(at, ()), reset_at.get(at, ()), uses[place:upto])
        place = upto


def _instant(use: Use) -> datetime:
    return use.at


def turns_by_instant(grants: Iterable[Grant], *, after: datetime, until: datetime) -> Mapping[datetime, list[Turn]]:
    """Everything that changes about grants in (after, until]."""
    found: dict[datetime, list[Turn]] = defaultdict(list)
    for grant in grants:
        for turn in turns_of(grant, after=after, until=until):
            found[turn.at].append(turn)
    for turns in found.values():
        turns.sort(key=lambda turn: turn.grant.burn_order(at=turn.at))
    return found


def turns_of(grant: Grant, *, after: datetime, until: datetime) -> Iterator[Turn]:
    """What changes about one grant in (after, until]: at its end it doesn't recur any more."""
    ends = grant.ends_at
    if ends is not None and (ends <= grant.effective_at or ends <= after):
        return
    if after < grant.effective_at <= until:
        yield Turn(grant.effective_at, Kind.GRANT, grant)
    since = max(after, grant.effective_at)
    filled = set()
    for at in grant.recurrence.between(since, until) if grant.recurrence else ():
        if ends is not None and ends <= at:
            break
        filled.add(at)
        yield Turn(at, Kind.RECUR, grant)
    for at, _amount in grant.amounts:
        if since < at <= until and at not in filled and (ends is None or at < ends):
            yield Turn(at, Kind.CHANGE, grant)
    if ends is not None and after < ends <= until:
        yield Turn(ends, Kind.VOID if grant.was_voided else Kind.EXPIRE, grant)
