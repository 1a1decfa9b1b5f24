"""Counting what a publication does to very many accounts: long work, in units of 500, added up at the end.

Given the figures somebody has read, the end compares the two and publishes, or says why not.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from catalog.actions.second_person import PUBLISH
from catalog.domain.rollouts import parse_publication
from catalog.models import PlanVersion
from entitlements.actions.publications import carry_out, refuse_if_off
from entitlements.domain.figures import Figures, Tally, say_figures
from entitlements.queries.publishing.impact import tally_for
from entitlements.queries.publishing.reached import reachable
from entitlements.snapshots.batch import BATCH, batches
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from journal.jobs import JobHandler, Outcome, Planned
from journal.models import Approval, Job, JobItem

FRESH = timedelta(hours=1)  # older figures are no longer what somebody is about to do to customers
AHEAD = 20  # so many units are written down in one step


def plan(*, job: Job, cursor: str, at: datetime) -> tuple[Sequence[Planned], str | None]:
    """Stretches of accounts by their ids."""
    waiting = reachable(version=_version(job), at=job.asked_at).filter(pk__gt=int(cursor or 0))
    ids = list(waiting.values_list("pk", flat=True)[: BATCH * AHEAD])
    units = [
        Planned(
            str(chunk[0]), f"{len(chunk)} accounts from number {chunk[0]} on", {"first": chunk[0], "last": chunk[-1]}
        )
        for chunk in batches(ids)
    ]
    return units, str(ids[-1]) if len(ids) == BATCH * AHEAD else None


def act(*, job: Job, item: JobItem, by: Actor, at: datetime) -> Outcome:
    """Count one stretch, and keep the count with the unit."""
    version = _version(job)
    stretch = reachable(version=version, at=job.asked_at).filter(
        pk__gte=item.payload["first"], pk__lte=item.payload["last"]
    )
    ids = list(stretch.values_list("pk", flat=True))
    tally = tally_for(
        version=version, choice=parse_publication(job.payload["publication"]), account_ids=ids, at=job.asked_at
    )
    item.payload |= {"tally": tally.as_json()}
    item.save(update_fields=["payload"])
    return Outcome.done(say_figures(tally.figures(moment=at)))


def finish(*, job: Job, by: Actor, at: datetime) -> None:
    """Add the counts up; where figures were given to compare with, publish."""
    if job.failed:
        raise Refusal("Some accounts could not be counted, so nothing was published. Try them again.")
    tally = Tally()
    for payload in job.items.order_by("position").values_list("payload", flat=True).iterator(chunk_size=BATCH):
        tally.add(Tally.from_json(payload["tally"]))
    now = tally.figures(moment=job.asked_at)
    job.result = {"figures": now.as_json(), "tally": tally.as_json()}
    if job.payload["seen"] is None:
        return
    if at - job.asked_at > FRESH:
        raise Refusal(
            "The count was paused or took long, and customers have changed since it began. Nothing was published: go "
            "back to the publication and have it counted anew."
        )
    refuse_if_off(Figures.from_json(job.payload["seen"]), now)
    approval = job.payload["approval"]
    rollout = carry_out(
        version=_version(job),
        publication=parse_publication(job.payload["publication"]),
        reason=job.payload["reason"],
        approval=None if approval is None else Approval.objects.get(pk=approval),
        by=by,
        at=at,
    )
    job.result |= {"rollout": rollout.pk}


HANDLER = JobHandler(words="Counting what a publication does", permission=PUBLISH, plan=plan, act=act, finish=finish)


def _version(job: Job) -> PlanVersion:
    found = PlanVersion.objects.select_related("plan").filter(pk=job.payload["version"]).first()
    if found is None:
        raise Stale("The draft was discarded meanwhile.")
    return found
