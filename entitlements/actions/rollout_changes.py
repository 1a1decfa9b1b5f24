"""Telling what a rollout changed: long work of its own, so that a large one holds nothing else up (docs/adr/0010).

When a rollout takes effect the sweep hands it over. The job walks whom it reached, account by account, and writes an
EntitlementChange for each answer that is otherwise than the moment before. A change is told once, whoever comes
first, the job or the sweep: its unique key sees to that. What happens at each customer's own renewal stays with the
sweep, for it is spread over a year.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.utils.formats import number_format

from catalog.domain.rollouts import Audience, RolloutFact
from catalog.models import Rollout
from catalog.queries.instants import say_instant
from entitlements.actions.changes import tell_what_time_changed
from entitlements.domain.boundaries import boundaries
from entitlements.domain.facts import Facts
from entitlements.domain.phases import moves_to_come
from entitlements.domain.resolve import resolve
from entitlements.domain.trials import stretches
from entitlements.models import Account
from entitlements.queries.entitlements import facts_of
from entitlements.queries.publishing.reached import reached_by
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog
from entitlements.snapshots.batch import batches
from journal.actions.jobs import start
from journal.actions.notices import tell
from journal.domain.actor import SYSTEM, Actor
from journal.jobs import JobHandler, Outcome, Planned
from journal.models import Job, JobItem

KIND = "rollout_changes"
CHUNK = 500
MOMENT = timedelta(microseconds=1)


def told_by_job(rollout: RolloutFact) -> bool:
    """Whether everybody it reaches is reached at one instant, so that a job tells what changed."""
    return rollout.moves_holders and rollout.audience is not Audience.AT_RENEWAL


@transaction.atomic
def hand_over(*, rollout_id: int, at: datetime) -> Job:
    """The telling of a rollout was begun, once."""
    # The rollout's row is the queue of two sweeps that come to it at once.
    rollout = Rollout.objects.select_for_update(of=("self",)).select_related("version__plan").get(pk=rollout_id)
    job = job_of(rollout)
    if job is not None:
        return job
    title = f"What {rollout.version} changed for those it reached"
    return start(kind=KIND, title=title, payload={"rollout": rollout.pk}, by=SYSTEM, at=at)


def job_of(rollout: Rollout) -> Job | None:
    return Job.objects.filter(kind=KIND, payload__rollout=rollout.pk).first()


def plan(*, job: Job, cursor: str, at: datetime) -> tuple[Sequence[Planned], str | None]:
    """Everybody it reached, by their ids, a chunk at a time."""
    accounts = list(reached_by(_rollout(job)).filter(pk__gt=int(cursor or 0))[:CHUNK])
    planned = [Planned(str(account.pk), f"{account.name} ({account.key})") for account in accounts]
    return planned, str(accounts[-1].pk) if len(accounts) == CHUNK else None


def act(*, job: Job, item: JobItem, by: Actor, at: datetime) -> Outcome:
    """Tell what changed for one account."""
    rollout = _rollout(job)
    account = Account.objects.select_related("parent").get(pk=int(item.key))
    facts = facts_of(account=account, catalog=_catalog(job))
    if rollout.effective_at not in boundaries(facts):
        return Outcome.passed_over("It was not reached: nothing it has moves at that instant.")
    changed = tell_what_time_changed(
        account=account,
        before=resolve(facts, at=rollout.effective_at - MOMENT),
        after=resolve(facts, at=rollout.effective_at),
        effective_at=rollout.effective_at,
        recorded_at=at,
        cause=cause_of(facts, rollout.effective_at) or f"{rollout.version} was published",
    )
    return Outcome.done(_say_changed(changed)) if changed else Outcome.passed_over("Nothing changed for it.")


def finish(*, job: Job, by: Actor, at: datetime) -> None:
    """Tell each account manager, once, how many of their customers have something otherwise."""
    rollout = _rollout(job)
    for email, number in sorted(_owners(job).items()):
        tell(
            recipient=email,
            subject=f"{rollout.version}: {number_format(number)} of your accounts changed",
            body=f"{rollout.version} took effect on {say_instant(rollout.effective_at)}. {number_format(number)} of the "
            "accounts you look after have something otherwise since then.\n\nWhat it is stands on each account’s "
            "page, under what happened.\n",
            once_key=f"rollout:{rollout.pk}:{email}",
            kind="rollout",
            at=at,
        )


HANDLER = JobHandler(
    words="Telling what a publication changed", permission="catalog.publish_plan", plan=plan, act=act, finish=finish
)


def cause_of(facts: Facts, instant: datetime) -> str:
    """ "Team v4 was published": what moved an item of the account at the instant; nothing where nothing did."""
    live = [
        stretch for item in facts.items for stretch in stretches(item, facts=facts) if stretch.window.contains(instant)
    ]
    moves = [move for item in live for move in moves_to_come(item, rollouts=facts.rollouts) if move.at == instant]
    if moves:
        last = max(moves, key=lambda move: move.rollout.order).rollout
        version = facts.versions[last.version]
        reached = ", and reached it at its renewal" if last.audience is Audience.AT_RENEWAL else ""
        return f"{version.plan_name} v{version.number} was published{reached}"
    if any(hold.window.end == instant for item in live for hold in item.holds):
        return "It was held on its version until then"
    return ""


def _rollout(job: Job) -> Rollout:
    return Rollout.objects.select_related("version__plan").get(pk=job.payload["rollout"])


def _catalog(job: Job) -> CatalogSnapshot:
    """Read once for each stretch of work, in which a worker keeps the same job in hand."""
    if "catalog" not in vars(job):
        vars(job)["catalog"] = snapshot_catalog(Reader())
    return cast(CatalogSnapshot, vars(job)["catalog"])


def _say_changed(features: Sequence[str]) -> str:
    return f"{len(features)} feature{'' if len(features) == 1 else 's'}: {', '.join(features)}"


def _owners(job: Job) -> Counter[str]:
    found: Counter[str] = Counter()
    keys = job.items.filter(state=JobItem.State.DONE).order_by("pk").values_list("key", flat=True)
    for chunk in batches(keys.iterator(chunk_size=CHUNK)):
        owned = Account.objects.filter(pk__in=[int(key) for key in chunk]).exclude(owner=None).exclude(owner__email="")
        found += Counter(owned.values_list("owner__email", flat=True))
    return found
