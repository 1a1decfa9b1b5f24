"""Cases for programs: one by its number, and pages of those that a filter names. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from entitlements.models import Account
from journal.domain.refusal import NotFound
from support.domain.case_events import CaseState, ClockState
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import RunClock
from support.models import Case, CasePromise, Clock, Team
from support.queries.cases.finding import case_number
from support.snapshots import snapshot_cases

GOING_ON = (ClockState.RUNNING, ClockState.PAUSED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases; what is left out is any. `due_before`: some clock that runs is due earlier than that."""

    account: Account | None = None
    state: CaseState | None = None
    team: str = ""
    late: bool | None = None
    due_before: datetime | None = None


def case_named(name: str) -> Case:
    """By our number ("C-123"), or by the help desk's ("tickets:4711"); with its clocks and promises."""
    spoken = name.replace("\x00", "").strip()
    number, (source, _, ticket) = case_number(spoken), spoken.partition(":")
    found = None
    if number is not None:
        found = _cases().filter(pk=number).first()
    elif ticket:
        found = _cases().filter(source=source, external_id=ticket).first()
    if found is None:
        raise NotFound(f"There is no case {name[:80]!r}.")
    return found


def listed_cases(wanted: Wanted, *, after: int, most: int, at: datetime) -> Sequence[Case]:
    """In the order they came, those behind the id `after`; four reads."""
    rows = _cases().filter(pk__gt=after)
    if wanted.account is not None:
        rows = rows.filter(account=wanted.account)
    if wanted.state is not None:
        rows = rows.filter(state=wanted.state)
    if wanted.team:
        rows = rows.filter(team=_team(wanted.team))
    if wanted.late is not None:
        is_late = Exists(_clocks().filter(_late(at)))
        rows = rows.filter(is_late if wanted.late else ~is_late)
    if wanted.due_before is not None:
        rows = rows.filter(Exists(_clocks().filter(state=ClockState.RUNNING, due_at__lt=wanted.due_before)))
    return list(rows.order_by("pk")[:most])


def late_since(clock: Clock, *, at: datetime) -> datetime | None:
    """Lateness is told at read time: also before the desk has written it down."""
    if clock.breached_at is not None:
        return clock.breached_at
    running = clock.state == ClockState.RUNNING and clock.due_at is not None
    return clock.due_at if running and clock.due_at is not None and clock.due_at < at else None


def run_of(case: Case, *, milestone: str, run: int | None, at: datetime) -> RunClock:
    """One run of a milestone as it stands at this very moment; the last one where none is named."""
    clocks = [
        clock
        for clock in standing_of(snapshot_cases([case])[case.pk], now=at).clocks
        if clock.milestone.key == milestone and run in (None, clock.run)
    ]
    if not clocks:
        which = f"run {run} of " if run is not None else ""
        raise NotFound(f"{case.number} has no clock for {which}{milestone[:64]!r}.")
    return max(clocks, key=lambda clock: clock.run)


def _late(at: datetime) -> Q:
    return Q(state__in=GOING_ON, breached_at__isnull=False) | Q(state=ClockState.RUNNING, due_at__lt=at)


def _clocks() -> QuerySet[Clock]:
    return Clock.objects.filter(case=OuterRef("pk"))


def _cases() -> QuerySet[Case]:
    promises = CasePromise.objects.select_related("policy_version__policy").order_by("starts_at", "pk")
    rows = Case.objects.select_related("account", "severity", "team", "product", "asset__product")
    return rows.prefetch_related(
        Prefetch("clocks", Clock.objects.order_by("started_at", "pk")), Prefetch("promises", promises)
    )


def _team(key: str) -> Team:
    found = Team.objects.filter(key=key.replace("\x00", "")).first()
    if found is None:
        raise NotFound(f"No team has the key {key[:64]!r}.")
    return found
