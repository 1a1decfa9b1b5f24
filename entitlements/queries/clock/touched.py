"""Which accounts have a boundary in some stretches of time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from django.db.models import Model, Q

from catalog.domain.rollouts import Audience
from catalog.domain.window import DAY, Window
from catalog.models import FeatureRevision, MarketWindow, PlanTerm
from entitlements.domain.facts import Phase
from entitlements.models import (
    Account,
    AccountStanding,
    BilledFeature,
    Contract,
    ContractVersion,
    Override,
    Subscription,
    SubscriptionChange,
    SubscriptionItem,
    SubscriptionPhase,
)
from entitlements.models.lapsing import lapsing
from entitlements.queries.clock.endings import within
from entitlements.queries.merged import merged_since
from entitlements.queries.publishing.renewing import accounts_renewing
from entitlements.snapshots import CatalogSnapshot
from entitlements.snapshots.account import FURTHEST_ANCESTOR
from journal.models import AuditEvent

# An act that cuts something short leaves its instant too: the account itself was told by the act, its children weren't.
BY_ROW: tuple[tuple[type[Model], str, tuple[str, ...]], ...] = (
    (Override, "account_id", ("starts_at", "ends_at", "revoked_at")),
    (BilledFeature, "account_id", ("starts_at", "ends_at")),
    (Subscription, "account_id", ("starts_at", "ends_at", "converted_at")),
    (SubscriptionItem, "subscription__account_id", ("starts_at", "ends_at", "held_until")),
    (SubscriptionPhase, "subscription__account_id", ("starts_at", "ends_at", "restored_at")),
    (SubscriptionChange, "subscription__account_id", ("effective_at",)),
    (AccountStanding, "account_id", ("starts_at",)),
    (Contract, "account_id", ("ends_at",)),
    (ContractVersion, "contract__account_id", ("effective_at",)),
)


def accounts_touched(stretches: Collection[Window], *, catalog: CatalogSnapshot) -> list[int]:
    """The ids of every account for which something begins, ends or moves in a stretch, and of their children."""
    if _everybody(stretches):
        return list(Account.objects.order_by("pk").values_list("pk", flat=True))
    ids = _by_own_rows(stretches) | _by_what_was_kept(stretches) | _acted_on_above(stretches)
    for stretch in stretches:
        ids |= _by_rollouts(stretch, catalog)
    ids |= merged_since(ids, min((stretch.start for stretch in stretches if stretch.start), default=None))
    return sorted(_with_descendants(ids))


def _with_descendants(ids: set[int]) -> set[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for pk, parent in Account.objects.filter(parent__isnull=False).values_list("pk", "parent_id"):
        children[parent].append(pk)
    waiting, found = list(ids), set(ids)
    while waiting:
        new = [pk for pk in children[waiting.pop()] if pk not in found]
        found.update(new)
        waiting += new
    return found


def _any_of(columns: Iterable[str], stretches: Collection[Window]) -> Q:
    """Rows with an instant of one of the columns in one of the stretches."""
    condition = Q()
    for column in columns:
        condition |= within(column, stretches)
    return condition


def _everybody(stretches: Collection[Window]) -> bool:
    """A feature's rules or a market's windows concern every account."""
    return (
        FeatureRevision.objects.filter(within("effective_at", stretches)).exists()
        or MarketWindow.objects.filter(_any_of(("starts_at", "ends_at", "limits_from"), stretches)).exists()
    )


def _by_own_rows(stretches: Collection[Window]) -> set[int]:
    ids: set[int] = set()
    for model, account, columns in BY_ROW:
        rows = model._default_manager.filter(_any_of(columns, stretches)).order_by()
        ids |= set(rows.values_list(account, flat=True))
    return ids


def _by_what_was_kept(stretches: Collection[Window]) -> set[int]:
    """Whose trial left something for some days that may be over now; the exact instant is in the account's zone."""
    kept = PlanTerm.objects.filter(kept_days__isnull=False).order_by().values_list("kept_days", flat=True).distinct()
    earlier = [
        Window(s.start - (days + 1) * DAY, s.end - (days - 1) * DAY)
        for days in kept
        for s in stretches
        if days is not None and s.start is not None and s.end is not None
    ]
    if not earlier:
        return set()
    trials = SubscriptionPhase.objects.filter(within("ends_at", earlier), phase=Phase.TRIAL)
    return set(trials.values_list("subscription__account_id", flat=True))


def _acted_on_above(stretches: Collection[Window]) -> set[int]:
    """The parents that somebody acted on: what it changed for those below was not told by the act."""
    keys = AuditEvent.objects.filter(within("at", stretches)).exclude(account_key="").order_by()
    acted_on = Account.objects.filter(key__in=keys.values("account_key"), children__isnull=False)
    return set(acted_on.values_list("pk", flat=True))


def acts_above(account: Account, stretches: Collection[Window]) -> list[datetime]:
    """When somebody acted on an account above this one, earliest first."""
    above = [parent.key for parent in _ancestors(account)]
    acts = AuditEvent.objects.filter(within("at", stretches), account_key__in=above).order_by("at")
    return list(dict.fromkeys(acts.values_list("at", flat=True)))


def edits_of(account: Account, stretches: Collection[Window]) -> list[datetime]:
    """When somebody changed the account itself, or one above it, since the stretches began; earliest first."""
    begun = min(stretch.start for stretch in stretches if stretch.start is not None)
    family = [account.pk, *(parent.pk for parent in _ancestors(account))]
    edits = Account.history.filter(id__in=family, history_date__gte=begun, history_type="~").order_by("history_date")
    return list(dict.fromkeys(edits.values_list("history_date", flat=True)))


def _ancestors(account: Account) -> Iterator[Account]:
    parent, left = account.parent, FURTHEST_ANCESTOR
    while parent is not None and left:
        yield parent
        parent, left = parent.parent, left - 1


def _by_rollouts(stretch: Window, catalog: CatalogSnapshot) -> set[int]:
    """Holders of the versions that a rollout moves now, and those whose lapsed trial fell back to its plan."""
    moved = [r for r in catalog.rollouts if r.moves_holders and r.audience is not Audience.AT_RENEWAL]
    moving = [rollout for rollout in moved if stretch.contains(rollout.effective_at)]
    lapsed = Q(lapsing(phase="phases__", subscription=""), phases__ends_at__lt=stretch.end)
    ids = accounts_renewing(stretch, rollouts=catalog.rollouts)
    for rollout in moving:
        holders = Q(items__version_id__in=[int(pk) for pk in rollout.moves_from]) | lapsed
        if rollout.cohort:
            holders &= Q(account__cohorts__cohort__key=rollout.cohort)
        ids |= set(Subscription.objects.filter(holders).values_list("account_id", flat=True))
    return ids
