"""The editions of a plan: which is on sale, which is scheduled, which is being written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import QuerySet

from catalog.domain.rollouts import Audience, RolloutFact, version_on_sale
from catalog.models import Plan, PlanVersion, Rollout
from catalog.models.plan import VersionState


class Stage(StrEnum):
    """Where a version stands on its way: its stored state, and what its rollouts make of it at a moment."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    ON_SALE = "on_sale"
    COHORT = "cohort"
    CALLED_OFF = "called_off"
    EARLIER = "earlier"
    RETIRED = "retired"

    @property
    def words(self) -> str:
        return _STAGE_WORDS[self]


_STAGE_WORDS = {
    Stage.DRAFT: "Draft",
    Stage.SCHEDULED: "Scheduled",
    Stage.ON_SALE: "On sale",
    Stage.COHORT: "For chosen customers",
    Stage.CALLED_OFF: "Called off",
    Stage.EARLIER: "Earlier version",
    Stage.RETIRED: "Retired",
}


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version with the publications that brought it out."""

    version: PlanVersion
    stage: Stage
    rollouts: tuple[Rollout, ...]


def versions_of(*, plan: Plan, at: datetime) -> tuple[VersionLine, ...]:
    """Every version of the plan, newest first."""
    versions = list(plan.versions.select_related("after_trial").order_by("-number"))
    rollouts = rollouts_of(plans=[plan])
    stages = stages_of(versions=versions, rollouts=rollouts, at=at)
    return tuple(
        VersionLine(version, stages[version.pk], tuple(r for r in rollouts if r.version_id == version.pk))
        for version in versions
    )


def on_sale(*, plan: Plan, at: datetime) -> PlanVersion | None:
    """The version a new customer gets; None while nothing is sold, or once what was on sale is retired."""
    facts = [rollout.fact for rollout in rollouts_of(plans=[plan])]
    found = version_on_sale(plan=plan.key, rollouts=facts, at=at)
    if found is None:
        return None
    return PlanVersion.objects.filter(pk=int(found), state=VersionState.PUBLISHED).first()


def newest_published(*, plan: Plan) -> PlanVersion | None:
    """The version of the last publication for everybody or for new customers, in force already or scheduled.

    That needn't be the one of the highest number: one that was called off reaches nobody, one for a cohort only the
    cohort, and a former version may have been rolled out again.
    """
    sold = Rollout.objects.filter(version__plan=plan, cancelled_at=None).exclude(audience=Audience.COHORT)
    last = sold.select_related("version__plan").order_by("-pk").first()
    return None if last is None else last.version


def falling_back_to(*, plan: Plan) -> QuerySet[PlanVersion]:
    """The versions, also retired ones, whose trials end in this plan when nobody converts them."""
    falling = PlanVersion.objects.filter(after_trial=plan).exclude(state=VersionState.DRAFT)
    return falling.select_related("plan").order_by("plan__position", "plan", "number")


def rollouts_of(*, plans: Iterable[Plan]) -> list[Rollout]:
    return list(Rollout.objects.filter(version__plan__in=list(plans)).select_related("version__plan").order_by("pk"))


def stages_of(*, versions: Iterable[PlanVersion], rollouts: Iterable[Rollout], at: datetime) -> Mapping[int, Stage]:
    """The stage of each version; a pure reading of rows already at hand."""
    rollouts = list(rollouts)
    facts = [rollout.fact for rollout in rollouts]
    selling = {version_on_sale(plan=key, rollouts=facts, at=at) for key in {fact.plan for fact in facts}}
    standing: dict[str, list[RolloutFact]] = defaultdict(list)
    for fact in facts:
        if fact.stands:
            standing[fact.version].append(fact)
    return {
        version.pk: _stage(version, selling=selling, reached_by=standing[str(version.pk)], at=at)
        for version in versions
    }


def _stage(version: PlanVersion, *, selling: set[str | None], reached_by: list[RolloutFact], at: datetime) -> Stage:
    match version.state:
        case VersionState.DRAFT:
            return Stage.DRAFT
        case VersionState.RETIRED:
            return Stage.RETIRED
    if str(version.pk) in selling:
        return Stage.ON_SALE
    begun = [rollout for rollout in reached_by if rollout.effective_at <= at]
    if begun:
        return Stage.EARLIER if any(rollout.sells for rollout in begun) else Stage.COHORT
    return Stage.SCHEDULED if reached_by else Stage.CALLED_OFF
