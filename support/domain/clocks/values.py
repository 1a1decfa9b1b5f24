"""What the clocks of a case are read from, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from support.domain.calendar import Calendar
from support.domain.case_events import AlertKind, CaseEvent, CaseState, Channel, ClockState, Opener
from support.domain.milestones import MilestoneTerms, PolicyTerms, Promised


@dataclass(frozen=True, slots=True)
class Terms:
    """What a case is promised from `starts_at` on; `policy` None: nothing. `hours` are by the calendar's key, and
    `calendars` the ids of their versions.
    """

    id: int
    starts_at: datetime
    policy: PolicyTerms | None
    hours: Mapping[str, Calendar] = field(default_factory=dict, hash=False)
    calendars: Mapping[str, int] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hours", MappingProxyType(dict(self.hours)))
        object.__setattr__(self, "calendars", MappingProxyType(dict(self.calendars)))


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything the clocks of one case depend on. The first event is OPENED; its `to` is the severity's key.

    Of the terms the last that has begun speaks; the first begins with the case.
    """

    opened_at: datetime
    opener: Opener
    channel: Channel
    events: tuple[CaseEvent, ...]
    terms: tuple[Terms, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which a clock stood still, and how much of its open time that took away; `end` None: still paused."""

    start: datetime
    end: datetime | None
    open_time: timedelta
    because: CaseState


@dataclass(frozen=True, slots=True)
class Alert:
    """Somebody is to be told at `at`: `step` is the key of the milestone's step, empty for the breach itself."""

    kind: AlertKind
    at: datetime
    step: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """From `at` on the clock went by another target or other hours; `promised` None: nothing was promised any more."""

    at: datetime
    severity: str
    terms: int
    promised: Promised | None


@dataclass(frozen=True, slots=True)
class RunClock:
    """One run of one milestone, as the facts make it at `now`.

    `measured_from` is where the target counts from: the start, or the last change where the milestone says so.
    `first_due` is the due time before any pause; `pauses` are those that began before it was due. `alerts` are all
    there are by the facts known, past and to come; `changes` are those of the target while it ran.
    """

    milestone: MilestoneTerms
    run: int
    state: ClockState
    started_at: datetime
    measured_from: datetime
    promised: Promised
    terms: int
    hours: Calendar
    first_due: datetime
    due_at: datetime | None
    pauses: tuple[Pause, ...] = ()
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    breached_at: datetime | None = None
    alerts: tuple[Alert, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def paused_since(self) -> datetime | None:
        last = self.pauses[-1] if self.pauses else None
        return last.start if last is not None and last.end is None and self.state is ClockState.PAUSED else None


@dataclass(frozen=True, slots=True)
class CaseStanding:
    """What the events come to at `now`; `ended_at` is when it was last closed or cancelled, if it still is."""

    state: CaseState
    severity: str
    team: str
    assignee: str
    ended_at: datetime | None
    clocks: tuple[RunClock, ...]
