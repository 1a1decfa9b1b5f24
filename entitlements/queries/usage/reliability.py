"""How far forecasts can be trusted: those that were told, held against what came. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from entitlements.models import UsageForecast

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Of the forecasts told in the last year whose period is over: how many limits were reached; and of the limits
    that were reached without one, how many."""

    told: int
    came_true: int
    missed: int


def reliability(*, feature_id: int | None, at: datetime) -> Reliability:
    """Of one feature, or of all."""
    rows = UsageForecast.objects.filter(scored_at__isnull=False, ends_at__gt=at - YEAR)
    rows = rows if feature_id is None else rows.filter(feature_id=feature_id)
    was_told = Q(told_at__isnull=False)
    came = Q(came_true=True)
    found = rows.aggregate(
        sent=Count("pk", filter=was_told),
        right=Count("pk", filter=was_told & came),
        missed=Count("pk", filter=~was_told & came),
    )
    return Reliability(told=found["sent"], came_true=found["right"], missed=found["missed"])
