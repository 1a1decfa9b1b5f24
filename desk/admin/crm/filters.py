"""Narrowing findings, companies and deals down: by kind, state, connection and age, and by how they stand."""

from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from desk.domain.crm.findings import CrmFindingKind
from desk.domain.crm.told import DealState
from desk.integrations.crm.port import vendors
from entitlements.admin.billed import filters as of_findings
from entitlements.admin.billed.filters import AgeFilter, StateFilter
from journal.models import Connection

__all__ = ["AgeFilter", "StateFilter"]
Rows = QuerySet[Any]


class KindFilter(of_findings.KindFilter):
    kinds: ClassVar = tuple((kind.value, kind.words) for kind in CrmFindingKind)


class ConnectionFilter(of_findings.ConnectionFilter):
    """The connected CRMs."""

    title = "CRM"

    def connections(self) -> QuerySet[Connection]:
        return Connection.objects.filter(vendor__in=vendors())


class _StandsFilter(SimpleListFilter):
    title = "how it stands"
    parameter_name = "stands"
    ways: ClassVar[dict[str, tuple[str, Q]]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, words) for name, (words, _) in self.ways.items()]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        way = self.ways.get(self.value() or "")
        return queryset.filter(way[1]) if way else queryset


class CompanyFilter(_StandsFilter):
    ways: ClassVar = {
        "linked": ("Somebody’s", Q(account__isnull=False, gone=False)),
        "nobody": ("Nobody’s yet", Q(account=None, left_out=False, gone=False)),
        "left_out": ("Left out", Q(left_out=True)),
        "gone": ("Deleted there", Q(gone=True)),
        "failed": ("Couldn’t be taken in", ~Q(failed="")),
        "unwritten": ("Couldn’t be written", ~Q(write_failed="")),
    }


class DealFilter(_StandsFilter):
    ways: ClassVar = {
        "made": ("Became something", Q(contract__isnull=False) | Q(trial__isnull=False)),
        "won_nothing": ("Won, and nothing came of it", Q(state=DealState.WON, contract=None, trial=None)),
        "failed": ("Couldn’t be taken in", ~Q(failed="")),
        **{state.value: (state.words, Q(state=state)) for state in DealState},
    }
