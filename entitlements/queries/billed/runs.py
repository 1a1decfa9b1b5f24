"""The comparisons with what is billed: which runs, when the last was, what it found. Nothing is written."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from journal.models import Connection, Job

COMPARING, TAKING, LOOKING = "billing.drift", "billing.take_theirs", "billing.look_again"
GOING_ON = (Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED)


@dataclass(frozen=True, slots=True)
class Found:
    """What a run found. `looked` subscriptions were compared, of which `differ` don't agree; of these `gone` are not
    there any more and `missing` were never heard of here; `kept` differ as somebody decided. `missed` events had never
    come; `new` differences weren't known before."""

    at: datetime | None
    looked: int = 0
    differ: int = 0
    gone: int = 0
    missing: int = 0
    kept: int = 0
    missed: int = 0
    new: int = 0


def runs_of(connection: Connection) -> QuerySet[Job]:
    """The latest first."""
    return Job.objects.filter(kind=COMPARING, payload__connection=connection.pk).order_by("-pk")


def running(connection: Connection) -> Job | None:
    return runs_of(connection).filter(state__in=GOING_ON).first()


def last_nightly(connection: Connection) -> Job | None:
    return runs_of(connection).filter(payload__nightly=True).first()


def last_run(connection: Connection) -> Job | None:
    """The last that was finished, whether or not some of it failed."""
    return runs_of(connection).filter(state__in=(Job.State.DONE, Job.State.FAILED)).first()


def found_by(job: Job) -> Found:
    told = {name: job.result.get(name, 0) for name in Found.__dataclass_fields__ if name != "at"}
    return Found(job.finished_at, **told)
