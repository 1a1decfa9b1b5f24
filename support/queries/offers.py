"""What to offer a customer who is not covered: the plans on sale in its market that would cover it."""

from collections.abc import Mapping
from datetime import datetime

from catalog.domain.values import TermState
from entitlements.domain.facts import Facts, VersionFact
from entitlements.domain.upgrades import alone
from entitlements.models import Account
from entitlements.queries.selling.offers import on_sale_to
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
        for version in on_sale_to(account, catalog, at=at)
        if (tier := _tier_given(version, facts, at=at)) in promises and tier is not None
    )


def _tier_given(version: VersionFact, facts: Facts, *, at: datetime) -> str | None:
    if not any(term.feature == SUPPORT_TIER and term.state is TermState.VALUE for term in version.terms):
        return None
    value = alone(facts, version, at=at, features=(SUPPORT_TIER,))[SUPPORT_TIER].value
    return value if isinstance(value, str) else None


def _words_of(promise: Promise) -> str:
    if not promise.targets:
        return f"{promise.tier_name} support: covered, no promised time"
    first = promise.targets[0]
    return f"{promise.tier_name} support: {first.name} answered {words(first.target)}"
