"""Narrowing the list of overrides down: by where they stand, by feature, by reason, by who asked."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from catalog.models import Feature
from entitlements.models import Override, ReasonCode
from entitlements.queries.concessions import Place
from entitlements.queries.override_lists import SOON, SOON_DAYS, standing_in

NONE = "none"
MOST_OFFERED = 100


class PlaceFilter(SimpleListFilter):
    title = "where it stands"
    parameter_name = "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        offered: list[tuple[str, str]] = []
        for place in Place:
            offered.append((place.value, place.words))
            if place is Place.IN_FORCE:
                offered.append((SOON, f"Ends within {SOON_DAYS} days"))
        return offered

    def queryset(self, request: HttpRequest, queryset: QuerySet[Override]) -> QuerySet[Override]:
        wanted = self.value()
        if wanted not in {SOON, *map(str, Place)}:
            return queryset
        found = queryset.filter(standing_in(wanted, at=timezone.now()))
        return found.order_by("ends_at", "pk") if wanted == SOON else found


class OverriddenFeatureFilter(SimpleListFilter):
    """Only the features that somebody has an override of."""

    title = "feature"
    parameter_name = "feature"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Feature.objects.filter(pk__in=Override.objects.values("feature_id")).order_by("name")
        return list(rows.values_list("key", "name")[:MOST_OFFERED])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Override]) -> QuerySet[Override]:
        return queryset.filter(feature__key=self.value()) if self.value() else queryset


class ReasonCodeFilter(SimpleListFilter):
    title = "reason"
    parameter_name = "reason_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*ReasonCode.objects.values_list("key", "name"), (NONE, "No listed reason")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Override]) -> QuerySet[Override]:
        wanted = self.value()
        if wanted == NONE:
            return queryset.filter(reason_code__isnull=True)
        return queryset.filter(reason_code__key=wanted) if wanted else queryset


class RequesterFilter(SimpleListFilter):
    title = "who asked"
    parameter_name = "asked_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = Override.objects.order_by("requested_by").values_list("requested_by", flat=True).distinct()
        return [(name, name) for name in names[:MOST_OFFERED]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Override]) -> QuerySet[Override]:
        return queryset.filter(requested_by=self.value()) if self.value() else queryset
