"""One balance going on from a checkpoint: what is stored of it between two uses, and how something told late is put in.

A *mark* is a checkpoint at the start of a phase, before any use in it. Use told late that falls into the phase the
balance stands in is simply burnt, for inside a phase the order of uses is no matter. Anything earlier is told again from
a mark before it, with the uses since; what then differs from what was written becomes corrections, so that a ledger is
never rewritten.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Amount
from catalog.domain.window import MOMENT
from entitlements.domain.credits.burning import Burning, Checkpoint
from entitlements.domain.credits.grants import LATEST, ZERO, Grant, Use
from entitlements.domain.credits.ledger import Kind, Movement
from entitlements.domain.credits.plan import PLAN, PlanCredits, answered, period_of, plan_credits
from entitlements.domain.credits.run import phases
from entitlements.domain.facts import Facts

MARKS = 12  # phases back from which something late can be told again without beginning at the beginning


@dataclass(frozen=True, slots=True)
class Source:
    """What a balance follows beside its own grants: the account's facts, and resets by staff."""

    facts: Facts
    feature: str
    resets: tuple[datetime, ...] = ()

    def period_start(self, at: datetime) -> datetime | None:
        """When the plan's period began that the instant falls into; None where credits are given once."""
        return period_of(self.facts, self.feature, at=at).start


class Course:
    """The balance of one feature of one account, in motion."""

    def __init__(
        self, source: Source, *, grants: Iterable[Grant], start: Checkpoint, marks: Sequence[Checkpoint] = ()
    ) -> None:
        self.source, self.grants = source, {grant.id: grant for grant in grants}
        self.marks = list(marks) or [start]
        self.quiet_until: datetime | None = None  # before it nothing changes but by use, as far as was looked
        # A balance that has never been opened has its plan's credits from the instant it begins with, not before.
        self.plan_since = start.at if PLAN in start.held else start.at + MOMENT
        self.burning = self._burning(start, until=max(start.at, self.plan_since))

    @property
    def at(self) -> datetime:
        return self.burning.at

    @property
    def phase_at(self) -> datetime:
        """Since when nothing has changed but by use."""
        return self.marks[-1].at

    @property
    def left(self) -> Amount:
        return self.burning.left

    @property
    def state(self) -> Checkpoint:
        """What has to be kept: of grants with nothing left only the plan's, of which is known how much was used."""
        state = self.burning.checkpoint()
        return replace(state, held={key: held for key, held in state.held.items() if held.left or key == PLAN})

    def advance(self, at: datetime, uses: Sequence[Use] = ()) -> None:
        """Let time pass until the instant, and burn what is used until then, and then. Time never goes back."""
        if at < self.at or (at == self.at and not uses):
            return
        if not uses and self.quiet_until is not None and at < self.quiet_until:
            self.burning.at = at
            return
        plan = self._plan(until=at, uses=uses)
        self.burning.grants = {**self.grants, PLAN: plan.grant}
        for phase in phases(list(self.burning.grants.values()), uses, plan.resets, at, start=self.at):
            if phase.turns or phase.resets:
                assert phase.window.start is not None
                self.burning.turn(phase.window.start, phase.turns, phase.resets)
                self._mark()
            for use in phase.uses:
                self.burning.burn(use)
        for use in uses:
            if use.at == at:
                self.burning.burn(use)
        self.burning.at = at
        self.quiet_until = self._next_change(at)

    def take_in(self, grants: Iterable[Grant]) -> None:
        """From now on these count too, or count as they are here."""
        self.grants.update((grant.id, grant) for grant in grants)
        self.quiet_until = None

    def live(self) -> Iterator[str]:
        """The grants that may still matter: to come, not used up, or filled again some day."""
        held = self.burning.held
        for key, grant in self.grants.items():
            over = grant.ends_at is not None and grant.ends_at <= self.at
            again = grant.recurrence is not None or grant.min_rollover > 0
            if not over and (grant.effective_at > self.at or again or (key in held and held[key].left)):
                yield key

    def burn(self, use: Use) -> None:
        """Burn one use of the phase the balance stands in."""
        self.burning.burn(use)

    def drained(self) -> list[Movement]:
        """The lines since this was asked last."""
        lines, self.burning.movements = self.burning.movements, []
        return lines

    def _mark(self) -> None:
        self.marks = [*self.marks[1 - MARKS :], self.state]

    def _next_change(self, at: datetime) -> datetime:
        """The first instant later than `at` at which anything may change by itself."""
        stretch = next(answered(self.source.facts, self.source.feature, since=at, until=at))
        ahead = [stretch.window.end, stretch.period(at).end, *self.source.resets]
        for grant in self.grants.values():
            ahead += [grant.effective_at, grant.ends_at]
            if grant.recurrence is not None and (grant.ends_at is None or at < grant.ends_at):
                ahead.append(next(iter(grant.recurrence.between(at, LATEST)), None))
        return min((instant for instant in ahead if instant is not None and instant > at), default=LATEST)

    def _burning(self, start: Checkpoint, *, until: datetime) -> Burning:
        plan = plan_credits(self.source.facts, self.source.feature, since=self.plan_since, until=until)
        return Burning([*self.grants.values(), plan.grant], start)

    def _plan(self, *, until: datetime, uses: Sequence[Use]) -> PlanCredits:
        return plan_credits(
            self.source.facts,
            self.source.feature,
            since=max(self.at, self.plan_since),
            until=max(until, self.plan_since),
            uses=[use.at for use in uses],
            resets=self.source.resets,
        )


def opening(source: Source, *, first: datetime) -> Checkpoint:
    """Nothing, just before the period begins that the first of all grants and uses falls into."""
    begins = source.period_start(first) or first
    return Checkpoint(begins - MOMENT)


def mark_before(marks: Iterable[Checkpoint], at: datetime, *, or_then: bool) -> Checkpoint | None:
    """The last mark before the instant, or of that very instant where that will do."""
    fit = (mark for mark in marks if mark.at < at or (or_then and mark.at == at))
    return max(fit, key=lambda mark: mark.at, default=None)


def corrections(before: Checkpoint, after: Checkpoint, told: Iterable[Movement], *, at: datetime) -> Iterator[Movement]:
    """What must be written, beside the lines `told`, so that the ledger comes to `after` instead of `before`."""
    written: dict[str, Decimal] = {}
    for line in told:
        written[line.grant] = written.get(line.grant, ZERO) + line.moves
    for key in sorted({*before.held, *after.held, *written} - {""}, key=lambda key: (len(key), key)):
        moved = _left(after, key) - _left(before, key) - written.get(key, ZERO)
        if moved:
            yield Movement(at, Kind.CORRECTION, moved, key)
    moved = before.overage - after.overage - written.get("", ZERO)
    if moved:
        yield Movement(at, Kind.CORRECTION, moved)


def _left(state: Checkpoint, key: str) -> Decimal:
    held = state.held.get(key)
    return ZERO if held is None or held.left is UNLIMITED else held.left


def lines_of(movements: Iterable[Movement], *, uses: Collection[str], grants: Collection[str]) -> Iterator[Movement]:
    """The lines that only these uses and grants made: what was taken by them, what came, or went, with them."""
    for line in movements:
        if line.use:
            mine = line.use in uses
        else:
            mine = line.grant in grants and line.kind in {Kind.GRANT, Kind.VOID, Kind.USE}
        if mine:
            yield line
