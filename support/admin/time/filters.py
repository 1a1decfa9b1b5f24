"""Narrowing the list of time entries down: by where each stands, how the customer came, and what it counts on."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from support.domain.case_events import Channel
from support.domain.cover_terms import Counts
from support.models import Allowance, TimeEntry

STANDINGS: dict[str, tuple[str, Q]] = {
    "counted": ("Counted", Q(withdrawn_at=None, counted_minutes__gt=0)),
    "beyond": ("Beyond what was left", Q(withdrawn_at=None, beyond_minutes__gt=0)),
    "nothing": ("Counts on nothing", Q(withdrawn_at=None, counted_minutes=0, beyond_minutes=0, exempt_reason="")),
    "left_out": ("Left out", Q(withdrawn_at=None) & ~Q(exempt_reason="")),
    "withdrawn": ("Withdrawn", Q(withdrawn_at__isnull=False)),
}


class StandingFilter(SimpleListFilter):
    title = "where it stands"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, words) for key, (words, _) in STANDINGS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[TimeEntry]) -> QuerySet[TimeEntry]:
        found = STANDINGS.get(self.value() or "")
        return queryset if found is None else queryset.filter(found[1])


class HowFilter(SimpleListFilter):
    title = "channel"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(one.value, one.words) for one in Channel]

    def queryset(self, request: HttpRequest, queryset: QuerySet[TimeEntry]) -> QuerySet[TimeEntry]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


class HoursFilter(SimpleListFilter):
    title = "prepaid hours"
    parameter_name = "hours"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Allowance.objects.filter(counts=Counts.TIME).select_related("feature")
        return [(row.feature.key, row.feature.name) for row in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[TimeEntry]) -> QuerySet[TimeEntry]:
        return queryset.filter(allowance__feature__key=self.value()) if self.value() else queryset
