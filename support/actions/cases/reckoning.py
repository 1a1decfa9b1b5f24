"""Clocks written anew: what the events and promises of a case come to, put on its rows.

Clocks are a projection, so there is nothing to decide here and nothing to undo: whatever order events came in, the same
facts leave the same rows. A run that is no more by the facts goes with them, unless somebody was told of it: then it
stays, cancelled.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journal.actions.deeds import begin, keep_changed
from journal.domain.actor import SYSTEM
from journal.domain.deed import Deed
from support.actions.cases.handling import HoursUncountable
from support.actions.cases.telling import tell_met
from support.domain.calendar import CalendarError
from support.domain.case_events import ClockState
from support.domain.clocks.alerts import once_key
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import CaseFacts, CaseStanding, RunClock
from support.models import Case, CaseAlert, Clock, Severity, Team
from support.snapshots import snapshot_cases

TOGETHER = 1_000  # cases whose facts are in memory at once
CASE_COLUMNS = ("state", "severity", "team", "assignee", "ended_at")
NAMED = ("case_id", "milestone", "run")
# What a reader of the clock looks at; and with it everything that is written of one.
SEEN = ("state", "started_at", "due_at", "paused_since", "met_at", "cancelled_at", "breached_at")
COLUMNS = (*SEEN, "name", "kind", "next_at", "amount", "unit", "promise_id", "calendar_version_id")
Run = tuple[str, int]
Values = tuple[Any, ...]  # of COLUMNS


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How a case stands now, and whether a reader of its clocks sees anything else than before."""

    standing: CaseStanding
    moved: bool


def reckon(case: Case, *, at: datetime, deed: Deed | None = None) -> CaseStanding:
    """The case's columns and clocks were written as its facts make them; the caller holds the case."""
    return reckon_many([case], at=at, deed=deed)[case.pk]


def reckon_many(cases: Collection[Case], *, at: datetime, deed: Deed | None = None) -> dict[int, CaseStanding]:
    """The same for many cases, which the caller holds, in as many queries as for one."""
    return {pk: reckoned.standing for pk, reckoned in reckonings(cases, at=at, deed=deed).items()}


def reckonings(cases: Collection[Case], *, at: datetime, deed: Deed | None = None) -> dict[int, Reckoned]:
    """The same, telling also whose clocks have moved by it."""
    deed = deed or begin(by=SYSTEM, at=at)
    found: dict[int, Reckoned] = {}
    cases = list(cases)
    for first in range(0, len(cases), TOGETHER):
        found |= _reckon(cases[first : first + TOGETHER], at=at, deed=deed)
    return found


def _reckon(cases: Sequence[Case], *, at: datetime, deed: Deed) -> dict[int, Reckoned]:
    facts = snapshot_cases(cases)
    standings = {case.pk: _standing(case, facts[case.pk], at=at) for case in cases}
    _write_cases(cases, standings, deed=deed)
    before = Before.of(standings, facts)
    projection = Projection()
    for pk, standing in standings.items():
        projection.lay(pk, standing.clocks, before, at=at)
    projection.write()
    if projection.met:
        tell_met({case.pk: case for case in cases}, projection.met, at=at)
    return {pk: Reckoned(standing, pk in projection.moved) for pk, standing in standings.items()}


def _standing(case: Case, facts: CaseFacts, *, at: datetime) -> CaseStanding:
    try:
        return standing_of(facts, now=at)
    except (CalendarError, OverflowError) as error:  # Python's calendar ends before a target that is far enough away
        raise HoursUncountable(
            f"What is promised for “{case.subject}” would never be due by the hours it counts by. "
            "Have the hours of that calendar made longer, or the promise shorter; then try again."
        ) from error


@dataclass(slots=True)
class Standing:
    """A clock as it is written; plain values, since most of them stay."""

    pk: int
    values: Values

    @property
    def is_over(self) -> bool:
        return self.values[0] == ClockState.CANCELLED and self.values[COLUMNS.index("next_at")] is None


@dataclass(slots=True)
class Before:
    """The clocks as they are written, of which alerts people were told, and the calendars that promises name."""

    clocks: dict[int, dict[Run, Standing]]
    told: set[str]
    told_of: set[int]
    calendars: dict[int, Mapping[str, int]]

    @classmethod
    def of(cls, standings: Mapping[int, CaseStanding], facts: Mapping[int, CaseFacts]) -> "Before":
        clocks: dict[int, dict[Run, Standing]] = {pk: {} for pk in standings}
        rows = Clock.objects.filter(case__in=standings).order_by().values_list("pk", *NAMED, *COLUMNS)
        for pk, case, milestone, run, *values in rows:
            clocks[case][milestone, run] = Standing(pk, tuple(values))
        alerted = any(clocks.values())  # of a case that never had a clock nobody was told
        alerts = (
            list(CaseAlert.objects.filter(case__in=standings).values_list("once_key", "clock_id")) if alerted else []
        )
        return cls(
            clocks=clocks,
            told={key for key, _ in alerts},
            told_of={clock for _, clock in alerts},
            calendars={terms.id: terms.calendars for case in facts.values() for terms in case.terms},
        )

    def values(self, case: int, run: RunClock) -> Values:
        """The columns of a run, in the order of COLUMNS."""
        promised = run.promised
        by = None if promised.calendar is None else self.calendars[run.terms][promised.calendar]
        return (
            run.state, run.started_at, run.due_at, run.paused_since, run.met_at, run.cancelled_at, run.breached_at,
            run.milestone.name, run.milestone.kind, self._next_at(case, run), promised.target.amount,
            promised.target.unit, run.terms, by,
        )  # fmt: skip

    def _next_at(self, case: int, run: RunClock) -> datetime | None:
        """The first instant of which nobody was told yet; also of a clock that has ended, while its telling is owed."""
        return min((alert.at for alert in run.alerts if once_key(case, run, alert) not in self.told), default=None)


@dataclass(slots=True)
class Projection:
    """What is to be written and what goes; `moved` are the cases of which a reader sees anything else."""

    written: list[Clock] = field(default_factory=list)
    met: list[Clock] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    moved: set[int] = field(default_factory=set)

    def lay(self, case: int, clocks: Iterable[RunClock], before: Before, *, at: datetime) -> None:
        """Lay the runs that there are by the facts beside those that are written."""
        left = before.clocks[case]
        for run in clocks:
            standing, values = left.pop((run.milestone.key, run.run), None), before.values(case, run)
            if standing is not None and standing.values == values:
                continue
            row = self._write(case, (run.milestone.key, run.run), values)
            if standing is None or standing.values[: len(SEEN)] != values[: len(SEEN)]:
                self.moved.add(case)
            if run.state is ClockState.MET and (standing is None or standing.values[0] != ClockState.MET):
                self.met.append(row)
        for named, standing in left.items():
            self._let_go(case, named, standing, told=standing.pk in before.told_of, at=at)

    def write(self) -> None:
        if self.gone:
            Clock.objects.filter(pk__in=self.gone).delete()
        if self.written:
            columns = [name.removesuffix("_id") for name in COLUMNS]
            Clock.objects.bulk_create(
                self.written, update_conflicts=True, update_fields=columns,
                unique_fields=["case", "milestone", "run"], batch_size=500,
            )  # fmt: skip

    def _write(self, case: int, named: Run, values: Values) -> Clock:
        row = Clock(**dict(zip(NAMED, (case, *named), strict=True)), **dict(zip(COLUMNS, values, strict=True)))
        self.written.append(row)
        return row

    def _let_go(self, case: int, named: Run, standing: Standing, *, told: bool, at: datetime) -> None:
        if not told:
            self.gone.append(standing.pk)
        elif not standing.is_over:
            over = {"state": ClockState.CANCELLED, "cancelled_at": at}
            over |= dict.fromkeys(("due_at", "paused_since", "met_at", "breached_at", "next_at"))
            was = dict(zip(COLUMNS, standing.values, strict=True))
            self._write(case, named, tuple({**was, **over}.values()))
        else:
            return
        self.moved.add(case)


def _named(model: type[Any], known: dict[str, Any], *, by: Mapping[int, CaseStanding], as_: str) -> dict[str, Any]:
    """By key, those that the standings name; read only where the cases don't bear them all already."""
    wanted = {getattr(standing, as_) for standing in by.values()} - {"", *known}
    return known | {row.key: row for row in model.objects.filter(key__in=wanted)} if wanted else known


def _write_cases(cases: Collection[Case], standings: Mapping[int, CaseStanding], *, deed: Deed) -> None:
    severities = _named(Severity, {case.severity.key: case.severity for case in cases}, by=standings, as_="severity")
    teams = _named(
        Team, {case.team.key: case.team for case in cases if case.team is not None}, by=standings, as_="team"
    )
    changed = []
    for case in cases:
        standing = standings[case.pk]
        said: dict[str, Any] = {
            "state": standing.state,
            "severity": severities.get(standing.severity, case.severity),
            "team": teams.get(standing.team),
            "assignee": standing.assignee,
            "ended_at": standing.ended_at,
        }
        if any(getattr(case, name) != value for name, value in said.items()):
            changed.append(case)
            for name, value in said.items():
                setattr(case, name, value)
    keep_changed(changed, fields=CASE_COLUMNS, deed=deed)
