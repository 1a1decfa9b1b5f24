"""Narrowing the list of accounts down: by plan, phase, standing, owner, market. Each is one condition in SQL."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from catalog.domain.values import PlanKind
from catalog.models import Market, Plan
from entitlements.admin.wording import PHASE_WORDS, STANDING_WORDS
from entitlements.domain.facts import Phase, Standing
from entitlements.models import Account, AccountStanding, Subscription, SubscriptionPhase
from entitlements.models.lapsing import lapsing
from entitlements.queries.life.trials import trials_running
from journal.models import Staff

SOON = timedelta(days=7)
ENDING_SOON, TRIAL_OVER, PAST_DUE, NOTHING = "ending_soon", "trial_over", "past_due", "nothing"
TRIAL_ENDS = "trial_ends_soonest"
MOST_OWNERS = 100


def _live(at: datetime, prefix: str = "") -> Q:
    return Q(**{f"{prefix}starts_at__lte": at}) & (
        Q(**{f"{prefix}ends_at__isnull": True}) | Q(**{f"{prefix}ends_at__gt": at})
    )


def _lapsed(at: datetime) -> Exists:
    trials = SubscriptionPhase.objects.filter(lapsing(phase="", subscription="subscription__"), ends_at__lte=at)
    return Exists(trials.filter(subscription=OuterRef("pk")))


def subscriptions_in(phase: str, *, at: datetime) -> QuerySet[Subscription]:
    """The subscriptions that stand in this phase, or that a word of ours for a moment of their life fits."""
    live = Subscription.objects.filter(_live(at))
    over = live.filter(_lapsed(at))
    if phase == TRIAL_OVER:
        return over
    if phase == PAST_DUE:
        return live.filter(_unpaid(at))
    trial = live.filter(_in(Phase.TRIAL, at), converted_at__isnull=True)
    if phase == Phase.TRIAL:
        return trial
    if phase == ENDING_SOON:
        return trial.filter(phases__phase=Phase.TRIAL, phases__ends_at__lte=at + SOON)
    if phase == Phase.ACTIVE:
        others = [_in(other, at) for other in (Phase.GRACE, Phase.PAUSED, Phase.WINDING_DOWN)]
        active = live.exclude(pk__in=over).exclude(pk__in=trial).exclude(_unpaid(at))
        return active.exclude(others[0]).exclude(others[1]).exclude(others[2])
    return live.filter(_in(Phase(phase), at))


def _in(phase: Phase, at: datetime) -> Exists:
    running = SubscriptionPhase.objects.filter(_live(at), _not_restored(at), subscription=OuterRef("pk"), phase=phase)
    return Exists(running)


def _unpaid(at: datetime) -> Exists:
    """The grace ran out and nobody has paid."""
    grace = SubscriptionPhase.objects.filter(subscription=OuterRef("pk"), phase=Phase.GRACE, ends_at__lte=at)
    return Exists(grace.filter(_not_restored(at)))


def _not_restored(at: datetime) -> Q:
    return Q(restored_at__isnull=True) | Q(restored_at__gt=at)


class PlanFilter(SimpleListFilter):
    """What an account has now: what it bought, or what its trial fell back to."""

    title = "plan"
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(plan.key, plan.name) for plan in Plan.objects.filter(kind=PlanKind.PLAN)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        if not self.value():
            return queryset
        now = timezone.now()
        live = Subscription.objects.filter(_live(now))
        over = Q(_lapsed(now))
        holds = live.filter(_live(now, "items__"), items__plan__key=self.value()).exclude(pk__in=live.filter(over))
        fell = live.filter(over, items__version__after_trial__key=self.value())
        return queryset.filter(Q(pk__in=holds.values("account_id")) | Q(pk__in=fell.values("account_id")))


class PhaseFilter(SimpleListFilter):
    title = "phase"
    parameter_name = "phase"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        phases = [(phase.value, PHASE_WORDS[phase].capitalize()) for phase in reversed(Phase)]
        return [
            *phases[:2],
            (ENDING_SOON, "Trial ends within 7 days"),
            (TRIAL_OVER, "Trial over"),
            phases[2],
            (PAST_DUE, "Past due"),
            *phases[3:],
            (NOTHING, "Nothing bought"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        wanted, now = self.value(), timezone.now()
        if wanted == NOTHING:
            return queryset.exclude(pk__in=Subscription.objects.filter(_live(now)).values("account_id"))
        if wanted not in {*map(str, Phase), ENDING_SOON, TRIAL_OVER, PAST_DUE}:
            return queryset
        found = queryset.filter(pk__in=subscriptions_in(wanted, at=now).values("account_id"))
        return _with_trial_end(found, at=now) if wanted == ENDING_SOON else found


def _with_trial_end(accounts: QuerySet[Account], *, at: datetime) -> QuerySet[Account]:
    """The accounts with the end of their soonest trial, so that the list can begin with it."""
    ends = trials_running(at=at).filter(subscription__account=OuterRef("pk")).values("ends_at")[:1]
    return accounts.annotate(**{TRIAL_ENDS: Subquery(ends)})


class StandingFilter(SimpleListFilter):
    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(standing.value, words) for standing, words in STANDING_WORDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        if not self.value():
            return queryset
        rows = AccountStanding.objects.filter(account=OuterRef("pk"), starts_at__lte=timezone.now())
        last = Subquery(rows.order_by("-starts_at").values("standing")[:1])
        return queryset.alias(stands=Coalesce(last, Value(Standing.OPEN.value))).filter(stands=self.value())


class OwnerFilter(SimpleListFilter):
    title = "owner"
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        owners = Staff.objects.filter(accounts__isnull=False).distinct().order_by("first_name", "username")
        return [("none", "Nobody"), *((str(owner.pk), owner.name()) for owner in owners[:MOST_OWNERS])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        wanted = self.value()
        if wanted == "none":
            return queryset.filter(owner__isnull=True)
        return queryset.filter(owner_id=int(wanted)) if wanted and wanted.isdigit() else queryset


class MarketFilter(SimpleListFilter):
    title = "market"
    parameter_name = "market"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", "No market"), *Market.objects.values_list("key", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        wanted = self.value()
        if wanted == "none":
            return queryset.filter(market__isnull=True)
        return queryset.filter(market__key=wanted) if wanted else queryset
