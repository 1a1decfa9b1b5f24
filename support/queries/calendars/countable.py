"""Whether what is promised would still be due by hours that somebody writes: else nobody could open a case any more."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from support.domain.calendar import Calendar, CalendarError
from support.domain.milestones import Promised
from support.domain.promised_times import FAR, PromisedTimes, plain_week, weeks_of
from support.domain.targets import Target, due_at, words
from support.models import BusinessCalendar, CalendarVersion, SlaTarget
from support.queries.calendars.versions import promising_versions
from support.snapshots.hours import read_holidays, snapshot_hours
from support.snapshots.policies import snapshot_target

WEEK = timedelta(weeks=1)


def say_undue(calendar: BusinessCalendar, written: CalendarVersion, *, at: datetime) -> str:
    """Which target of a policy in force would not be due within ten years by these hours of a calendar; else nothing.

    Reckoned from `at` and from a week later. Hours in the customer's zone are judged as those of a customer in UTC in a
    country without holidays.
    """
    judged: dict[Target, bool] = {}
    hours: Calendar | None = None
    for row in _targets(calendar):
        hours = hours or _hours(written, at=at)
        target = snapshot_target(row)
        if target not in judged:
            judged[target] = _is_due(target, hours, at=at)
        if not judged[target]:
            return (
                f"By these hours {row.milestone.name} of {row.milestone.version.policy} for {row.severity} "
                f"({words(target)}) would not be due, or only in more than ten years. Open for longer, or change that "
                "promise first."
            )
    return ""


def _targets(calendar: BusinessCalendar) -> Iterator[SlaTarget]:
    rows = SlaTarget.objects.filter(calendar=calendar, milestone__version__in=promising_versions())
    yield from rows.select_related("milestone__version__policy", "severity").order_by(
        "milestone__version__policy", "milestone__position", "severity__position", "pk"
    )


def _hours(written: CalendarVersion, *, at: datetime) -> Calendar:
    holidays = read_holidays({written.country} if written.country else set())
    return snapshot_hours(written, zone="UTC", country="", holidays=holidays, known_at=at)


def _is_due(target: Target, hours: Calendar, *, at: datetime) -> bool:
    times = PromisedTimes({"": plain_week(hours)})
    # Walking there window by window would take as long as the answer is far away.
    if weeks_of(target.amount, Promised(target, ""), times) > FAR:
        return False
    try:
        return all(due_at(target, calendar=hours, start=start) <= start + FAR * WEEK for start in (at, at + WEEK))
    except CalendarError:
        return False
