"""What use beyond a limit costs, and what the customer's spend caps still pay for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Enforcement
from catalog.models import Feature, PriceLine
from entitlements.domain.usage.allowances import Cap, OveragePrice, cost_of, start_of
from entitlements.domain.usage.charging import Line
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Why
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import SpendCap
from entitlements.queries.usage.tallies import tallied
from entitlements.snapshots import Reader


def priced(terms: UseTerms) -> bool:
    """Whether use beyond the limit is charged, so that a cap may bound it."""
    return terms.answer.enforcement is Enforcement.TRACK and bool(terms.answer.term)


def overage_price(terms: UseTerms) -> OveragePrice | None:
    """The price of more; None where it was kept in words that nobody can count with."""
    lines = PriceLine.objects.filter(term_id=int(terms.answer.term), per_amount__isnull=False).order_by("position")
    line = lines.first()
    return None if line is None else OveragePrice(line.amount_micros, line.per_amount or 1, line.currency)


def spend_caps(account_id: int) -> Sequence[SpendCap]:
    """The caps the account has set, in the order in which whoever counts locks them."""
    return Reader().rows(SpendCap, account_id=account_id)


def caps_of(
    account_id: int, feature_id: int, *, caps: Iterable[SpendCap], held: Mapping[str, UseTerms], at: datetime
) -> Iterator[Cap]:
    """Those that bound overage of the feature; of the one in all, what the other features' overage costs is off."""
    for cap in caps:
        if cap.feature_id == feature_id:
            yield Cap(cap.amount_micros, cap.currency)
        elif cap.feature_id is None:
            others = _others_cost(account_id, feature_id, held, cap.currency, at)
            yield Cap(cap.amount_micros - others, cap.currency)


def _others_cost(account_id: int, feature_id: int, held: Mapping[str, UseTerms], currency: str, at: datetime) -> int:
    """What the overage of the account's other features costs in their present periods."""
    charged = {key: terms for key, terms in held.items() if terms.counted and priced(terms)}
    ids = dict(Feature.objects.filter(key__in=charged).exclude(pk=feature_id).values_list("pk", "key"))
    cost = 0
    for pk, key in ids.items():
        terms = charged[key]
        period, limit = terms.period(at), terms.limit
        line = Line(CounterKey(account_id, pk, start_of(period)), terms, limit, None, Why.LIMIT_REACHED, period.end)
        said = tallied([line], at=at)[line.key]
        price = overage_price(terms) if said.used or said.held else None
        if price is not None and price.currency == currency and limit is not UNLIMITED:
            cost += cost_of(max(said.used + said.held - limit, Decimal(0)), price)
    return cost
