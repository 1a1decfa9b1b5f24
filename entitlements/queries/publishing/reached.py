"""Which accounts a rollout of a version reaches, or could reach, in SQL alone."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from catalog.domain.rollouts import Audience
from catalog.domain.values import ParentRule
from catalog.models import FeatureRevision, PlanVersion, Rollout
from catalog.models.plan import VersionState
from entitlements.models import Account, CohortMember, SubscriptionItem
from entitlements.models.lapsing import lapsing
from entitlements.snapshots.account import FURTHEST_ANCESTOR


def moved_by(version: PlanVersion) -> list[int]:
    """The versions whose holders a rollout of this one moves: all of the plan that were ever published.

    Also itself, where it was: whoever pins it may have been moved elsewhere since.
    """
    published = PlanVersion.objects.filter(plan=version.plan_id).exclude(state=VersionState.DRAFT)
    return list(published.order_by("number").values_list("pk", flat=True))


def reachable(*, version: PlanVersion, at: datetime) -> QuerySet[Account]:
    """Everybody whom some rollout of the version could reach from the instant on."""
    return _with_those_below(_holders(version, moved_by(version), at=at))


def reached_by(rollout: Rollout) -> QuerySet[Account]:
    """Everybody whom a rollout may have moved at its instant, in the order of their ids."""
    if not Audience(rollout.audience).moves:
        return Account.objects.none()
    held = _holders(rollout.version, rollout.moves_from, at=rollout.effective_at)
    if rollout.audience == Audience.COHORT:
        held = held.filter(pk__in=_members(rollout.cohort_key).values("pk"))
    return _with_those_below(held)


def members_and_below(cohort_key: str) -> QuerySet[Account]:
    """Whoever is in the cohort, and who may inherit from them."""
    return _with_those_below(_members(cohort_key))


def bought_around(rollout_id: int, *, within: timedelta) -> QuerySet[Account]:
    """Who bought a version that the rollout moves so shortly before its instant that it may have been missed."""
    rollout = Rollout.objects.get(pk=rollout_id)
    bought = SubscriptionItem.history.filter(
        version_id__in=rollout.moves_from,
        history_date__gte=rollout.effective_at - within,
        history_date__lte=rollout.effective_at,
    )
    return _with_those_below(Account.objects.filter(subscriptions__in=bought.values("subscription_id")))


def _holders(version: PlanVersion, moved: Collection[int], *, at: datetime) -> QuerySet[Account]:
    """Whoever has bought one of the versions and has it still, or may have fallen back to it after a trial."""
    live = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    bought = Q(version__in=list(moved))
    fallen = Q(
        lapsing(phase="subscription__phases__", subscription="subscription__"),
        version__plan__versions__after_trial=version.plan_id,
    )
    items = SubscriptionItem.objects.filter(live, bought | fallen)
    return Account.objects.filter(pk__in=items.values("subscription__account")).order_by("pk")


def _members(cohort_key: str) -> QuerySet[Account]:
    return Account.objects.filter(pk__in=CohortMember.objects.filter(cohort__key=cohort_key).values("account"))


def _with_those_below(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """The accounts and, where any feature's rule asks the parent, everybody below them."""
    ids = accounts.order_by().values("pk")
    found = Q(pk__in=ids)
    if FeatureRevision.objects.exclude(parent_rule=ParentRule.OWN).exists():
        for step in range(1, FURTHEST_ANCESTOR + 1):
            found |= Q(**{f"{'__'.join(['parent'] * step)}__in": ids})
    return Account.objects.filter(found).order_by("pk")
