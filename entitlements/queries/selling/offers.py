"""What an account could upgrade to: what is on sale in its market, compared with what it has. Nothing here writes."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from catalog.domain.availability import open_at, windows_in
from catalog.domain.rollouts import version_on_sale
from catalog.domain.values import PlanKind, Value
from catalog.models import Feature, PlanPrice
from catalog.models.market import MarketUse
from catalog.models.plan import VersionState
from catalog.queries.markets import limits_of
from catalog.queries.prices import say_plan_price
from entitlements.domain.arithmetic import goodness
from entitlements.domain.facts import Facts, Standing, VersionFact
from entitlements.domain.phases import standing_at
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve_some
from entitlements.domain.upgrades import Upgrade, upgrade
from entitlements.models import Account
from entitlements.queries.entitlements import facts_of
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan or an add-on the account could buy at the moment, with its price in words."""

    upgrade: Upgrade
    prices: tuple[str, ...]

    @property
    def version(self) -> VersionFact:
        return self.upgrade.version

    @property
    def is_plan(self) -> bool:
        return self.version.kind is PlanKind.PLAN


@dataclass(frozen=True, slots=True)
class Offers:
    """Every offer in the order of the plan sheet; an account that isn't open is offered nothing."""

    standing: Standing
    answers: Mapping[str, Resolution] = field(repr=False)
    offers: tuple[Offer, ...]


def offers(
    *,
    account: Account,
    at: datetime,
    catalog: CatalogSnapshot | None = None,
    facts: Facts | None = None,
    features: Collection[str] | None = None,
) -> Offers:
    """What the account could buy at the moment, each with what it would gain and lose; as many reads for any number.

    `catalog` and `facts` are for whoever has read them already, together; `features` for whoever asks about some alone.
    """
    catalog = catalog or snapshot_catalog(Reader())
    facts = facts or facts_of(account=account, catalog=catalog)
    answers = resolve_some(facts, facts.features if features is None else features, at=at)
    standing = standing_at(facts, at=at)
    if standing is not Standing.OPEN:
        return Offers(standing, answers, ())
    sold = list(on_sale_to(account, catalog, at=at))
    ahead = catalog.versions_for([int(version.id) for version in sold], market=account.market_id)
    known = replace(facts, versions={**facts.versions, **ahead})  # also what publications to come would make of each
    found = [upgrade(known, version, answers=answers, at=at, features=features) for version in sold]
    upgrades = [one for one in found if one is not None]
    prices = _prices(one.version for one in upgrades)
    return Offers(standing, answers, tuple(Offer(one, prices[one.version.id]) for one in upgrades))


def to_get(*, account: Account, feature: Feature, at: datetime, wanted: Value | None = None) -> Offers:
    """Of these, the ones that would give the account more of a feature, or at least as much as is wanted.

    None of them where the feature isn't sold in the account's market.
    """
    every = offers(account=account, at=at)
    sold = open_at(windows_in(limits_of(feature, use=MarketUse.SOLD), market=account.market_id), at=at)
    today = every.answers.get(feature.key)
    helping = (one for one in every.offers if sold and _gives(one.upgrade.answers.get(feature.key), today, wanted))
    return Offers(every.standing, every.answers, tuple(helping))


def _gives(then: Resolution | None, today: Resolution | None, wanted: Value | None) -> bool:
    if then is None or not then.granted or then.value is None:
        return False
    if isinstance(wanted, frozenset):
        return isinstance(then.value, frozenset) and wanted <= then.value
    if wanted is not None:
        return goodness(then.value, shape=then.shape) >= goodness(wanted, shape=then.shape)
    if today is None or not today.granted or today.value is None:
        return True
    return goodness(then.value, shape=then.shape) > goodness(today.value, shape=then.shape)


def on_sale_to(account: Account, catalog: CatalogSnapshot, *, at: datetime) -> Iterator[VersionFact]:
    """The versions a customer of the account's market can buy at the moment, in the order of the plan sheet."""
    ids = []
    for plan in sorted(catalog.plans.values(), key=lambda plan: (plan.kind != PlanKind.PLAN, plan.position, plan.id)):
        version = version_on_sale(plan=plan.key, rollouts=catalog.rollouts, at=at)
        if version is None or catalog.versions[int(version)].state == VersionState.RETIRED:
            continue
        if open_at(windows_in(catalog.sold.get(("plan", plan.id), ()), market=account.market_id), at=at):
            ids.append(version)
    facts = catalog.versions_for(map(int, ids), market=account.market_id)
    return (facts[version] for version in ids)


def _prices(versions: Iterable[VersionFact]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {version.id: [] for version in versions}
    rows = Reader().rows(PlanPrice, version_id__in=sorted(map(int, found)))
    for price in sorted(rows, key=lambda price: (price.interval, price.currency)):
        found[str(price.version_id)].append(say_plan_price(price))
    return {version: tuple(dict.fromkeys(words)) for version, words in found.items()}
