"""Long work: started, paused, stopped and tried again by people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, Refusal
from journal.jobs import handler_of
from journal.models import Job, JobItem

STEER = "journal.steer_job"
State = Job.State


@transaction.atomic
def start(*, kind: str, title: str, by: Actor, at: datetime, payload: Mapping[str, Any] | None = None) -> Job:
    """Started long work; it begins within a second of being committed, and goes on whatever happens to the browser."""
    by.require(handler_of(kind).permission)
    job = Job.objects.create(
        kind=kind,
        title=title[:300],
        payload=dict(payload or {}),
        asked_at=at,
        asked_by_key=by.key,
        asked_by_name=by.name,
    )
    record(begin(by=by, at=at), "job:start", subject=job, changes={"state": (None, job.state)})
    return job


@transaction.atomic
def pause(*, job: Job, by: Actor, at: datetime) -> Job:
    """Paused long work after the unit it is at."""
    return _steer(job, "job:pause", (State.QUEUED, State.RUNNING), State.PAUSED, by=by, at=at)


@transaction.atomic
def resume(*, job: Job, by: Actor, at: datetime) -> Job:
    """Let paused work go on where it was."""
    return _steer(job, "job:resume", (State.PAUSED,), State.QUEUED, by=by, at=at)


@transaction.atomic
def stop(*, job: Job, by: Actor, at: datetime) -> Job:
    """Stopped long work for good; what was done stays done."""
    standing = (State.QUEUED, State.RUNNING, State.PAUSED)
    return _steer(job, "job:stop", standing, State.STOPPED, by=by, at=at, finished_at=at)


@transaction.atomic
def retry_failed(*, job: Job, by: Actor, at: datetime) -> Job:
    """Let what had failed be tried again; what was done is not done twice."""
    held = _steer(job, "job:retry", (State.FAILED,), State.QUEUED, by=by, at=at, error="", finished_at=None)
    again = held.items.filter(state=JobItem.State.FAILED).update(state=JobItem.State.WAITING, told="", attempts=0)
    Job.objects.filter(pk=held.pk).update(failed=models.F("failed") - again)
    held.refresh_from_db()
    return held


def _steer(
    job: Job, verb: str, standing: tuple[State, ...], state: State, *, by: Actor, at: datetime, **values: Any
) -> Job:
    """One conditional UPDATE, so that of two who press at once one is told that it has happened already."""
    if by.key != job.asked_by_key and not by.may(STEER):
        raise NotAllowed(f"{job} was started by {job.asked_by_name}; only they or someone who may steer work can.")
    before = Job.objects.values_list("state", flat=True).get(pk=job.pk)
    found = Job.objects.filter(pk=job.pk, state__in=standing, state=before)
    if not found.update(state=state, lease_until=None, **values):
        raise Refusal(f"{job} is {State(before).label.lower()} by now; nothing was changed.")
    job.refresh_from_db()
    record(begin(by=by, at=at), verb, subject=job, changes={"state": (before, state)})
    return job
