"""What was granted and refused at enforcement points, summed up from the hours. Nothing here writes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max, Sum
from django.db.models.functions import TruncDay

from entitlements.models import AccessCount, DecisionTrace

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST = 200  # points or features of one page: those most asked at


@dataclass(frozen=True, slots=True)
class Summed:
    """What was answered at one point, or for one feature, or in one hour or day."""

    name: str
    granted: int
    denied: int
    last: datetime | None = None
    key: str = ""

    @property
    def all(self) -> int:
        return self.granted + self.denied


@dataclass(frozen=True, slots=True)
class Span:
    """So far back from the hour that runs, in steps of an hour or a day (UTC)."""

    start: datetime
    step: timedelta
    steps: int

    def __iter__(self) -> Iterator[datetime]:
        return (self.start + number * self.step for number in range(self.steps))


def span_of(*, at: datetime, days: int) -> Span:
    """The last 24 hours by the hour; or so many days, today among them, by the day."""
    if days == 1:
        return Span(at.replace(minute=0, second=0, microsecond=0) - 23 * HOUR, HOUR, 24)
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return Span(today - (days - 1) * DAY, DAY, days)


def points_in(span: Span) -> list[Summed]:
    """The enforcement points that were asked at, the most refused first."""
    rows = _summed(AccessCount.objects.filter(hour__gte=span.start).order_by().values("point"))
    return [Summed(row["point"], row["granted_in"], row["denied_in"], row["last"]) for row in rows]


def features_in(span: Span, *, point: str) -> list[Summed]:
    rows = AccessCount.objects.filter(hour__gte=span.start, point=point).order_by()
    found = _summed(rows.values("feature__name", "feature__key"))
    return [
        Summed(row["feature__name"], row["granted_in"], row["denied_in"], row["last"], row["feature__key"])
        for row in found
    ]


def _summed(grouped: Any) -> Any:
    sums = grouped.annotate(granted_in=Sum("granted"), denied_in=Sum("denied"), last=Max("hour"))
    return sums.order_by("-denied_in", "-granted_in")[:MOST]


def over_time(span: Span, *, point: str, feature: str = "") -> Sequence[Summed]:
    """Each hour or day of the span, also those in which nobody asked."""
    rows = AccessCount.objects.filter(hour__gte=span.start, point=point)
    rows = rows.filter(feature__key=feature) if feature else rows
    known: dict[datetime, Mapping[str, Any]] = {}
    if span.step == DAY:
        grouped = rows.order_by().annotate(begun=TruncDay("hour", tzinfo=span.start.tzinfo)).values("begun")
    else:
        grouped = rows.order_by().annotate(begun=F("hour")).values("begun")
    for row in grouped.annotate(granted_in=Sum("granted"), denied_in=Sum("denied")):
        known[row["begun"]] = row
    nothing = {"granted_in": 0, "denied_in": 0}
    found = ((begun, known.get(begun, nothing)) for begun in span)
    return [Summed("", row["granted_in"], row["denied_in"], begun) for begun, row in found]


def refusals_at(point: str, *, since: datetime, feature: str = "", most: int) -> list[DecisionTrace]:
    """The latest refusals there whose whole trace was kept."""
    rows = DecisionTrace.objects.filter(point=point, allowed=False, at__gte=since)
    rows = rows.filter(feature__key=feature) if feature else rows
    return list(rows.select_related("account", "feature").order_by("-at", "-pk")[:most])
