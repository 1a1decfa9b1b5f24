"""What an answer would become with other items: the same resolver on facts with some more, or some less."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.domain.window import Window
from entitlements.domain.changes import changes_between
from entitlements.domain.facts import Facts, ItemFact, Phase
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve
from entitlements.domain.saying import in_words
from entitlements.models import Account, SubscriptionItem
from entitlements.queries.entitlements import facts_of
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog

Answers = Mapping[str, Resolution]


@dataclass(frozen=True, slots=True)
class Difference:
    """One feature that the customer would have otherwise."""

    feature: str
    before: str
    after: str


def differences(before: Answers, after: Answers) -> tuple[Difference, ...]:
    """What changes, in words, feature by feature in the order of the answers."""
    changed = {change.feature for change in changes_between(before, after)}
    return tuple(
        Difference(after[key].shape.name, in_words(before[key]), in_words(after[key]))
        for key in after
        if key in changed
    )


def with_items(
    *,
    account: Account,
    at: datetime,
    adds: Sequence[SubscriptionItem] = (),
    ends: Mapping[int, datetime] | None = None,
    trial_ends_at: datetime | None = None,
) -> tuple[Difference, ...]:
    """What would change at the moment if these items, which nobody has kept, were added and those ended.

    `trial_ends_at`: what is added opens a subscription of its own, in trial until then.
    """
    facts, becomes = facts_with(account=account, adds=adds, ends=ends or {}, trial_ends_at=trial_ends_at)
    return differences(resolve(facts, at=at), resolve(becomes, at=at))


def facts_with(
    *,
    account: Account,
    adds: Sequence[SubscriptionItem] = (),
    ends: Mapping[int, datetime],
    trial_ends_at: datetime | None = None,
    facts: Facts | None = None,
    catalog: CatalogSnapshot | None = None,
) -> tuple[Facts, Facts]:
    """The account's facts as they are, and as they would be with these items added and those ended.

    Whoever asks about many accounts gives the facts and the catalog that were read for all of them.
    """
    catalog = catalog or snapshot_catalog(Reader())
    facts = facts or facts_of(account=account, catalog=catalog)
    versions = catalog.versions_for([row.version_id for row in adds], market=account.market_id)
    left = ended_in(facts, ends).items
    new = [_added(row, number, facts, trial_ends_at=trial_ends_at) for number, row in enumerate(adds)]
    return facts, replace(facts, items=(*left, *new), versions={**facts.versions, **versions})


def ended_in(facts: Facts, ends: Mapping[int, datetime]) -> Facts:
    """The facts if these items, by their ids, ended at these instants."""
    return replace(facts, items=tuple(item for fact in facts.items if (item := _ended(fact, ends)) is not None))


def leaving_facts(facts: Facts, subscription: int, access: Window) -> Facts:
    """The facts if the subscription wound down through the window and ended with it; an empty one ends it at once."""
    left = []
    for fact in facts.items:
        if fact.subscription != str(subscription):
            left.append(fact)
            continue
        window = fact.window.intersection(Window(None, access.end))
        if window is not None:
            phases = (*fact.phases, (Phase.WINDING_DOWN, access)) if access.start != access.end else fact.phases
            left.append(replace(fact, window=window, phases=phases))
    return replace(facts, items=tuple(left))


def _ended(fact: ItemFact, ends: Mapping[int, datetime]) -> ItemFact | None:
    end = ends.get(int(fact.id.partition(":")[0]))
    if end is None:
        return fact
    window = fact.window.intersection(Window(None, end))
    return None if window is None else replace(fact, window=window)


def _added(row: SubscriptionItem, number: int, facts: Facts, *, trial_ends_at: datetime | None) -> ItemFact:
    """The item as a fact, in the phases of its subscription; what follows another keeps that one's holds."""
    window = Window(row.starts_at, row.ends_at)
    name = f"new-{number}"
    followed = [fact for fact in facts.items if fact.id == str(row.follows_id)]
    if followed:
        return replace(followed[0], id=name, quantity=row.quantity, window=window)
    beside = next((fact for fact in facts.items if fact.subscription == str(row.subscription_id)), None)
    fact = ItemFact(
        id=name,
        quantity=row.quantity,
        window=window,
        subscription=str(row.subscription_id or "new"),
        plan=row.plan.key,
        pinned=str(row.version_id),
        interval=row.interval or None,
        lent=row.lent,
        recorded_at=row.recorded_at,
    )
    if trial_ends_at is not None:
        trial = Window(row.starts_at, trial_ends_at)
        return replace(fact, phases=((Phase.TRIAL, trial),), trial_lapses_at=trial_ends_at)
    if beside is None:
        return fact
    lapse = beside.trial_lapses_at
    lapses = lapse if lapse is not None and row.starts_at < lapse and not row.lent else None
    return replace(fact, phases=beside.phases, trial_lapses_at=lapses)
