"""One account's facts: its items with phases, its overrides, its standing, and its parent's."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from catalog.domain.values import ParentRule
from catalog.domain.window import ALWAYS, Window
from entitlements.domain.facts import BilledFeatureFact, Facts, ItemFact, Mode, OverrideFact, Phase, Standing
from entitlements.models import (
    Account,
    AccountStanding,
    BilledFeature,
    Override,
    Subscription,
    SubscriptionItem,
    SubscriptionPhase,
    TrialUse,
)
from entitlements.models.lapsing import lapse_of
from entitlements.models.override import OverrideState, override_value, override_window
from entitlements.snapshots.catalog import CatalogSnapshot, snapshot_catalog
from entitlements.snapshots.moving import read_surroundings
from entitlements.snapshots.reading import Reader
from journal.models import Connection

FURTHEST_ANCESTOR = 5
NOTHING_USED: frozenset[str] = frozenset()
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class UnknownAccount(LookupError):
    """No such account, as far as was known at the time."""


def snapshot_facts(
    account_id: int,
    *,
    reader: Reader,
    catalog: CatalogSnapshot | None = None,
    depth: int = 0,
    billing: bool = False,
) -> Facts:
    """All that decides what the account may do. Nothing after this reads the database.

    `billing`: with the recorded billing periods, by which use is counted.
    """
    catalog = catalog or snapshot_catalog(reader)
    account = _account(account_id, reader)
    subscriptions = {row.id: row for row in reader.rows(Subscription, account_id=account_id)}
    items = _items(reader, account, subscriptions, catalog, billing)
    return Facts(
        account=account.key,
        market=catalog.market_key(account.market_id),
        features=catalog.facts,
        versions=catalog.versions_for((int(item.pinned) for item in items), market=account.market_id),
        rollouts=catalog.rollouts,
        items=tuple(items),
        overrides=tuple(_overrides(account_id, reader, catalog)),
        billed=tuple(_billed(account_id, reader, catalog)),
        standings=tuple(
            sorted(
                (row.starts_at, Standing(row.standing)) for row in reader.rows(AccountStanding, account_id=account_id)
            )
        ),
        parent=_parent(account, reader=reader, catalog=catalog, depth=depth, billing=billing),
        zone=account.zone,
    )


def _account(account_id: int, reader: Reader) -> Any:
    rows = reader.rows(Account, id=account_id)
    if not rows:
        raise UnknownAccount(account_id)
    return rows[0]


def _parent(account: Any, *, reader: Reader, catalog: CatalogSnapshot, depth: int, billing: bool) -> Facts | None:
    """The parent's facts, where any feature's rule asks for them."""
    asked_for = any(
        rule.parent_rule is not ParentRule.OWN for fact in catalog.facts.values() for rule in fact.revisions
    )
    if account.parent_id is None or not asked_for or depth >= FURTHEST_ANCESTOR:
        return None
    return snapshot_facts(account.parent_id, reader=reader, catalog=catalog, depth=depth + 1, billing=billing)


def _items(
    reader: Reader, account: Any, subscriptions: Mapping[int, Any], catalog: CatalogSnapshot, billing: bool
) -> list[ItemFact]:
    phases: dict[int, list[Any]] = defaultdict(list)
    for row in reader.rows(SubscriptionPhase, subscription_id__in=list(subscriptions)):
        phases[row.subscription_id].append(row)
    rows = reader.rows(SubscriptionItem, subscription_id__in=list(subscriptions))
    around = read_surroundings(
        reader,
        account_ids=[account.id],
        subscription_ids=list(subscriptions),
        rollouts=catalog.rollouts,
        billing=billing,
    )
    found: list[ItemFact] = []
    bought = _bought_at(rows)
    used = _used_in_trials(reader, subscriptions, phases, catalog)
    for row in rows:
        subscription = subscriptions[row.subscription_id]
        moving = around.moving(row, subscription=subscription, zone=account.zone)
        moving = {**moving, "trial_lapses_at": _trial_lapses_at(row, phases[row.subscription_id], subscription, bought)}
        moving = {**moving, "used_in_trial": used.get(row.subscription_id, NOTHING_USED)}
        found += _facts_of_item(row, subscription, phases[row.subscription_id], catalog, moving)
    return found


def _facts_of_item(
    row: Any, subscription: Any, phases: list[Any], catalog: CatalogSnapshot, moving: Mapping[str, Any]
) -> Iterator[ItemFact]:
    """The item in each stretch in which it was paid for: unpaid grace that ran out leaves a gap until payment."""
    window = Window(row.starts_at, row.ends_at).intersection(Window(subscription.starts_at, subscription.ends_at))
    if window is None:
        return
    for number, paid in enumerate(paid_windows(phases)):
        stretch = window.intersection(paid)
        if stretch is not None:
            name = str(row.id) if number == 0 else f"{row.id}:restored-{number}"
            yield replace(_item(row, subscription, phases, catalog, name=name, window=stretch), **moving)


def paid_windows(phases: list[Any]) -> list[Window]:
    """All of time but [end of grace, payment) of every grace that ran out unpaid, however they overlap."""
    windows = [ALWAYS]
    for grace in phases:
        if grace.phase != Phase.GRACE or (grace.restored_at is not None and grace.restored_at <= grace.ends_at):
            continue
        before = Window(None, grace.ends_at)
        after = [] if grace.restored_at is None else [Window(grace.restored_at, None)]
        parts = (window.intersection(part) for window in windows for part in (before, *after))
        windows = [part for part in parts if part is not None]
    return sorted(windows, key=lambda window: window.end or END_OF_TIME)


def _item(
    row: Any, subscription: Any, phases: list[Any], catalog: CatalogSnapshot, *, name: str, window: Window
) -> ItemFact:
    return ItemFact(
        id=name,
        subscription=str(subscription.id),
        plan=catalog.plans[row.plan_id].key,
        pinned=str(row.version_id),
        quantity=row.quantity,
        window=window,
        phases=tuple(_phases(phases, subscription)),
        interval=row.interval or None,
        lent=row.lent,
    )


def _phases(rows: list[Any], subscription: Any) -> Iterator[tuple[Phase, Window]]:
    """The stretches of each phase; a trial is over from its conversion on, grace from the payment on."""
    for row in rows:
        over = subscription.converted_at if row.phase == Phase.TRIAL else row.restored_at
        window = Window(row.starts_at, row.ends_at).intersection(Window(None, over))
        if window is not None:
            yield Phase(row.phase), window


def _bought_at(rows: list[Any]) -> dict[int, datetime]:
    """When what each item goes on with began: one in another quantity began with the item it follows."""
    by_id = {row.id: row for row in rows}
    begun = {}
    for row in rows:
        first = row
        while first.follows_id in by_id:
            first = by_id[first.follows_id]
        begun[row.id] = first.starts_at
    return begun


def _trial_lapses_at(row: Any, phases: list[Any], subscription: Any, bought: Mapping[int, datetime]) -> datetime | None:
    """When the item lapses with its subscription's trial.

    What is sold after the trial has nothing to do with it, and what is lent beside it ends by itself. What was tried
    lapses also where another quantity of it was planned for a time after the trial.
    """
    lapse = None if row.lent else lapse_of(subscription, phases=phases)
    return None if lapse is None or bought[row.id] >= lapse else lapse


def _used_in_trials(
    reader: Reader, subscriptions: Mapping[int, Any], phases: Mapping[int, list[Any]], catalog: CatalogSnapshot
) -> Mapping[int, frozenset[str]]:
    """What was used before each trial lapsed; asked only where one does."""
    lapses = {pk: lapse_of(row, phases=phases.get(pk, ())) for pk, row in subscriptions.items()}
    lapsing = {pk: lapse for pk, lapse in lapses.items() if lapse is not None}
    used: dict[int, frozenset[str]] = {}
    for row in reader.rows(TrialUse, subscription_id__in=list(lapsing)) if lapsing else ():
        if row.used_at < lapsing[row.subscription_id]:
            key = catalog.features[row.feature_id].key
            used[row.subscription_id] = used.get(row.subscription_id, NOTHING_USED) | {key}
    return used


def _said_by(row: Any) -> str:
    """Who asked, and who approved where that was somebody else."""
    if row.approved_by in {"", row.requested_by}:
        return str(row.requested_by)
    return f"{row.requested_by}, approved by {row.approved_by}"


def _overrides(account_id: int, reader: Reader, catalog: CatalogSnapshot) -> Iterator[OverrideFact]:
    for row in reader.rows(Override, account_id=account_id, state=OverrideState.APPROVED):
        window = override_window(row)
        if window is None:
            continue
        feature = catalog.features[row.feature_id].key
        yield OverrideFact(
            id=str(row.id),
            feature=feature,
            mode=Mode(row.mode),
            window=window,
            value=override_value(row, shape=catalog.facts[feature].shape),
            scope_subscription=None if row.subscription_id is None else str(row.subscription_id),
            reason=row.reason,
            by=_said_by(row),
        )


def _billed(account_id: int, reader: Reader, catalog: CatalogSnapshot) -> Iterator[BilledFeatureFact]:
    """What each system that bills the account says it has; read whichever rule the features have at the time."""
    rows = reader.rows(BilledFeature, account_id=account_id)
    if not rows:
        return
    named = reader if reader.known_at is None else Reader()  # what a system is called decides nothing
    connections = {one.id: one for one in named.rows(Connection, id__in=sorted({row.connection_id for row in rows}))}
    for row in rows:
        if row.starts_at == row.ends_at:
            continue  # said and taken back in one breath
        connection = connections[row.connection_id]
        yield BilledFeatureFact(
            id=str(row.id),
            feature=catalog.features[row.feature_id].key,
            window=Window(row.starts_at, row.ends_at),
            system=connection.vendor,
            label=connection.name,
        )
