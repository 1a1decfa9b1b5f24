"""Who has which version of a plan at a moment, and how each came to have it.

Nobody is asked one by one who needn't be: items that nothing tells apart (the same pin, sold between the same two
publications, in the same cohorts) are counted by the database in one group and answered by one representative. Looked
at one by one, in batches, are only: whoever holds the plan twice, whoever a hold keeps, whoever may be renewing into a
publication just now, and whoever fell back to the plan after a trial.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, Min, OuterRef, Q, QuerySet, Value, When

from catalog.domain.rollouts import Audience, RolloutFact
from catalog.domain.values import AddOnEffect, PlanKind
from catalog.domain.window import Window
from catalog.models import Plan, PlanVersion, Rollout
from entitlements.domain.facts import Facts, ItemFact, VersionFact
from entitlements.domain.periods import Periods
from entitlements.domain.phases import Reached, pin_at, reached_at
from entitlements.domain.trials import stretches
from entitlements.models import CohortMember, SubscriptionItem, SubscriptionPhase
from entitlements.models.account import AccountKind
from entitlements.models.lapsing import lapsing
from entitlements.snapshots.catalog import rollout_fact
from entitlements.snapshots.moving import read_surroundings
from entitlements.snapshots.reading import Reader

BATCH = 500
SETTLED = timedelta(days=400)  # so long after its beginning a publication at renewal has reached whoever it reaches
ACCOUNT = "subscription__account_id"
KIND = "subscription__account__kind"


@dataclass(frozen=True, slots=True)
class Held:
    """So many accounts that have one version for one reason; `row` is the item where it is one alone."""

    version: int
    reached: Reached
    accounts: int
    account_id: int | None = None
    row: Any = None
    fallen: bool = False  # it is what a trial fell back to
    internal: bool = False


def plan_book() -> Facts:
    """Every version without its terms, and every publication: what it takes to say which version an item has."""
    reader = Reader()
    plans = {row.id: row for row in reader.rows(Plan)}
    versions = {row.id: row for row in reader.rows(PlanVersion)}
    return Facts(
        account="",
        market=None,
        features={},
        versions={str(pk): _bare(row, plans) for pk, row in versions.items()},
        rollouts=tuple(rollout_fact(row, versions=versions, plans=plans) for row in reader.rows(Rollout)),
    )


def _bare(row: Any, plans: Mapping[int, Any]) -> VersionFact:
    plan = plans[row.plan_id]
    return VersionFact(
        id=str(row.id),
        plan=plan.key,
        plan_name=plan.name,
        number=row.number,
        kind=PlanKind(plan.kind),
        effect=AddOnEffect(plan.effect),
        after_trial=None if row.after_trial_id is None else plans[row.after_trial_id].key,
    )


def not_over(*, at: datetime) -> QuerySet[SubscriptionItem]:
    """Items that live at the moment or later, and whose trial, if they are on one, hasn't lapsed by then."""
    rows = SubscriptionItem.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at),
        Q(subscription__ends_at__isnull=True) | Q(subscription__ends_at__gt=at),
    )
    return rows.filter(~Exists(_lapses(at)))


def live_items(*, plan: Plan, at: datetime) -> QuerySet[SubscriptionItem]:
    return not_over(at=at).filter(plan=plan, starts_at__lte=at, subscription__starts_at__lte=at)


def fallen_items(*, plan: Plan, at: datetime) -> QuerySet[SubscriptionItem]:
    """Items of any plan whose trial lapsed unconverted, and some version of which falls back to this plan then."""
    falling = PlanVersion.objects.filter(after_trial=plan).values("plan")
    return SubscriptionItem.objects.filter(
        Exists(_lapses(at)),
        Q(ends_at__isnull=True) | Q(ends_at__gt=at),
        Q(subscription__ends_at__isnull=True) | Q(subscription__ends_at__gt=at),
        plan__in=falling,
    )


def _lapses(at: datetime) -> QuerySet[SubscriptionPhase]:
    """The trial an item was on, where it lapsed unconverted up to the moment."""
    return SubscriptionPhase.objects.filter(
        lapsing(phase="", subscription="subscription__"),
        subscription=OuterRef("subscription"),
        ends_at__lte=at,
        ends_at__gt=OuterRef("starts_at"),
    )


def held_versions(*, plan: Plan, at: datetime, book: Facts | None = None) -> list[Held]:
    """Every way in which accounts have a version of the plan at the moment."""
    book = book or plan_book()
    rollouts = [rollout for rollout in book.rollouts if rollout.plan == plan.key and rollout.moves_holders]
    live, fallen = live_items(plan=plan, at=at), fallen_items(plan=plan, at=at)
    twice = live.values(ACCOUNT).annotate(held=Count("pk")).filter(held__gt=1).values(ACCOUNT)
    alone = (
        Q(**{f"{ACCOUNT}__in": twice})
        | Q(**{f"{ACCOUNT}__in": fallen.values(ACCOUNT)})
        | Q(held_from__lte=at, held_until__gt=at)
        | _renewing(rollouts, at)
    )
    singly = chain(each_held(live.filter(alone), book=book, at=at), each_held(fallen, book=book, at=at))
    one_each = {
        (held.account_id, held.version): held for held in singly if book.versions[str(held.version)].plan == plan.key
    }
    return [*_in_groups(live.exclude(alone), rollouts=rollouts, at=at), *one_each.values()]


def each_held(items: QuerySet[SubscriptionItem], *, book: Facts, at: datetime) -> Iterator[Held]:
    """What each of the items has at the moment, one by one, in their order, in a few reads for each batch."""
    rows: list[Any] = []
    for row in items.select_related("subscription__account").iterator(chunk_size=BATCH):
        rows.append(row)
        if len(rows) == BATCH:
            yield from _held_of(rows, book=book, at=at)
            rows = []
    yield from _held_of(rows, book=book, at=at)


def item_facts(rows: list[Any], *, book: Facts) -> Iterator[tuple[Any, ItemFact]]:
    """The rows with all that says which version each has when; those with no time to live are left out."""
    subscriptions = {row.subscription_id: row.subscription for row in rows}
    around = read_surroundings(
        Reader(),
        account_ids={subscription.account_id for subscription in subscriptions.values()},
        subscription_ids=list(subscriptions),
        rollouts=book.rollouts,
    )
    trials = SubscriptionPhase.objects.filter(
        lapsing(phase="", subscription="subscription__"), subscription__in=list(subscriptions)
    )
    lapses = dict(trials.values_list("subscription_id", "ends_at"))
    for row in rows:
        window = row.window.intersection(row.subscription.window)
        if window is None:
            continue
        lapse = lapses.get(row.subscription_id)
        yield (
            row,
            ItemFact(
                id=str(row.pk),
                subscription=str(row.subscription_id),
                plan=book.versions[str(row.version_id)].plan,
                pinned=str(row.version_id),
                quantity=row.quantity,
                window=window,
                trial_lapses_at=None if lapse is None or row.starts_at >= lapse else lapse,
                interval=row.interval or None,
                **around.moving(row, subscription=row.subscription, zone=row.subscription.account.zone),
            ),
        )


def _held_of(rows: list[Any], *, book: Facts, at: datetime) -> Iterator[Held]:
    for row, fact in item_facts(rows, book=book):
        for number, stretch in enumerate(stretches(fact, facts=book)):
            if stretch.window.contains(at):
                reached = reached_at(stretch, rollouts=book.rollouts, at=at)
                holder = row.subscription.account
                internal = holder.kind == AccountKind.INTERNAL
                yield Held(int(reached.version), reached, 1, holder.pk, row, fallen=number > 0, internal=internal)


def _renewing(rollouts: Iterable[RolloutFact], at: datetime) -> Q:
    """Items of which only their own periods say whether a publication at renewal has reached them."""
    condition = Q(pk__in=[])
    for rollout in rollouts:
        if rollout.audience is Audience.AT_RENEWAL and rollout.effective_at <= at:
            moved = Q(version_id__in=[int(pk) for pk in rollout.moves_from])
            recent = rollout.effective_at > at - SETTLED
            condition |= moved if recent else moved & Q(subscription__starts_at__gt=at - SETTLED)
    return condition


def _in_groups(items: QuerySet[SubscriptionItem], *, rollouts: list[RolloutFact], at: datetime) -> Iterator[Held]:
    """Counted by the database: what no rollout tells apart is one group, and one of it speaks for all."""
    cohorts = sorted({rollout.cohort for rollout in rollouts if rollout.cohort})
    belongs = {f"in_cohort_{number}": _in_cohort(key) for number, key in enumerate(cohorts)}
    begun = enumerate(sorted({rollout.effective_at for rollout in rollouts}, reverse=True))
    cases = [When(recorded_at__gt=instant, then=Value(number)) for number, instant in begun]
    after = Case(*cases, default=Value(-1), output_field=IntegerField()) if cases else Value(-1)
    keys = ("version_id", "sold_after", KIND, *belongs)
    groups = (
        items.annotate(sold_after=after, **belongs)
        .order_by()
        .values(*keys)
        .annotate(
            accounts=Count("pk"),
            recorded=Min("recorded_at"),
            subscribed=Min("subscription__starts_at"),
        )
    )
    for group in groups:
        fact = ItemFact(
            id="", subscription="", plan="", pinned=str(group["version_id"]), quantity=1, window=Window(),
            recorded_at=group["recorded"],
            cohorts=frozenset(key for number, key in enumerate(cohorts) if group[f"in_cohort_{number}"]),
            periods=Periods(starts_at=group["subscribed"], begun=group["subscribed"]),
        )  # fmt: skip
        reached = reached_at(fact, rollouts=rollouts, at=at)
        internal = group[KIND] == AccountKind.INTERNAL
        yield Held(int(reached.version), reached, group["accounts"], internal=internal)


def _in_cohort(key: str) -> Exists:
    return Exists(
        CohortMember.objects.filter(
            cohort__key=key, cohort__frozen_at__isnull=False, account=OuterRef("subscription__account")
        )
    )


def version_of(*, item: SubscriptionItem, at: datetime) -> PlanVersion:
    """The version one item has at the moment."""
    return _version(item, at=at, followed=False)


def version_without_hold(*, item: SubscriptionItem, at: datetime) -> PlanVersion:
    """The version it would have if nothing kept it."""
    return _version(item, at=at, followed=True)


def _version(item: SubscriptionItem, *, at: datetime, followed: bool) -> PlanVersion:
    book = plan_book()
    row = SubscriptionItem.objects.select_related("subscription__account").get(pk=item.pk)
    versions = PlanVersion.objects.select_related("plan")
    for _row, fact in item_facts([row], book=book):
        free = replace(fact, holds=()) if followed else fact
        return versions.get(pk=int(pin_at(free, rollouts=book.rollouts, at=at)))
    return versions.get(pk=row.version_id)
