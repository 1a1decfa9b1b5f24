"""A stretch of weeks that figures are counted for, from Mondays on in one zone. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case, IntegerField, QuerySet, Value, When

from support.domain.case_events import Channel
from support.models import IntakeDecision

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """Each of `starts` begins a week; the last one isn't over. `channel` None: tickets of any."""

    starts: tuple[datetime, ...]
    now: datetime
    channel: Channel | None = None

    @classmethod
    def latest(cls, weeks: int, *, now: datetime, zone: str, channel: Channel | None = None) -> "Span":
        local = now.astimezone(ZoneInfo(zone))
        monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(tuple(monday - WEEK * back for back in reversed(range(weeks))), now, channel)

    def rows(self, week: int | None = None) -> QuerySet[IntakeDecision]:
        """Tickets and checks of it, with the number of their week as `week`; or of one of its weeks alone."""
        found = IntakeDecision.objects.order_by().filter(at__gte=self.starts[week or 0])
        if week is not None and week + 1 < len(self.starts):
            found = found.filter(at__lt=self.starts[week + 1])
        if self.channel is not None:
            found = found.filter(channel=self.channel)
        return found.annotate(week=self._weeks())

    def _weeks(self) -> Case:
        """By plain comparisons, which either database does by itself: of a year's weeks six for each row, not fifty."""
        return Case(default=_week_among(self.starts, 0, len(self.starts)), output_field=IntegerField())


def _week_among(starts: Sequence[datetime], first: int, beyond: int) -> Case | Value:
    """The number of the week, known to be one of these; halved until one is left."""
    if beyond - first == 1:
        return Value(first)
    middle = (first + beyond) // 2
    later, earlier = _week_among(starts, middle, beyond), _week_among(starts, first, middle)
    return Case(When(at__gte=starts[middle], then=later), default=earlier, output_field=IntegerField())
