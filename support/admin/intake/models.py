"""The list of checked tickets; each row leads to its decision."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name
from unfold.decorators import display

from catalog.queries.instants import say_instant
from journal.admin.base import DeskModelAdmin
from support.admin.cases.pages import HANDLE
from support.admin.intake.addresses import INTAKE
from support.admin.intake.filters import ChannelFilter, OutcomeFilter, ReasonFilter, StageFilter
from support.admin.intake.pages import decision_url, number_typed
from support.admin.intake.words import OUTCOME_VARIANTS, say_reason, say_stage
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Outcome
from support.models import IntakeDecision


@admin.register(IntakeDecision)
class IntakeDecisionAdmin(DeskModelAdmin):
    list_before_template = "support/intake/list_head.html"
    list_display = ("shown", "customer", "outcome_words", "why", "standing", "channel_words", "came")
    list_display_links = None
    list_filter = (OutcomeFilter, StageFilter, ReasonFilter, ChannelFilter)
    list_select_related = ("account",)
    search_fields = ("account__name", "account__key__exact", "external_id__exact")
    search_help_text = "Our number such as T-123, the help desk’s, or the customer."
    fields: ClassVar = ("account", "outcome", "reason", "stage")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        pages = [
            path(route, site.admin_view(page.as_view(model_admin=self)), name=name) for route, page, name in INTAKE
        ]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = {"title": "Checked tickets", "may_check": request.user.has_perm(HANDLE)}
        return super().changelist_view(request, {**may, **(extra_context or {})})

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[IntakeDecision], bool]:
        """Our number is no text, so it is looked for by itself; the help desk may number its tickets alike."""
        number = number_typed(search_term)
        if number is None:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(pk=number) | queryset.filter(external_id__iexact=search_term.strip()), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What a ticket came to stands on its own page; nothing is written by a stock form."""
        row: IntakeDecision = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(decision_url(row))

    @display(description="Ticket", ordering="pk")
    def shown(self, row: IntakeDecision) -> SafeString:
        return format_html(
            '<a class="text-link" href="{}"><span class="whitespace-nowrap">{}</span> {}</a>',
            decision_url(row), row.number, row.subject,
        )  # fmt: skip

    @display(description="Customer", ordering="account__name")
    def customer(self, row: IntakeDecision) -> str:
        return str(row.account) if row.account is not None else "Unknown"

    @display(description="What followed", label=OUTCOME_VARIANTS)
    def outcome_words(self, row: IntakeDecision) -> str:
        return Outcome(row.settled_outcome or row.outcome).words

    @display(description="Why")
    def why(self, row: IntakeDecision) -> str:
        return f"{row.settled_by} decided" if row.settled_at is not None else say_reason(row.reason)

    @display(description="Stands")
    def standing(self, row: IntakeDecision) -> str:
        return say_stage(row.stage)

    @display(description="Channel", ordering="channel")
    def channel_words(self, row: IntakeDecision) -> str:
        return Channel(row.channel).words

    @display(description="Came in", ordering="at")
    def came(self, row: IntakeDecision) -> str:
        return say_instant(row.at, zone=get_current_timezone_name())
