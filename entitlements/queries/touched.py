"""Which accounts have a boundary in some stretches of time."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Model, Q

from catalog.domain.window import Window
from catalog.models import FeatureRevision, MarketWindow
from entitlements.domain.facts import Phase
from entitlements.models import (
    Account,
    AccountStanding,
    Override,
    Subscription,
    SubscriptionItem,
    SubscriptionPhase,
)
from entitlements.snapshots import CatalogSnapshot

# An act that cuts something short leaves its instant too: the account itself was told by the act, its children weren't.
BY_ROW: tuple[tuple[type[Model], str, tuple[str, ...]], ...] = (
    (Override, "account_id", ("starts_at", "ends_at", "revoked_at")),
    (Subscription, "account_id", ("starts_at", "ends_at", "converted_at")),
    (SubscriptionItem, "subscription__account_id", ("starts_at", "ends_at")),
    (SubscriptionPhase, "subscription__account_id", ("starts_at", "ends_at", "restored_at")),
    (AccountStanding, "account_id", ("starts_at",)),
)


def accounts_touched(stretches: Collection[Window], *, catalog: CatalogSnapshot) -> list[int]:
    """The ids of every account for which something begins, ends or moves in a stretch, and of their children."""
    if _everybody(stretches):
        return list(Account.objects.order_by("pk").values_list("pk", flat=True))
    ids = _by_own_rows(stretches)
    for stretch in stretches:
        ids |= _by_rollouts(stretch, catalog)
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


def _within(columns: Iterable[str], stretches: Iterable[Window]) -> Q:
    """Rows with an instant of one of the columns in one of the stretches."""
    condition = Q()
    for stretch in stretches:
        for column in columns:
            condition |= Q(**{f"{column}__gte": stretch.start, f"{column}__lt": stretch.end})
    return condition


def _everybody(stretches: Collection[Window]) -> bool:
    """A feature's rules or a market's windows concern every account."""
    return (
        FeatureRevision.objects.filter(_within(("effective_at",), stretches)).exists()
        or MarketWindow.objects.filter(_within(("starts_at", "ends_at"), stretches)).exists()
    )


def _by_own_rows(stretches: Collection[Window]) -> set[int]:
    ids: set[int] = set()
    for model, account, columns in BY_ROW:
        ids |= set(model._default_manager.filter(_within(columns, stretches)).values_list(account, flat=True))
    return ids


def _by_rollouts(stretch: Window, catalog: CatalogSnapshot) -> set[int]:
    """Holders of the versions that a rollout moves now, and those whose lapsed trial fell back to its plan."""
    moved = {
        int(pk)
        for rollout in catalog.rollouts
        if rollout.moves_holders and stretch.contains(rollout.effective_at)
        for pk in rollout.moves_from
    }
    if not moved:
        return set()
    holders = Q(items__version_id__in=moved)
    lapsed = Q(converted_at__isnull=True, phases__phase=Phase.TRIAL, phases__ends_at__lt=stretch.end)
    return set(Subscription.objects.filter(holders | lapsed).values_list("account_id", flat=True))
