"""Narrowing the list of overrides down to what a figure counts: by team, and by how lately it was granted."""

from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from entitlements.models import Override
from entitlements.models.override import OverrideState
from entitlements.queries.review.where import LATELY, NONE

DAYS = str(LATELY // timedelta(days=1))


class TeamFilter(SimpleListFilter):
    title = "team"
    parameter_name = "team"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        teams = Override.objects.order_by("requested_as").values_list("requested_as", flat=True).distinct()
        return [*((team, team.capitalize()) for team in teams if team), (NONE, "The desk and programs")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Override]) -> QuerySet[Override]:
        wanted = self.value()
        return queryset.filter(requested_as="" if wanted == NONE else wanted) if wanted else queryset


class GrantedFilter(SimpleListFilter):
    """What was put in force lately, whatever became of it."""

    title = "granted"
    parameter_name = "granted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(DAYS, f"In the last {DAYS} days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Override]) -> QuerySet[Override]:
        if self.value() != DAYS:
            return queryset
        return queryset.filter(state=OverrideState.APPROVED, approved_at__gt=timezone.now() - LATELY)
