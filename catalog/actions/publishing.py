"""Publishing: a draft becomes a version that never changes again, and a rollout says who gets it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from catalog.actions.drafts import take_draft
from catalog.domain.rollouts import Audience
from catalog.domain.version_diff import Change, ChangeKind
from catalog.models import Plan, PlanVersion, Rollout
from catalog.models.plan import VersionState
from catalog.queries.changes import diff_of_draft
from catalog.queries.publishing import blockers, scheduled_rollouts
from catalog.queries.versions import falling_back_to, on_sale
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal

PUBLISH = "catalog.publish_plan"


@transaction.atomic
def publish(
    *,
    version: PlanVersion,
    audience: Audience,
    effective_at: datetime | None,
    edits: int,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> Rollout:
    """A version of the plan was published, for the customers named, from the instant named."""
    by.require(PUBLISH)
    draft = take_draft(version=version, edits=edits)
    Plan.objects.select_for_update().get(pk=draft.plan_id)
    starts_at = _instant(audience, effective_at, at=at)
    _refuse_what_blocks(draft, at=at)
    changes = _told(diff_of_draft(version=draft))
    draft.state, draft.published_at, draft.published_by = VersionState.PUBLISHED, at, by.name
    deed = begin(by=by, at=at)
    keep(draft, deed=deed)
    rollout = Rollout(
        version=draft,
        moves_from=_moved_by(audience, draft),
        audience=audience,
        effective_at=starts_at,
        published_at=at,
    )
    keep(rollout, deed=deed)
    told = changes | {"audience": (None, audience), "from": (None, starts_at)}
    record(deed, "plan:publish", subject=draft, reason=reason, changes=told)
    return rollout


@transaction.atomic
def retire(*, version: PlanVersion, by: Actor, at: datetime, reason: str = "") -> PlanVersion:
    """A version was taken off sale; whoever has it keeps it."""
    by.require(PUBLISH)
    held = PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version.pk)
    if held.is_draft:
        raise Refusal(f"{held} is a draft and was never on sale. Discard it instead.")
    if held.state == VersionState.RETIRED:
        raise Refusal(f"{held} is retired already.")
    if any(rollout.version_id == held.pk for rollout in scheduled_rollouts(plan=held.plan, at=at)):
        raise Refusal(f"{held} is scheduled and not yet on sale; wait until it is, then retire it.")
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


def _instant(audience: Audience, effective_at: datetime | None, *, at: datetime) -> datetime:
    if effective_at is None:
        if audience is Audience.ON_DATE:
            raise Invalid("Say on which date everybody gets it.", field="effective_at")
        return at
    if effective_at < at:
        raise Invalid("That moment has passed; choose one that is still to come.", field="effective_at")
    if audience is Audience.NOW and effective_at > at:
        raise Invalid("“Now” has no date: leave it out, or choose “on a date”.", field="effective_at")
    return effective_at


def _refuse_what_blocks(draft: PlanVersion, *, at: datetime) -> None:
    found = blockers(version=draft, at=at)
    if found:
        raise Refusal(f"{draft} can't be published yet. " + " ".join(blocker.sentence for blocker in found))


def _refuse_to_strand_trials(held: PlanVersion, *, at: datetime) -> None:
    """A trial that falls back to a plan gets the version on sale at that moment; without one it would get nothing."""
    if on_sale(plan=held.plan, at=at) != held:
        return
    falling = falling_back_to(plan=held.plan).exclude(pk=held.pk)
    if falling:
        names = ", ".join(str(version) for version in falling)
        raise Refusal(
            f"When nobody converts them, trials of {names} fall back to {held.plan}, and {held} is its only version "
            f"on sale. Publish another version of {held.plan} first, or retire {names}."
        )


def _moved_by(audience: Audience, draft: PlanVersion) -> list[int]:
    """The versions whose holders move: all that were ever published, so that nobody is left behind on an old one."""
    if audience is Audience.NEW_CUSTOMERS:
        return []
    older = PlanVersion.objects.filter(plan=draft.plan_id).exclude(state=VersionState.DRAFT).exclude(pk=draft.pk)
    return list(older.order_by("number").values_list("pk", flat=True))


def _told(changes: Iterable[Change]) -> dict[str, tuple[object, object]]:
    """The changes as the audit keeps them; a price has a line of its own beside what it is the price of."""
    return {
        change.feature + (" price" if change.kind is ChangeKind.PRICE_CHANGED else ""): (change.before, change.after)
        for change in changes
    }
