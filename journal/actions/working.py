"""The hands of long work: claim a job, write its units down, do them one by one.

A job belongs to whoever holds its lease. Every step extends the lease in the transaction that does the work, by one
conditional UPDATE over the lease it knew; a worker that was given up for dead, or whose job was paused meanwhile,
therefore loses that transaction and leaves no trace. So each unit is done exactly once, whoever does it.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from journal.domain.actor import SYSTEM, Actor
from journal.domain.receiving import Later
from journal.domain.refusal import Refusal
from journal.jobs import Planned, handler_of
from journal.models import Job, JobItem, Staff

logger = logging.getLogger("journal.jobs")
LEASE = timedelta(minutes=2)
BUDGET = timedelta(seconds=4)  # then the next tick goes on, so that other work gets its turn
MOST_ATTEMPTS = 3
WENT_WRONG = "Something went wrong on our side; the details are in the log. It can be tried again."


class LeaseLost(Exception):
    """Someone else has the job by now, or it was paused or stopped."""


def work(*, clock: Callable[[], datetime], budget: timedelta = BUDGET) -> int:
    """Do what is to be done, the longest waiting job first, until the budget is used up; the number of steps done."""
    started, steps = clock(), 0
    while clock() - started < budget:
        job = claim(at=clock())
        if job is None:
            break
        steps += _work_on(job, clock=clock, until=started + budget)
    return steps


def work_off(*, at: datetime, most: int = 10_000) -> int:
    """Every step of every job, at one standing instant: for commands and tests."""
    steps = 0
    while steps < most and (job := claim(at=at)) is not None:
        while steps < most and step(job, at=at):
            steps += 1
        _let_go(job)
    return steps


def claim(*, at: datetime) -> Job | None:
    """Take the job that has waited longest and that no living worker holds."""
    free = Job.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lte=at), state__in=[Job.State.QUEUED, Job.State.RUNNING]
    )
    for pk in free.order_by(F("beat_at").asc(nulls_first=True), "asked_at", "pk").values_list("pk", flat=True)[:20]:
        if free.filter(pk=pk).update(state=Job.State.RUNNING, lease_until=at + LEASE, beat_at=at):
            Job.objects.filter(pk=pk, started_at__isnull=True).update(started_at=at)
            return Job.objects.get(pk=pk)
    return None


def step(job: Job, *, at: datetime) -> bool:
    """One step of a claimed job: write units down, do one, or finish. False once there is nothing more to do."""
    try:
        if not job.planned:
            return _plan(job, at=at)
        item = job.items.filter(state=JobItem.State.WAITING).order_by("attempts", "position").first()
        return _finish(job, at=at) if item is None else _carry_out(job, item, at=at)
    except LeaseLost:
        return False
    except Later as later:
        return _rest(job, later, at=at)


def actor_for(job: Job) -> Actor:
    """The one who asked, with what they may do today; the desk itself where no person did."""
    kind, _, key = job.asked_by_key.partition(":")
    if kind != "staff":
        return SYSTEM
    return Staff.objects.get(pk=int(key)).as_actor()


def _work_on(job: Job, *, clock: Callable[[], datetime], until: datetime) -> int:
    steps = 0
    while clock() < until and step(job, at=clock()):
        steps += 1
    _let_go(job)
    return steps


def _let_go(job: Job) -> None:
    Job.objects.filter(pk=job.pk, lease_until=job.lease_until, state=Job.State.RUNNING).update(lease_until=None)


def _hold(job: Job, *, at: datetime) -> None:
    """Extend the lease inside the step's own transaction; raises LeaseLost, which undoes that transaction."""
    mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, lease_until=job.lease_until)
    if not mine.update(lease_until=at + LEASE, beat_at=at):
        raise LeaseLost
    job.lease_until = at + LEASE


def _plan(job: Job, *, at: datetime) -> bool:
    known = job.lease_until
    try:
        seen = _asked(job, None, at=at)
        with transaction.atomic():
            _hold(job, at=at)
            units, cursor = handler_of(job.kind).plan(job=job, cursor=job.cursor, at=at, **seen)
            _write_down(job, units)
            job.cursor, job.planned = cursor or "", cursor is None
            job.save(update_fields=["cursor", "planned", "total", "result"])
    except LeaseLost:
        raise
    except Later:
        job.lease_until = known
        raise
    except Exception as error:  # whatever a handler raises, the job must say so and others must go on
        job.lease_until = known
        return _give_up(job, error, at=at)
    return True


def _asked(job: Job, item: JobItem | None, *, at: datetime) -> dict[str, Any]:
    """What another system says, asked while no transaction is open; nothing where the kind asks nobody."""
    ask = handler_of(job.kind).ask
    return {} if ask is None else {"seen": ask(job=job, item=item, cursor=job.cursor, at=at)}


def _rest(job: Job, later: Later, *, at: datetime) -> bool:
    """Whoever has to be asked can't answer now: the work waits, as long as they want, and goes on by itself."""
    mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, lease_until=job.lease_until)
    mine.update(state=Job.State.QUEUED, lease_until=at + later.after, beat_at=at)
    return False


def _write_down(job: Job, units: object) -> None:
    assert isinstance(units, list | tuple)
    fresh: list[Planned] = list(units)
    standing = set(job.items.filter(key__in=[unit.key for unit in fresh]).values_list("key", flat=True))
    rows = [
        JobItem(job=job, position=job.total + n, key=unit.key, label=unit.label[:400], payload=dict(unit.payload))
        for n, unit in enumerate((unit for unit in fresh if unit.key not in standing), start=1)
    ]
    JobItem.objects.bulk_create(rows, batch_size=500)
    job.total += len(rows)


def _carry_out(job: Job, item: JobItem, *, at: datetime) -> bool:
    known = job.lease_until
    try:
        seen = _asked(job, item, at=at)
        with transaction.atomic():
            _hold(job, at=at)
            outcome = handler_of(job.kind).act(job=job, item=item, by=actor_for(job), at=at, **seen)
            item.state = JobItem.State.SKIPPED if outcome.skipped else JobItem.State.DONE
            item.told = outcome.told
            item.save(update_fields=["state", "told"])
            _count(job, "skipped" if outcome.skipped else "done")
    except LeaseLost:
        raise
    except Later:
        job.lease_until = known
        raise
    except Exception as error:  # one unit that fails doesn't stop the others
        job.lease_until = known
        _failed(job, item, error, at=at)
    return True


def _failed(job: Job, item: JobItem, error: Exception, *, at: datetime) -> None:
    told = error.message if isinstance(error, Refusal) else WENT_WRONG
    if not isinstance(error, Refusal):
        logger.exception("A unit of job %s failed: %s", job.pk, item.label)
    with transaction.atomic():
        _hold(job, at=at)
        item.attempts += 1
        for_good = isinstance(error, Refusal) or item.attempts >= MOST_ATTEMPTS
        item.state, item.told = (JobItem.State.FAILED if for_good else JobItem.State.WAITING), told
        item.save(update_fields=["state", "told", "attempts"])
        if for_good:
            _count(job, "failed")


def _count(job: Job, column: str) -> None:
    Job.objects.filter(pk=job.pk).update(**{column: F(column) + 1})


def _finish(job: Job, *, at: datetime) -> bool:
    known = job.lease_until
    try:
        with transaction.atomic():
            _hold(job, at=at)
            job.refresh_from_db(fields=["total", "done", "skipped", "failed", "result"])
            finish = handler_of(job.kind).finish
            if finish is not None:
                finish(job=job, by=actor_for(job), at=at)
            job.state = Job.State.FAILED if job.failed else Job.State.DONE
            job.finished_at, job.lease_until = at, None
            job.save(update_fields=["state", "finished_at", "lease_until", "result"])
    except LeaseLost:
        raise
    except Exception as error:  # as above: the row must say what happened
        job.lease_until = known
        return _give_up(job, error, at=at)
    return False


def _give_up(job: Job, error: Exception, *, at: datetime) -> bool:
    """The whole of it could not go on; a person reads why, and may try again."""
    if not isinstance(error, Refusal):
        logger.exception("Job %s could not go on", job.pk)
    told = error.message if isinstance(error, Refusal) else WENT_WRONG
    mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, lease_until=job.lease_until)
    mine.update(state=Job.State.FAILED, error=told, finished_at=at, lease_until=None)
    return False
