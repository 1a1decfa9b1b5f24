"""Narrowing the list of cases down: by how each stands, how bad it is, who works on it and what tier it is served by."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from support.domain.case_events import OPEN_STATES, CaseState, Channel
from support.models import Case, Severity, SlaPolicy, Team

OPEN, UNKNOWN = "not_ended", "unknown"


class StateFilter(SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(OPEN, "Not ended: open, waiting, on hold"), *((state.value, state.words) for state in CaseState)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        wanted = self.value()
        if wanted == OPEN:
            return queryset.filter(state__in=OPEN_STATES)
        return queryset.filter(state=wanted) if wanted in set(CaseState) else queryset


class ByKey(SimpleListFilter):
    """Offers rows by their name, and keeps to the one of that key."""

    column = ""

    def rows(self) -> list[tuple[str, str]]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return self.rows()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


class SeverityFilter(ByKey):
    title, parameter_name, column = "severity", "severity", "severity__key"

    def rows(self) -> list[tuple[str, str]]:
        return list(Severity.objects.values_list("key", "name"))


class TeamFilter(ByKey):
    title, parameter_name, column = "team", "team", "team__key"

    def rows(self) -> list[tuple[str, str]]:
        return list(Team.objects.values_list("key", "name"))


class TierFilter(ByKey):
    title, parameter_name, column = "support tier", "tier", "tier"

    def rows(self) -> list[tuple[str, str]]:
        return list(SlaPolicy.objects.values_list("tier", "name"))


class ChannelFilter(ByKey):
    title, parameter_name, column = "channel", "channel", "channel"

    def rows(self) -> list[tuple[str, str]]:
        return [(channel.value, channel.words) for channel in Channel]
