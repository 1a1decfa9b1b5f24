"""Publishing: a draft becomes a version that never changes again, and a rollout says who gets it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from catalog.actions.drafts import EDIT, take_draft
from catalog.actions.retiring import cancel_rollout, retire
from catalog.actions.second_person import NeedsSecondPerson, fitting_approval, require_right, said_reason
from catalog.domain.rollouts import Audience, Publication, parse_publication, publication_payload
from catalog.domain.version_diff import Change, ChangeKind
from catalog.holders import frozen_cohort
from catalog.models import Plan, PlanVersion, Rollout
from catalog.models.plan import VersionState
from catalog.queries.changes import diff_of_draft
from catalog.queries.publishing import base_moved, blockers, losses, met_by, say_met
from catalog.queries.versions import newest_published, rollouts_of
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import Approval

__all__ = [
    "BaseMoved",
    "NeedsSecondPerson",
    "cancel_rollout",
    "compare_anew",
    "parse_publication",
    "publication_payload",
    "publish",
    "retire",
    "roll_out",
]


class BaseMoved(Stale):
    """What customers get has changed since the draft was opened; `changes` is how."""

    code = "base_moved"

    def __init__(self, message: str, *, changes: Sequence[Change]) -> None:
        super().__init__(message)
        self.changes = tuple(changes)


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
    cohort_key: str = "",
    approval: Approval | None = None,
) -> Rollout:
    """A version of the plan was published, for the customers named, from the instant named."""
    require_right(by=by, approval=approval)
    draft = take_draft(version=version, edits=edits)
    Plan.objects.select_for_update().get(pk=draft.plan_id)
    asked = Publication(audience, effective_at, edits, cohort_key)
    starts_at = _instant(asked, at=at)
    _refuse_cohort(asked, plan=draft.plan)
    _refuse_what_blocks(draft, audience, at=at)
    _refuse_moved_base(draft)
    moves_from = _older(draft) if audience.moves else []
    lost = losses(version=draft, moves_from=moves_from)
    approval = fitting_approval(version=draft, asked=asked, losses=lost, approval=approval)
    reason = said_reason(reason, losses=lost, approval=approval)
    changes = _told(diff_of_draft(version=draft))
    draft.state, draft.published_at, draft.published_by = VersionState.PUBLISHED, at, by.name
    deed = begin(by=by, at=at)
    keep(draft, deed=deed)
    rollout = _keep_rollout(draft, asked, starts_at, moves_from=moves_from, approval=approval, deed=deed)
    record(deed, "plan:publish", subject=draft, reason=reason, changes=changes | _whom(rollout))
    return rollout


@transaction.atomic
def roll_out(
    *,
    version: PlanVersion,
    audience: Audience,
    effective_at: datetime | None,
    by: Actor,
    at: datetime,
    reason: str,
    cohort_key: str = "",
    approval: Approval | None = None,
) -> Rollout:
    """A version published before was given to more customers, or to all of them again, from the instant named.

    It moves whoever has any version of the plan, also one that already pins this version: only so does the last
    publication decide for everybody, whatever moved them in between.
    """
    require_right(by=by, approval=approval)
    held = PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version.pk)
    Plan.objects.select_for_update().get(pk=held.plan_id)
    asked = Publication(audience, effective_at, held.edits, cohort_key)
    starts_at = _instant(asked, at=at)
    _refuse_cohort(asked, plan=held.plan)
    _refuse_to_roll_out(held, audience, at=at)
    moves_from = [*_older(held), held.pk] if audience.moves else []
    lost = losses(version=held, moves_from=moves_from)
    approval = fitting_approval(version=held, asked=asked, losses=lost, approval=approval)
    reason = said_reason(reason, losses=lost, approval=approval)
    if not reason:
        raise Invalid("Say why customers are moved.", field="reason")
    deed = begin(by=by, at=at)
    rollout = _keep_rollout(held, asked, starts_at, moves_from=moves_from, approval=approval, deed=deed)
    record(deed, "plan:roll_out", subject=held, reason=reason, changes=_whom(rollout))
    return rollout


@transaction.atomic
def compare_anew(*, version: PlanVersion, edits: int, by: Actor, at: datetime) -> PlanVersion:
    """A draft was compared anew with what customers get now, and goes on from there."""
    by.require(EDIT)
    draft = take_draft(version=version, edits=edits)
    was, draft.base = draft.base, newest_published(plan=draft.plan)
    draft.edits += 1
    deed = begin(by=by, at=at)
    keep(draft, deed=deed)
    record(deed, "plan:compare", subject=draft, changes={"compared_with": (was and str(was), str(draft.base))})
    return draft


def _keep_rollout(
    version: PlanVersion,
    asked: Publication,
    starts_at: datetime,
    *,
    moves_from: list[int],
    approval: Approval | None,
    deed: Deed,
) -> Rollout:
    rollout = Rollout(
        version=version,
        moves_from=moves_from,
        audience=asked.audience,
        effective_at=starts_at,
        published_at=deed.at,
        cohort_key=asked.cohort_key,
        approval=approval,
    )
    return keep(rollout, deed=deed)


def _instant(asked: Publication, *, at: datetime) -> datetime:
    audience, effective_at = asked.audience, asked.effective_at
    if effective_at is None:
        if audience is Audience.ON_DATE:
            raise Invalid("Say on which date everybody gets it.", field="effective_at")
        return at
    if effective_at < at:
        raise Invalid("That moment has passed; choose one that is still to come.", field="effective_at")
    if audience is Audience.NOW and effective_at > at:
        raise Invalid("“Now” has no date: leave it out, or choose “on a date”.", field="effective_at")
    return effective_at


def _refuse_cohort(asked: Publication, *, plan: Plan) -> None:
    """A cohort is named exactly where one is meant, is frozen, and has a plan to be moved in."""
    if asked.audience is not Audience.COHORT:
        if asked.cohort_key:
            raise Invalid("A cohort is only named where a cohort gets it.", field="cohort_key")
        return
    if not asked.cohort_key:
        raise Invalid("Say which cohort gets it.", field="cohort_key")
    if frozen_cohort(asked.cohort_key) is None:
        raise Invalid("There is no such cohort, or its accounts are not fixed yet.", field="cohort_key")
    if newest_published(plan=plan) is None:
        raise Invalid(f"Nobody has {plan} yet, so a cohort would get nothing by it.", field="audience")


def _refuse_what_blocks(draft: PlanVersion, audience: Audience, *, at: datetime) -> None:
    found = blockers(version=draft, at=at, audience=audience)
    if found:
        raise Refusal(f"{draft} can't be published yet. " + " ".join(blocker.sentence for blocker in found))


def _refuse_moved_base(draft: PlanVersion) -> None:
    moved = base_moved(version=draft)
    if moved is not None:
        raise BaseMoved(moved.sentence, changes=moved.changes)


def _refuse_to_roll_out(held: PlanVersion, audience: Audience, *, at: datetime) -> None:
    if held.is_draft:
        raise Refusal(f"{held} is a draft; publish it instead.")
    if held.state == VersionState.RETIRED:
        raise Refusal(f"{held} is retired: whoever has it keeps it, and nobody else gets it.")
    met = met_by(plan=held.plan, audience=audience, at=at)
    if met is not None:
        raise Refusal(f"{say_met(met)}.")
    standing = [rollout for rollout in rollouts_of(plans=[held.plan]) if rollout.cancelled_at is None]
    last = standing[-1] if standing else None
    if last and last.version_id == held.pk and Audience(last.audience) in {Audience.NOW, Audience.ON_DATE}:
        raise Refusal(f"Everybody who holds {held.plan} has {held} already, by its last publication.")


def _older(version: PlanVersion) -> list[int]:
    """Every other version that was ever published, so that nobody is left behind on one."""
    others = PlanVersion.objects.filter(plan=version.plan_id).exclude(state=VersionState.DRAFT).exclude(pk=version.pk)
    return list(others.order_by("number").values_list("pk", flat=True))


def _whom(rollout: Rollout) -> dict[str, tuple[object, object]]:
    whom: dict[str, tuple[object, object]] = {
        "audience": (None, rollout.audience),
        "from": (None, rollout.effective_at),
    }
    if rollout.cohort_key:
        whom["cohort"] = (None, frozen_cohort(rollout.cohort_key))
    if rollout.approval is not None:
        whom["approved_by"] = (None, rollout.approval.decided_by_name)
    return whom


_BESIDE = {ChangeKind.PRICE_CHANGED: "price", ChangeKind.RENAMED: "name"}


def _told(changes: Iterable[Change]) -> dict[str, tuple[object, object]]:
    """The changes as the audit keeps them; a price, a name and a case have a line beside that of the feature's term."""
    return {_line(change): (change.before, change.after) for change in changes}


def _line(change: Change) -> str:
    of_a_feature = change.feature[:1].islower()  # what else changes is named in words already
    beside = _BESIDE.get(change.kind, "") if of_a_feature else ""
    return " ".join(part for part in (change.feature, change.when, beside) if part)
