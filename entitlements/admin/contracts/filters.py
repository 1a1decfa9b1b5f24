"""Narrowing the list of contracts down: where each stands, and what ends or renews within three months."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from entitlements.models import Contract, ContractVersion
from entitlements.models.contract import ContractState, Renewal
from entitlements.queries.contracts.standing import contracts_at

SOON = timedelta(days=90)
ENDS, RENEWS, WAITING, DRAFT, RUNNING, ENDED = "ends", "renews", "waiting", "draft", "running", "ended"


class StandingFilter(SimpleListFilter):
    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (ENDS, "Ends within 90 days"),
            (RENEWS, "Renews within 90 days"),
            (WAITING, "Waiting for approval"),
            (DRAFT, "Being drafted"),
            (RUNNING, "Running"),
            (ENDED, "Ended"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contract]) -> QuerySet[Contract]:
        wanted, now = self.value(), timezone.now()
        match wanted:
            case "renews":
                return queryset.filter(pk__in=_renewing(now))
            case "ends" | "waiting" | "draft" | "running" | "ended":
                return queryset.filter(standing_in(wanted, at=now))
        return queryset


def standing_in(wanted: str, *, at: datetime) -> Q:
    """The contracts that stand so at the moment, as one condition."""
    over = Q(ends_at__isnull=False, ends_at__lte=at)
    match wanted:
        case "ended":
            return over
        case "ends":
            return Q(ends_at__gt=at, ends_at__lte=at + SOON)
        case "waiting":
            return _with_version(ContractState.REQUESTED)
        case "draft":
            return _with_version(ContractState.DRAFT)
    return _with_version(ContractState.SIGNED, effective_at__lte=at) & ~over


def _with_version(state: ContractState, **more: Any) -> Q:
    return Q(Exists(ContractVersion.objects.filter(contract=OuterRef("pk"), state=state, **more)))


def _renewing(at: datetime) -> list[int]:
    """Terms that renew are written nowhere, so those of the contracts that do are worked out."""
    renewing = Contract.objects.filter(
        _with_version(ContractState.SIGNED, renewal=Renewal.RENEWS), Q(ends_at__isnull=True)
    )
    found = contracts_at(contracts=renewing, at=at)
    return [pk for pk, one in found.items() if one.renews_at is not None and one.renews_at <= at + SOON]
