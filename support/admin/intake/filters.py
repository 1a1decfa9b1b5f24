"""Narrowing the list of checked tickets: by what followed, where each stands, why, and how it came."""

from enum import StrEnum
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from support.admin.intake.words import REASONS
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Outcome, Reason
from support.domain.intake.settings import Stage
from support.models import IntakeDecision


class ByWord(SimpleListFilter):
    """Offers the words of a column, and keeps to the one chosen."""

    choices_of: type[StrEnum]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(one.value, str(getattr(one, "words", one.value))) for one in self.choices_of]

    def queryset(self, request: HttpRequest, queryset: QuerySet[IntakeDecision]) -> QuerySet[IntakeDecision]:
        wanted = self.value()
        if wanted not in set(self.choices_of):
            return queryset
        return queryset.filter(**{str(self.parameter_name): wanted})


class OutcomeFilter(ByWord):
    title, parameter_name, choices_of = "what followed", "outcome", Outcome


class StageFilter(ByWord):
    title, parameter_name, choices_of = "where it stands", "stage", Stage


class ReasonFilter(ByWord):
    title, parameter_name, choices_of = "why", "reason", Reason

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(reason.value, words) for reason, words in REASONS.items()]


class ChannelFilter(ByWord):
    title, parameter_name, choices_of = "channel", "channel", Channel
