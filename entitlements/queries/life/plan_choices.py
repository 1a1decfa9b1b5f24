"""The plans a subscription could change to, each with its price and whether it gives more or less."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from catalog.domain.values import PlanKind
from catalog.models import Plan, PlanVersion
from catalog.queries.prices import say_plan_prices
from entitlements.domain.resolve import resolve
from entitlements.domain.upgrades import Upgrade, upgrade
from entitlements.models import Account, Subscription
from entitlements.queries.entitlements import facts_of
from entitlements.queries.selling.offers import on_sale_to
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog


class Compared(StrEnum):
    """What a plan gives beside the one that is held."""

    HELD = "held"
    MORE = "more"
    LESS = "less"
    BOTH = "both"
    SAME = "same"
    FIRST = "first"

    @property
    def words(self) -> str:
        return {
            Compared.HELD: "what they have now",
            Compared.MORE: "↑ gives more",
            Compared.LESS: "↓ gives less",
            Compared.BOTH: "↕ gives more of some, less of other",
            Compared.SAME: "gives the same",
            Compared.FIRST: "",
        }[self]


@dataclass(frozen=True, slots=True)
class PlanChoice:
    plan: Plan
    version: PlanVersion
    prices: str
    compared: Compared

    @property
    def words(self) -> str:
        """ "Team: $599 a month · ↑ gives more"."""
        told = f"{self.plan}: {self.prices}"
        return f"{told} · {self.compared.words}" if self.compared.words else told


def plans_on_sale(*, account: Account, at: datetime) -> tuple[PlanChoice, ...]:
    """The plans a first subscription could be to, in the order of the plan sheet."""
    catalog = snapshot_catalog(Reader())
    return _choices(dict.fromkeys(_on_sale(account, catalog, at=at), Compared.FIRST))


def plan_choices(*, subscription: Subscription, at: datetime) -> tuple[PlanChoice, ...]:
    """The plans on sale in the account's market, compared with what this subscription alone gives."""
    catalog = snapshot_catalog(Reader())
    account = subscription.account
    facts = facts_of(account=account, catalog=catalog)
    offered = _on_sale(account, catalog, at=at)
    versions = catalog.versions_for(offered, market=account.market_id)
    own = replace(
        facts,
        items=tuple(item for item in facts.items if item.subscription == str(subscription.pk)),
        versions={**facts.versions, **versions},  # also what publications to come would make of each
    )
    answers = resolve(own, at=at)
    return _choices({pk: _compared(upgrade(own, versions[str(pk)], answers=answers, at=at)) for pk in offered})


def _on_sale(account: Account, catalog: CatalogSnapshot, *, at: datetime) -> Sequence[int]:
    return [int(fact.id) for fact in on_sale_to(account, catalog, at=at) if fact.kind is PlanKind.PLAN]


def _compared(found: Upgrade | None) -> Compared:
    if found is None:
        return Compared.HELD
    match bool(found.gains), bool(found.losses):
        case True, True:
            return Compared.BOTH
        case True, False:
            return Compared.MORE
        case False, True:
            return Compared.LESS
    return Compared.SAME


def _choices(compared: Mapping[int, Compared]) -> tuple[PlanChoice, ...]:
    rows = PlanVersion.objects.filter(pk__in=compared).select_related("plan", "after_trial").prefetch_related("prices")
    by_id = {row.pk: row for row in rows}
    return tuple(
        PlanChoice(by_id[pk].plan, by_id[pk], say_plan_prices(by_id[pk].prices.all()), how)
        for pk, how in compared.items()
    )
