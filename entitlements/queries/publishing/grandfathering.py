"""Who is on which version of a plan, why, and what they keep that is no longer sold."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from catalog.domain.rollouts import Audience
from catalog.domain.version_diff import Change, lowers
from catalog.domain.window import Window
from catalog.models import Feature, Plan, PlanVersion
from catalog.queries.changes import diff_versions
from catalog.queries.prices import say_plan_prices
from catalog.queries.versions import Stage, on_sale, versions_of
from entitlements.domain.facts import Facts, Hold
from entitlements.domain.headcount import Headcount
from entitlements.domain.phases import pin_at
from entitlements.models import Cohort
from entitlements.models.lapsing import lapsing
from entitlements.queries.publishing.holders import (
    BATCH,
    Held,
    each_held,
    fallen_items,
    held_versions,
    item_facts,
    live_items,
    not_over,
    plan_book,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why accounts have a version, as far as they share it: how they came to it, from when, and what keeps them."""

    audience: Audience | None = None
    since: datetime | None = None
    cohort: str = ""
    held_until: datetime | None = None
    held_because: str = ""
    fallen: bool = False


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """One version with those who have it: `keeps` is what it gives and the version on sale doesn't, or gives less of.

    `reasons` are those of the accounts that pay what it renews at, so internal ones stand beside them.
    """

    version: PlanVersion
    stage: Stage
    headcount: Headcount
    reasons: tuple[tuple[Reason, int], ...]
    price: str
    keeps: tuple[Change, ...]

    @property
    def accounts(self) -> int:
        return self.headcount.accounts


def grandfathering(*, plan: Plan, at: datetime) -> tuple[HeldVersion, ...]:
    """Every version of the plan that was ever published, newest first, with those who have it."""
    found: dict[int, list[Held]] = defaultdict(list)
    for held in held_versions(plan=plan, at=at):
        found[held.version].append(held)
    sold = on_sale(plan=plan, at=at)
    names = dict(Cohort.objects.values_list("key", "name"))
    return tuple(
        HeldVersion(
            version=line.version,
            stage=line.stage,
            headcount=_headcount(found[line.version.pk]),
            reasons=tuple(_reasons(found[line.version.pk], names).most_common()),
            price=say_plan_prices(line.version.prices.all()),
            keeps=_keeps(line.version, sold),
        )
        for line in versions_of(plan=plan, at=at)
        if not line.version.is_draft
    )


def holders_by_version(*, version_ids: Collection[int], at: datetime) -> Mapping[int, int]:
    """How many accounts have each of the versions at the moment, internal ones too; those nobody has are left out."""
    counted = headcounts(version_ids=version_ids, at=at)
    return {pk: headcount.everybody for pk, headcount in counted.items()}


def headcounts(*, version_ids: Collection[int], at: datetime) -> Mapping[int, Headcount]:
    """The same, internal accounts told apart."""
    book, found = plan_book(), dict[int, Headcount]()
    for plan in Plan.objects.filter(versions__in=list(version_ids)).distinct():
        by_version: dict[int, list[Held]] = defaultdict(list)
        for held in held_versions(plan=plan, at=at, book=book):
            by_version[held.version].append(held)
        found |= {pk: _headcount(many) for pk, many in by_version.items() if pk in version_ids}
    return found


def holders(*, version: PlanVersion, at: datetime) -> Iterator[Held]:
    """The holders of a version at the moment, by the account's name; after them whoever fell back to it from a trial."""
    book = plan_book()
    order = ("subscription__account__name", "subscription__account_id", "pk")
    pins = [pk for pk in version.plan.versions.values_list("pk", flat=True) if _leads(pk, version.pk, book)]
    live = live_items(plan=version.plan, at=at).filter(version__in=pins).order_by(*order)
    for items in (live, fallen_items(plan=version.plan, at=at).order_by(*order)):
        yield from (held for held in each_held(items, book=book, at=at) if held.version == version.pk)


def running_trials(*, version_ids: Collection[int], at: datetime) -> set[int]:
    """Those of the versions that a trial still running will have when it lapses, as far as is known now."""
    book = plan_book()
    pins = {pk for pk in PlanVersion.objects.values_list("pk", flat=True) for to in version_ids if _leads(pk, to, book)}
    trials = Q(
        lapsing(phase="subscription__phases__", subscription="subscription__"),
        subscription__phases__ends_at__gt=at,
    )
    items = not_over(at=at).filter(trials, version__in=pins).select_related("subscription__account").distinct()
    found: set[int] = set()
    rows = list(items)
    for first in range(0, len(rows), BATCH):
        for _row, fact in item_facts(rows[first : first + BATCH], book=book):
            if fact.trial_lapses_at is not None:
                found.add(int(pin_at(fact, rollouts=book.rollouts, at=fact.trial_lapses_at)))
    return found & set(version_ids)


def frozen_cohort_name(key: str) -> str | None:
    """What a cohort whose accounts are fixed is called; None where there is no such cohort."""
    return Cohort.objects.filter(key=key, frozen_at__isnull=False).values_list("name", flat=True).first()


def _leads(pinned: int, version: int, book: Facts) -> bool:
    """Whether an item pinned to the one can ever have the other."""
    moved = (rollout.version for rollout in book.rollouts if str(pinned) in rollout.moves_from)
    return pinned == version or str(version) in moved


def _headcount(many: list[Held]) -> Headcount:
    internal = [held for held in many if held.internal]
    return Headcount(_accounts([held for held in many if not held.internal]), _accounts(internal))


def _accounts(many: list[Held]) -> int:
    """Distinct accounts: groups hold none twice, and whoever is looked at alone has an id."""
    known = {held.account_id for held in many if held.account_id is not None}
    return len(known) + sum(held.accounts for held in many if held.account_id is None)


def _reasons(many: list[Held], cohorts: Mapping[str, str]) -> Counter[Reason]:
    found = Counter[Reason]()
    for held in many:
        if not held.internal:
            found[reason_of(held, cohorts)] += held.accounts
    return found


def reason_of(held: Held, cohorts: Mapping[str, str]) -> Reason:
    move, hold = held.reached.move, held.reached.hold or _NO_HOLD
    rollout = None if move is None else move.rollout
    return Reason(
        audience=None if rollout is None else rollout.audience,
        since=None if rollout is None else rollout.effective_at,
        cohort="" if rollout is None or not rollout.cohort else cohorts.get(rollout.cohort, rollout.cohort),
        held_until=hold.window.end,
        held_because=hold.reason,
        fallen=held.fallen,
    )


def _keeps(version: PlanVersion, sold: PlanVersion | None) -> tuple[Change, ...]:
    """What a holder would lose on the version on sale; nothing can be told where nothing is on sale.

    How it is sold and tried doesn't matter to whoever has it: only features count.
    """
    if sold is None or sold == version:
        return ()
    features = set(Feature.objects.values_list("key", flat=True))
    changes = diff_versions(old=version, new=sold)
    return tuple(change for change in changes if change.feature in features and lowers([change]))


_NO_HOLD = Hold(window=Window())
