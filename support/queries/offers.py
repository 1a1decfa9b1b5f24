"""What to offer a customer who is not covered: the plans on sale in its market that would cover it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from catalog.domain.rollouts import version_on_sale
from catalog.domain.values import TermState
from catalog.domain.window import Window
from catalog.models import MarketWindow
from catalog.models.market import MarketUse
from catalog.models.plan import VersionState
from entitlements.domain.facts import Facts, ItemFact, VersionFact
from entitlements.domain.resolve import resolve
from entitlements.models import Account
from entitlements.snapshots import CatalogSnapshot
from support.domain.coverage import Promise
from support.domain.targets import words
from support.queries.answers import Offer
from support.snapshots import SUPPORT_TIER


def offers_for(
    account: Account, *, facts: Facts, catalog: CatalogSnapshot, promises: Mapping[str, Promise], at: datetime
) -> tuple[Offer, ...]:
    """Each plan on sale is resolved as if the customer held it alone, so that an offer is never more than it gives."""
    return tuple(
        Offer(plan=version.plan, name=version.plan_name, words=_words_of(promises[tier]))
        for version in _on_sale(account, catalog, at=at)
        if (tier := _tier_given(version, facts, at=at)) in promises and tier is not None
    )


def _on_sale(account: Account, catalog: CatalogSnapshot, *, at: datetime) -> Iterator[VersionFact]:
    sold = _sold_windows()
    ids = []
    for plan in sorted(catalog.plans.values(), key=lambda plan: (plan.position, plan.id)):
        version = version_on_sale(plan=plan.key, rollouts=catalog.rollouts, at=at)
        retired = version is None or catalog.versions[int(version)].state == VersionState.RETIRED
        if version is not None and not retired and _sold_in(sold.get(plan.id), account.market_id, at=at):
            ids.append(version)
    facts = catalog.versions_for(map(int, ids), market=account.market_id)
    return (facts[version] for version in ids)


def _sold_windows() -> dict[int, list[MarketWindow]]:
    windows: dict[int, list[MarketWindow]] = defaultdict(list)
    for row in MarketWindow.objects.filter(use=MarketUse.SOLD):
        if row.plan_id is not None:
            windows[row.plan_id].append(row)
    return windows


def _sold_in(windows: list[MarketWindow] | None, market: int | None, *, at: datetime) -> bool:
    """A plan without any window is sold everywhere; with one, only where and while a window says so."""
    if windows is None:
        return True
    return any(row.market_id == market and Window(row.starts_at, row.ends_at).contains(at) for row in windows)


def _tier_given(version: VersionFact, facts: Facts, *, at: datetime) -> str | None:
    speaks = any(term.feature == SUPPORT_TIER and term.state is TermState.VALUE for term in version.terms)
    if not speaks:
        return None
    item = ItemFact(
        id="offer", subscription="offer", plan=version.plan, pinned=version.id, quantity=1, window=Window(at, None)
    )
    alone = replace(
        facts, versions={version.id: version}, rollouts=(), items=(item,), overrides=(), standings=(), parent=None
    )
    value = resolve(alone, at=at)[SUPPORT_TIER].value
    return value if isinstance(value, str) else None


def _words_of(promise: Promise) -> str:
    if not promise.targets:
        return f"{promise.tier_name} support: covered, no promised time"
    first = promise.targets[0]
    return f"{promise.tier_name} support: {first.name} answered {words(first.target)}"
