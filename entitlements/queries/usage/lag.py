"""How late use is reported: what a safety buffer is there for. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from entitlements.domain.usage.operations import Act
from entitlements.models import UsageEvent

RECENT = timedelta(days=28)
MOST = 2_000  # of the latest events


@dataclass(frozen=True, slots=True)
class Lag:
    """How long after it happened half, 95 % and 99 % of what was used had been reported, of so many events."""

    events: int
    p50: timedelta
    p95: timedelta
    p99: timedelta


def lag_of(*, account_id: int, feature_id: int, at: datetime) -> Lag | None:
    """The lag of the latest events of the last four weeks; None where there were none.

    What a sender's clock dates ahead counts as not late at all; what was given back later was no late report.
    """
    rows = UsageEvent.objects.filter(account_id=account_id, feature_id=feature_id, at__gte=at - RECENT, at__lte=at)
    pairs = rows.exclude(act=Act.GIVE_BACK).order_by("-at").values_list("at", "recorded_at")[:MOST]
    lags = sorted(max(recorded - happened, timedelta()) for happened, recorded in pairs)
    if not lags:
        return None
    return Lag(len(lags), *(_share(lags, share) for share in (0.5, 0.95, 0.99)))


def _share(lags: Sequence[timedelta], share: float) -> timedelta:
    return lags[min(int(len(lags) * share), len(lags) - 1)]
