"""Narrowing the list of accounts down by who they are to us and how they came to buy."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from entitlements.models import Account
from entitlements.models.account import AccountKind, SalesChannel

MOST_RESELLERS = 100


class KindFilter(SimpleListFilter):
    title = "kind of account"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, kind.words) for kind in AccountKind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        return queryset.filter(kind=self.value()) if self.value() in set(AccountKind) else queryset


class ChannelFilter(SimpleListFilter):
    title = "sales channel"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((channel.value, channel.words) for channel in SalesChannel), ("none", "Not said")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        wanted = self.value()
        if wanted == "none":
            return queryset.filter(sales_channel="")
        return queryset.filter(sales_channel=wanted) if wanted in set(SalesChannel) else queryset


class ResellerFilter(SimpleListFilter):
    """Whom a partner sells to."""

    title = "reseller"
    parameter_name = "reseller"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        sellers = Account.objects.filter(sold_to__isnull=False).distinct().order_by("name")
        return list(sellers.values_list("key", "name")[:MOST_RESELLERS])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        return queryset.filter(reseller__key=self.value()) if self.value() else queryset
