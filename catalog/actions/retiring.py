"""Taking back what was published: off sale, or called off before it happened. Nothing that anybody has is touched."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from catalog.actions.second_person import PUBLISH
from catalog.holders import with_running_trials
from catalog.models import Plan, PlanVersion, Rollout
from catalog.models.plan import VersionState
from catalog.queries.publishing import scheduled_rollouts
from catalog.queries.versions import falling_back_to, on_sale
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal


@transaction.atomic
def retire(*, version: PlanVersion, by: Actor, at: datetime, reason: str = "") -> PlanVersion:
    """A version was taken off sale; whoever has it keeps it."""
    by.require(PUBLISH)
    held = PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version.pk)
    Plan.objects.select_for_update().get(pk=held.plan_id)
    if held.is_draft:
        raise Refusal(f"{held} is a draft and was never on sale. Discard it instead.")
    if held.state == VersionState.RETIRED:
        raise Refusal(f"{held} is retired already.")
    if any(rollout.version_id == held.pk for rollout in scheduled_rollouts(plan=held.plan, at=at)):
        raise Refusal(f"{held} is scheduled and still to come; call that off first, or wait until it has happened.")
    _refuse_to_strand_trials(held, at=at)
    held.state, held.retired_at = VersionState.RETIRED, at
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    record(
        deed,
        "plan:retire",
        subject=held,
        reason=reason,
        changes={"state": (VersionState.PUBLISHED, VersionState.RETIRED)},
    )
    return held


@transaction.atomic
def cancel_rollout(*, rollout: Rollout, by: Actor, at: datetime, reason: str) -> Rollout:
    """A publication was called off before its time: everybody keeps what they have, and on sale stays what is.

    The version stays published, since others may include or name it; it reaches nobody until it is rolled out again.
    """
    by.require(PUBLISH)
    Plan.objects.select_for_update().get(pk=rollout.version.plan_id)
    held = Rollout.objects.select_for_update(of=("self",)).select_related("version__plan").get(pk=rollout.pk)
    if held.cancelled_at is not None:
        raise Refusal(f"The publication of {held.version} was called off already.")
    if held.effective_at <= at:
        raise Refusal(
            f"{held.version} has been in force since its time came, so it can't be called off any more. "
            "To go back, roll out the former version."
        )
    if not reason.strip():
        raise Invalid("Say why it is called off.", field="reason")
    held.cancelled_at = at
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    record(
        deed,
        "plan:call_off",
        subject=held.version,
        reason=reason.strip(),
        changes={"audience": (held.audience, None), "from": (held.effective_at, None)},
    )
    return held


def _refuse_to_strand_trials(held: PlanVersion, *, at: datetime) -> None:
    """A trial that falls back to a plan gets the version on sale at that moment; without one it would get nothing.

    A version still sold begins such trials any day; a retired one counts while trials that will lapse on it still run.
    """
    if on_sale(plan=held.plan, at=at) != held:
        return
    falling = list(falling_back_to(plan=held.plan).exclude(pk=held.pk))
    sold = [version for version in falling if version.state == VersionState.PUBLISHED]
    if sold:
        raise Refusal(
            f"When nobody converts them, trials of {_names(sold)} fall back to {held.plan}, and {held} is its only "
            f"version on sale. Publish another version of {held.plan} first, or retire {_names(sold)}."
        )
    running = with_running_trials(version_ids=[version.pk for version in falling], at=at)
    if running:
        names = _names(version for version in falling if version.pk in running)
        raise Refusal(
            f"Trials of {names} are still running and fall back to {held.plan} when nobody converts them. "
            f"Publish another version of {held.plan} first, or wait until they are over."
        )


def _names(versions: Iterable[PlanVersion]) -> str:
    return ", ".join(str(version) for version in versions)
