"""What a change does to open cases, for its preview: counted at once where they are few, by a job where they are many."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from journal.admin.jobs import job_url
from journal.models import Job
from support.actions.cases.recomputing import PREVIEW
from support.domain.impact import Impact, ImpactRow, Turn, say_impact
from support.models import CalendarVersion
from support.queries.cases.impact import impact_of
from support.queries.instants import say_instant

AT_WORK = (Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED)
TURNS = {Turn.LATER: "later", Turn.EARLIER: "earlier", Turn.STOPS: "stops", Turn.STARTS: "starts"}
MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`impact` where it is known; else `job` counts it, or nobody has begun to."""

    affected: int
    impact: Impact | None
    job: Job | None
    words: str

    @property
    def at_work(self) -> bool:
        return self.job is not None and self.job.state in AT_WORK

    @property
    def counted_at(self) -> datetime | None:
        """When a job counted it; what was counted with the page is of this moment."""
        return self.job.asked_at if self.job is not None and self.impact is not None else None


def foreseen(
    *, at: datetime, since: datetime | None, calendar: CalendarVersion | None = None, country: str | None = None
) -> Foreseen:
    """What recomputing open cases at `at` would do. A job's count of before `since` is out of date."""
    impact = impact_of(at=at, calendar=calendar, country=country)
    if impact.counted:
        return Foreseen(impact.affected, impact, None, say_impact(impact))
    job = _latest_count(calendar=calendar, country=country, since=since)
    known = Impact.from_json(job.result["impact"]) if job is not None and "impact" in job.result else None
    words = say_impact(known) if known is not None else f"{impact.affected:,} open cases would be promised anew."
    return Foreseen(impact.affected, known, job, words)


def _latest_count(*, calendar: CalendarVersion | None, country: str | None, since: datetime | None) -> Job | None:
    rows = Job.objects.filter(kind=PREVIEW, payload__country=country) if country else Job.objects.filter(kind=PREVIEW)
    if calendar is not None:
        rows = rows.filter(payload__calendar=calendar.pk)
    if since is not None:
        rows = rows.filter(asked_at__gte=since)
    return rows.order_by("asked_at", "pk").last()


def impact_shown(found: Foreseen, *, zone: str, at: datetime, sees_job: bool) -> dict[str, Any]:
    """For templates/support/calendars/_impact.html."""
    impact = found.impact
    rows = impact.rows[:MOST_LINES] if impact is not None else []
    return {
        "foreseen": found,
        "impact": impact,
        "impact_rows": [_line(row, zone=zone, at=at) for row in rows],
        "impact_more": max(0, impact.moved - len(rows)) if impact is not None else 0,
        "impact_teams": sorted(impact.by_team.items()) if impact is not None and len(impact.by_team) > 1 else [],
        "impact_job": job_url(found.job) if found.job is not None and sees_job else "",
        "impact_of_when": say_instant(found.counted_at, now=at, zone=zone) if found.counted_at else "",
    }


def _line(row: ImpactRow, *, zone: str, at: datetime) -> dict[str, Any]:
    return {
        "row": row,
        "url": reverse("admin:support_case", args=[row.case]),
        "before": _due(row.before, zone=zone, at=at),
        "after": _due(row.after, zone=zone, at=at),
        "turn": TURNS[row.turn],
    }


def _due(due: datetime | None, *, zone: str, at: datetime) -> str:
    return "–" if due is None else say_instant(due.astimezone(ZoneInfo(zone)), now=at, zone=zone)
