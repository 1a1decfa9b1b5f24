"""Narrowing the findings down: by kind, by state, by where they are billed, by mode, by how old they are.

Those of any kind of finding take other kinds and other connections by being inherited.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from entitlements.domain.billed.findings import FindingKind, FindingState
from entitlements.models import BillingFinding
from journal.domain.connection import Mode
from journal.models import Connection

Findings = QuerySet[Any]
AGES = {"1": "More than a day", "7": "More than a week", "30": "More than 30 days"}


class KindFilter(SimpleListFilter):
    title = "kind"
    parameter_name = "kind"
    kinds: ClassVar[Sequence[tuple[str, str]]] = tuple((kind.value, kind.words) for kind in FindingKind)

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return self.kinds

    def queryset(self, request: HttpRequest, queryset: Findings) -> Findings:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class StateFilter(SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, state.words) for state in FindingState]

    def queryset(self, request: HttpRequest, queryset: Findings) -> Findings:
        return queryset.filter(state=self.value()) if self.value() else queryset


class ConnectionFilter(SimpleListFilter):
    """Only the connections that something was found about."""

    title = "connection"
    parameter_name = "connection"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), row.name) for row in self.connections().order_by("name", "pk")]

    def connections(self) -> QuerySet[Connection]:
        return Connection.objects.filter(pk__in=BillingFinding.objects.order_by().values("connection_id").distinct())

    def queryset(self, request: HttpRequest, queryset: Findings) -> Findings:
        wanted = self.value() or ""
        return queryset.filter(connection=int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else queryset


class ModeFilter(SimpleListFilter):
    title = "mode"
    parameter_name = "mode"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(mode.value, mode.words) for mode in Mode]

    def queryset(self, request: HttpRequest, queryset: Findings) -> Findings:
        return queryset.filter(connection__mode=self.value()) if self.value() else queryset


class AgeFilter(SimpleListFilter):
    title = "found"
    parameter_name = "older"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(days, f"{words} ago") for days, words in AGES.items()]

    def queryset(self, request: HttpRequest, queryset: Findings) -> Findings:
        if self.value() not in AGES:
            return queryset
        return queryset.filter(first_at__lt=timezone.now() - timedelta(days=int(str(self.value()))))
