"""Narrowing the list of covers down: by where each stands, its tier, its customer, its contract. Each is one condition."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from entitlements.models import Account, Contract
from support.models import Cover
from support.queries.policy_history import tier_choices

SOON = timedelta(days=90)
STATES = {
    "in_force": "In force",
    "to_come": "To come",
    "ending": "Ending within 90 days",
    "ended": "Ended",
    "called_off": "Called off",
}


def covers_in(rows: QuerySet[Cover], state: str, *, at: datetime) -> QuerySet[Cover]:
    """Those that stand so at the moment: by their own days, and those of their contract. One that another version goes
    on from is no end."""
    over = Q(ends_at__lte=at) | Q(contract__ends_at__lte=at)
    off = Q(ends_at=F("starts_at"))
    match state:
        case "called_off":
            return rows.filter(off)
        case "to_come":
            return rows.filter(starts_at__gt=at).exclude(off)
        case "ended":
            return rows.filter(over).exclude(off)
        case "ending":
            soon = Q(ends_at__lte=at + SOON) | Q(contract__ends_at__lte=at + SOON)
            return rows.filter(soon, starts_at__lte=at, followed_by__isnull=True).exclude(over)
        case _:
            return rows.filter(starts_at__lte=at).exclude(over)


class StateFilter(SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cover]) -> QuerySet[Cover]:
        wanted = self.value()
        return covers_in(queryset, wanted, at=timezone.now()) if wanted in STATES else queryset


class TierFilter(SimpleListFilter):
    title = "support tier"
    parameter_name = "tier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*tier_choices().items(), ("-", "None: it speaks of work alone")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cover]) -> QuerySet[Cover]:
        wanted = self.value()
        return queryset if not wanted else queryset.filter(tier="" if wanted == "-" else wanted)


class OneOf(SimpleListFilter):
    """Shown only where the address names one: there are too many to choose from here."""

    column = ""

    def name_of(self, key: str) -> str:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        key = request.GET.get(self.parameter_name or "", "").replace("\x00", "")
        return [(key, self.name_of(key))] if key else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cover]) -> QuerySet[Cover]:
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


class AccountFilter(OneOf):
    title, parameter_name, column = "customer", "account", "account__key"

    def name_of(self, key: str) -> str:
        found = Account.objects.filter(key=key).first()
        return key if found is None else str(found)


class ContractFilter(OneOf):
    title, parameter_name, column = "contract", "contract", "contract__key"

    def name_of(self, key: str) -> str:
        found = Contract.objects.filter(key=key).first()
        return key if found is None else str(found)
