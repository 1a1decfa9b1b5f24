"""Why a clock is due when it is: what was counted, what was passed over, and what moved it.

It adds up, and tests hold it to that: the counted stretches are the target's open time; the first due time and the
open time of the pauses are the due time. A day target counts days, not minutes: `days` names them, and the stretches
only show how much open time they had.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from support.domain.business_time import business_days_counted, holidays_between, open_between
from support.domain.calendar import NOTHING, Span
from support.domain.case_events import CaseState
from support.domain.clocks.reckoning import due_moved
from support.domain.clocks.values import Change, RunClock
from support.domain.targets import Target, TargetUnit


@dataclass(frozen=True, slots=True)
class PauseAdded:
    """`added` is the open time the pause took, `due_at` the due time with it; both None while it goes on."""

    start: datetime
    end: datetime | None
    because: CaseState
    added: timedelta | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`counted` are the open stretches from `measured_from` to `first_due`, `days` the business days of a day target.

    `skipped` are the holidays passed over on the way to the due time; `zone` is that of the hours, None around the
    clock. `due_at` is None while the clock is paused. Instants are UTC.
    """

    target: Target
    lifts: tuple[tuple[int, str], ...]
    zone: str | None
    started_at: datetime
    measured_from: datetime
    counted: tuple[Span, ...]
    days: tuple[date, ...]
    skipped: tuple[date, ...]
    first_due: datetime
    pauses: tuple[PauseAdded, ...]
    due_at: datetime | None
    changes: tuple[Change, ...]

    @property
    def counted_time(self) -> timedelta:
        return sum((span.length for span in self.counted), NOTHING)

    @property
    def added(self) -> timedelta:
        """The open time of all pauses that have ended."""
        return sum((pause.added for pause in self.pauses if pause.added), NOTHING)


def explain(clock: RunClock) -> Explanation:
    """The reasons for the due time, by the same hours it was reckoned with; of a paused clock, as far as it had come."""
    hours, start = clock.hours, clock.measured_from
    return Explanation(
        target=clock.promised.target,
        lifts=clock.promised.lifts,
        zone=None if hours.never_closes else hours.zone,
        started_at=clock.started_at,
        measured_from=start,
        counted=open_between(hours, start=start, end=clock.first_due),
        days=_days(clock),
        skipped=holidays_between(hours, start=start, end=clock.due_at or clock.first_due),
        first_due=clock.first_due,
        pauses=_pauses(clock),
        due_at=clock.due_at,
        changes=clock.changes,
    )


def _days(clock: RunClock) -> tuple[date, ...]:
    target = clock.promised.target
    if target.unit not in (TargetUnit.BUSINESS_DAYS, TargetUnit.END_OF_DAY):
        return ()
    return business_days_counted(clock.hours, start=clock.measured_from, days=target.amount)


def _pauses(clock: RunClock) -> tuple[PauseAdded, ...]:
    due = clock.first_due
    explained = []
    for pause in clock.pauses:
        if pause.end is None:
            explained.append(PauseAdded(pause.start, None, pause.because, None, None))
            continue
        due = due_moved(due, pause, hours=clock.hours)
        explained.append(PauseAdded(pause.start, pause.end, pause.because, pause.open_time, due))
    return tuple(explained)
