"""Everything an account uses up, at a glance: used, held and left of each, and where it is heading. Nothing writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.db.models import Q

from catalog.domain.values import UNLIMITED, Amount
from catalog.domain.window import Window
from catalog.models import Feature
from entitlements.domain.forecast import Forecast
from entitlements.domain.usage.allowances import start_of
from entitlements.domain.usage.pace import LOOKED_BACK, bound, paths_of
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import UsageCounter
from entitlements.queries.usage.series import Days, days_of, seed_of
from entitlements.queries.usage.terms import terms_of


@dataclass(frozen=True, slots=True)
class Meter:
    """One counted feature in its present period. `percent` of the limit, rounded down; None where nothing limits it."""

    feature: Feature
    terms: UseTerms
    period: Window
    used: Decimal
    held: Decimal
    forecast: Forecast | None

    @property
    def limit(self) -> Amount:
        """What the account has in all: of what each seat has by itself, no limit."""
        return UNLIMITED if self.terms.answer.each_of is not None else self.terms.limit

    @property
    def percent(self) -> int | None:
        limit = self.limit
        return None if limit is UNLIMITED or limit <= 0 else int(self.used * 100 // limit)

    @property
    def touched(self) -> bool:
        return bool(self.used or self.held)


def meters_of(*, account_id: int, at: datetime) -> list[Meter]:
    """Every counted feature that the account has or has used, in the order of the plan sheet."""
    terms = terms_of(account_id, at=at)
    counters = _counters(account_id, at)
    days = days_of([account_id], since=(at - LOOKED_BACK).astimezone(UTC).date())
    found = _all(account_id, terms, counters, days, at)  # type: ignore[arg-type]
    return [meter for meter in found if meter.terms.answer.granted or meter.touched]


def _all(
    account_id: int,
    terms: dict[str, UseTerms],
    counters: dict[tuple[int, datetime], tuple[int, int]],
    days: dict[tuple[int, int], Days],
    at: datetime,
) -> Iterator[Meter]:
    for feature in Feature.objects.select_related("group"):
        term = terms.get(feature.key)
        if term is None or not term.counted:
            continue
        period = term.period(at)
        used, held = map(Decimal, counters.get((feature.pk, start_of(period)), (0, 0)))
        known = days.get((account_id, feature.pk), {})
        yield Meter(feature, term, period, used, held, _foreseen(term, period, used, known, at, account_id, feature.pk))


def _foreseen(
    terms: UseTerms, period: Window, used: Decimal, days: Days, at: datetime, account_id: int, feature_id: int
) -> Forecast | None:
    limit = bound(terms)
    if limit is None or used >= limit or not (days or used):
        return None
    seed = seed_of(account_id, feature_id)
    paths = paths_of(terms, period, used=used, days=days, at=at, seed=seed)
    return None if paths is None else paths.forecast(used=used, limit=limit)


def _counters(account_id: int, at: datetime) -> dict[tuple[int, datetime], tuple[int, int]]:
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    rows = UsageCounter.objects.filter(running, account_id=account_id, subject="", choice="")
    return {
        (feature, starts_at): (used, held)
        for feature, starts_at, used, held in rows.values_list("feature_id", "starts_at", "used", "held")
    }
