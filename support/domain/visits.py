"""Preventive-maintenance visits: when each of those that a cover includes is due. Days in, days out; no clock, no rows.

**The grid.** Covers that follow each other without a gap make one *run*. From the first day of a run on, each year of it
is cut into as many parts as the cover that is in force then includes visits a year, in whole days as even as days allow;
on 29 February the year begins on the 28th where there is none.

**What is owed.** A visit for each part that *begins* while its cover is in force. It may take place from the part's first
day through its last, also after its cover was amended or renewed: the part goes on. At the end of the run the last part is
cut off; where less than half of it is left, it isn't owed. A part that would begin before the one before it is over (the
number of visits was changed in between) isn't owed either, so that no stretch has two visits. That is how there are
never more than the cover includes.

**What was before.** Parts that were over when the cover was recorded are nobody's to plan.

A day belongs to a cover where the day's first instant does (half-open, in the cover's own zone).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.domain.window import Window, start_of_day
from entitlements.domain.contract_terms import months_after
from support.domain.cover_terms import VisitState

DAY = timedelta(days=1)
AHEAD = timedelta(days=400)
MOST_A_YEAR = 366
OPEN_VISITS = (VisitState.PLANNED, VisitState.SCHEDULED)
# What may become of a visit. Missed is caught up by doing it after all; done and cancelled are for good.
MOVES: dict[VisitState, tuple[VisitState, ...]] = {
    VisitState.SCHEDULED: (VisitState.PLANNED, VisitState.SCHEDULED, VisitState.MISSED),
    VisitState.DONE: (VisitState.PLANNED, VisitState.SCHEDULED, VisitState.MISSED),
    VisitState.MISSED: OPEN_VISITS,
    VisitState.CANCELLED: (VisitState.PLANNED, VisitState.SCHEDULED, VisitState.MISSED),
}
VISIT_WORDS = {
    VisitState.PLANNED: "Planned",
    VisitState.SCHEDULED: "Appointment made",
    VisitState.DONE: "Done",
    VisitState.MISSED: "Missed",
    VisitState.CANCELLED: "Cancelled",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One cover of a run, in its days: `end_day` is the first day after it, None without an end."""

    key: int
    first_day: date
    end_day: date | None
    a_year: int
    known_on: date


@dataclass(frozen=True, slots=True)
class Part:
    """One visit owed by the cover `key`, from one day through another."""

    key: int
    from_on: date
    through_on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """A visit of a cover as it stands. `by_desk`: the desk itself cancelled it, because it wasn't owed any more."""

    id: int
    key: int
    from_on: date
    through_on: date
    state: VisitState
    by_desk: bool = False

    def overlaps(self, part: Part) -> bool:
        return self.from_on <= part.through_on and part.from_on <= self.through_on

    def is_just(self, part: Part) -> bool:
        return (self.key, self.from_on, self.through_on) == (part.key, part.from_on, part.through_on)


@dataclass(frozen=True, slots=True)
class Planning:
    """What has to be done for the visits of a run to stand as they are owed; empty: nothing."""

    add: tuple[Part, ...] = ()
    move: tuple[tuple[int, Part], ...] = ()
    revive: tuple[tuple[int, Part], ...] = ()
    drop: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.add or self.move or self.revive or self.drop)


def term_of(key: int, window: Window, *, zone: str, a_year: int, known_at: datetime) -> Term | None:
    """A cover in whole days; None where it has none, or no beginning."""
    if window.start is None:
        return None
    first, end = _day_from(window.start, zone), None if window.end is None else _day_from(window.end, zone)
    if end is not None and end <= first:
        return None
    return Term(key, first, end, min(a_year, MOST_A_YEAR), known_at.astimezone(ZoneInfo(zone)).date())


def owed(terms: Sequence[Term], *, until: date) -> list[Part]:
    """Every visit that covers which follow each other owe, of those that begin on `until` at the latest."""
    found: list[Part] = []
    for run in _runs(terms):
        found.extend(_owed_in(run, until=until))
    return found


def planning(parts: Sequence[Part], standing: Sequence[Standing]) -> Planning:
    """What differs between the visits that covers owe and those that stand. Asked again afterwards, nothing differs.

    A visit that took place, was missed or was cancelled by somebody uses up the part it overlaps. One still open goes
    along, appointment and all, where its part is another cover's now or is cut otherwise.
    """
    settled = [one for one in standing if one.state not in OPEN_VISITS and not one.by_desk]
    due = {part.from_on: part for part in parts if not any(one.overlaps(part) for one in settled)}
    found: list[tuple[Standing, Part]] = []
    rest = sorted((one for one in standing if one.state in OPEN_VISITS), key=_surest)
    for fits in (_same_day, Standing.overlaps):
        for one in list(rest):
            part = next((part for day, part in sorted(due.items()) if fits(one, part)), None)
            if part is not None:
                found.append((one, due.pop(part.from_on)))
                rest.remove(one)
    revive = []
    for one in (one for one in standing if one.by_desk and one.from_on in due and due[one.from_on].key == one.key):
        revive.append((one.id, due.pop(one.from_on)))
    move = [(one.id, part) for one, part in found if not one.is_just(part)]
    return Planning(tuple(due[day] for day in sorted(due)), tuple(move), tuple(revive), tuple(one.id for one in rest))


def _surest(one: Standing) -> tuple[bool, date, int]:
    """Those with an appointment are kept before those without."""
    return one.state is not VisitState.SCHEDULED, one.from_on, one.id


def _same_day(one: Standing, part: Part) -> bool:
    return one.from_on == part.from_on


def is_late(state: VisitState, through_on: date, *, today: date) -> bool:
    """Its last day has passed, and it hasn't taken place."""
    return state in OPEN_VISITS and through_on < today


def is_missed(state: VisitState, through_on: date, scheduled_on: date | None, *, today: date) -> bool:
    """Late, and no appointment is still to come: one that was made for later is waited for."""
    return is_late(state, through_on, today=today) and (scheduled_on is None or scheduled_on < today)


def _day_from(instant: datetime, zone: str) -> date:
    """The first day that begins at the instant or later."""
    day = instant.astimezone(ZoneInfo(zone)).date()
    return day if start_of_day(day, zone) == instant else day + DAY


def _runs(terms: Sequence[Term]) -> Iterator[list[Term]]:
    """Stretches of covers without a gap that include visits, each cut off where the next one begins."""
    run: list[Term] = []
    for number, term in enumerate(terms):
        following = terms[number + 1] if number + 1 < len(terms) else None
        end = term.end_day
        if following is not None and (end is None or following.first_day < end):
            end = following.first_day
        if run and (run[-1].end_day != term.first_day or not term.a_year):
            yield run
            run = []
        if term.a_year and (end is None or end > term.first_day):
            run.append(Term(term.key, term.first_day, end, term.a_year, term.known_on))
    if run:
        yield run


def _owed_in(run: Sequence[Term], *, until: date) -> Iterator[Part]:
    anchor, run_end = run[0].first_day, run[-1].end_day
    over = date.min
    for term in run:
        for first, after in _grid(anchor, term, until=until):
            end = after if run_end is None else min(after, run_end)
            if first < over or (end - first) * 2 < after - first:
                continue
            over = end
            if end - DAY >= term.known_on:
                yield Part(term.key, first, end - DAY)


def _grid(anchor: date, term: Term, *, until: date) -> Iterator[tuple[date, date]]:
    """The parts of its years that begin while the cover is in force: the first day, and the day after the last."""
    year = max(0, term.first_day.year - anchor.year - 1)
    while (start := months_after(anchor, 12 * year)) <= until and (term.end_day is None or start < term.end_day):
        length = (months_after(anchor, 12 * (year + 1)) - start).days
        for number in range(term.a_year):
            first = start + timedelta(days=length * number // term.a_year)
            after = start + timedelta(days=length * (number + 1) // term.a_year)
            if after > first >= term.first_day and first <= until and (term.end_day is None or first < term.end_day):
                yield first, after
        year += 1
