"""Narrowing the list of equipment down: by product, warranty, customer, location, and whether it is in service."""

from functools import cached_property
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from entitlements.models import Account
from support.models import Asset, Location, Product
from support.queries.assets.standing import FILTERS, in_warranty_state

MOST = 50
MOST_COUNTED = 5_000


class CountedSoFar(Paginator):  # type: ignore[type-arg]
    """How a hundred thousand stand as to their warranty isn't counted out: beyond so many, one narrows down."""

    bounded = MOST_COUNTED

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_COUNTED].count())


class ProductFilter(SimpleListFilter):
    title, parameter_name = "product", "product"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Product.objects.values_list("key", "name")[:MOST])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Asset]) -> QuerySet[Asset]:
        return queryset.filter(product__key=self.value()) if self.value() else queryset


class WarrantyFilter(SimpleListFilter):
    title, parameter_name = "warranty", "warranty"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(FILTERS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Asset]) -> QuerySet[Asset]:
        wanted = self.value()
        return in_warranty_state(queryset, wanted, at=timezone.now()) if wanted in FILTERS else queryset


class ServiceFilter(SimpleListFilter):
    title, parameter_name = "service", "service"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("in", "In service"), ("retired", "Retired"), ("replacement", "Replaced another")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Asset]) -> QuerySet[Asset]:
        wanted = self.value()
        if wanted == "replacement":
            return queryset.filter(replaces__isnull=False)
        return queryset.filter(retired_at__isnull=wanted == "in") if wanted in {"in", "retired"} else queryset


class Whose(SimpleListFilter):
    """Of one customer, by its key in the address; it is offered only where it was asked for: there may be very many."""

    title, parameter_name = "customer", "account"
    column = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = request.GET.get("account", "").replace("\x00", "")[:64]
        known = list(Account.objects.filter(key=asked).values_list("key", "name")) if asked else []
        return known or ([(asked, asked)] if asked else [])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(account__key=self.value()) if self.value() else queryset

    def has_output(self) -> bool:
        return bool(self.lookup_choices)


class LocationFilter(SimpleListFilter):
    """The locations of the customer who was chosen."""

    title, parameter_name = "location", "location"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = request.GET.get("account", "").replace("\x00", "")[:64]
        there = Location.objects.filter(account__key=asked) if asked else Location.objects.none()
        used = there.filter(Exists(Asset.objects.filter(location=OuterRef("pk"))))
        return [(str(pk), name) for pk, name in used.values_list("pk", "name")[:MOST]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Asset]) -> QuerySet[Asset]:
        wanted = self.value() or ""
        return queryset.filter(location=int(wanted)) if wanted.isdecimal() and len(wanted) <= 18 else queryset
