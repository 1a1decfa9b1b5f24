"""Narrowing the list of licences down: by how each is kept, by policy, by what ends soon."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now

from entitlements.models import Licence, LicencePolicy
from entitlements.queries.licences.lists import Kept, licences_kept

WORDS = {
    Kept.RUNNING: "Neither suspended, expired nor revoked",
    Kept.SUSPENDED: "Suspended",
    Kept.EXPIRED: "Expired",
    Kept.REVOKED: "Revoked",
    Kept.SOON: "Ends within 30 days",
    Kept.NOWHERE: "Active nowhere yet",
}


class KeptFilter(SimpleListFilter):
    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kept.value, words) for kept, words in WORDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Licence]) -> QuerySet[Licence]:
        wanted = self.value()
        return queryset.filter(licences_kept(Kept(wanted), at=now())) if wanted in list(Kept) else queryset


class PolicyFilter(SimpleListFilter):
    title = "policy"
    parameter_name = "policy"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(policy.key, policy.name) for policy in LicencePolicy.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Licence]) -> QuerySet[Licence]:
        return queryset.filter(policy__key=self.value()) if self.value() else queryset
