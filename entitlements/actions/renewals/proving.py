"""Proving that nothing ends unnoticed, and keeping what was found, so that nobody has to wait for it to be read."""

from datetime import datetime, timedelta

from entitlements.queries.renewals.proof import KIND, Lacking, ends_without_owner, last_proof
from journal.domain.actor import SYSTEM
from journal.models import Job

MOST_KEPT = 50  # in words; the number is that of all
A_NIGHT = timedelta(hours=12)


def prove_renewals(*, at: datetime) -> list[Lacking]:
    """Read all ends anew, and keep what was found with its moment, among the long work that was done."""
    lacking = ends_without_owner(at=at)
    Job.objects.create(
        kind=KIND,
        title="Whether every end has somebody who looks after it",
        result={"number": len(lacking), "lacking": [one.words for one in lacking[:MOST_KEPT]]},
        state=Job.State.DONE,
        total=1,
        done=1,
        asked_at=at,
        asked_by_key=SYSTEM.key,
        asked_by_name=SYSTEM.name,
        started_at=at,
        finished_at=at,
    )
    return lacking


def prove_nightly(*, at: datetime) -> int:
    """Proved once in a night, however often it is asked; how many ends lack somebody."""
    last = last_proof()
    if last is not None and timedelta() <= at - last.at < A_NIGHT:
        return last.number
    return len(prove_renewals(at=at))
