"""Which accounts have a boundary in a stretch of time."""

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

BY_ROW: tuple[tuple[type[Model], str, tuple[str, ...]], ...] = (
    (Override, "account_id", ("starts_at", "ends_at")),
    (Subscription, "account_id", ("starts_at", "ends_at")),
    (SubscriptionItem, "subscription__account_id", ("starts_at", "ends_at")),
    (SubscriptionPhase, "subscription__account_id", ("starts_at", "ends_at")),
    (AccountStanding, "account_id", ("starts_at",)),
)


def accounts_touched(stretch: Window, *, catalog: CatalogSnapshot) -> list[Account]:
    """Every account for which something begins, ends or moves in the stretch, and the children of those."""
    accounts = Account.objects.select_related("owner").order_by("pk")
    if _everybody(stretch):
        return list(accounts)
    ids = _by_own_rows(stretch) | _by_rollouts(stretch, catalog)
    while children := set(Account.objects.filter(parent_id__in=ids).values_list("pk", flat=True)) - ids:
        ids |= children
    return list(accounts.filter(pk__in=ids))


def _within(column: str, stretch: Window) -> Q:
    return Q(**{f"{column}__gte": stretch.start, f"{column}__lt": stretch.end})


def _everybody(stretch: Window) -> bool:
    """A feature's rules or a market's windows concern every account."""
    return (
        FeatureRevision.objects.filter(_within("effective_at", stretch)).exists()
        or MarketWindow.objects.filter(_within("starts_at", stretch) | _within("ends_at", stretch)).exists()
    )


def _by_own_rows(stretch: Window) -> set[int]:
    ids: set[int] = set()
    for model, account, columns in BY_ROW:
        condition = Q()
        for column in columns:
            condition |= _within(column, stretch)
        ids |= set(model._default_manager.filter(condition).values_list(account, flat=True))
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
