"""The list of cases; each row leads to the page of its case."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from catalog.queries.instants import say_instant
from journal.admin.base import RecordedModelAdmin
from support.admin.cases.addresses import CASES
from support.admin.cases.filters import ChannelFilter, SeverityFilter, StateFilter, TeamFilter, TierFilter
from support.admin.cases.pages import HANDLE, case_url
from support.admin.cases.words import STATE_VARIANTS
from support.domain.case_events import CaseState
from support.models import Case
from support.queries.cases.finding import case_number


@admin.register(Case)
class CaseAdmin(RecordedModelAdmin):
    list_before_template = "support/cases/list_head.html"
    list_display = ("shown", "customer", "severity_words", "standing", "team_words", "opened")
    list_display_links = None
    list_filter = (StateFilter, SeverityFilter, TeamFilter, TierFilter, ChannelFilter)
    list_select_related = ("account", "severity", "team")
    search_fields = ("subject", "external_id", "account__name", "account__key__exact", "requester")
    search_help_text = "Our number such as C-123, the help desk’s, the subject, the customer, or who asked."
    fields = ("subject", "account", "severity", "state")
    readonly_fields = fields

    class Media:
        css: ClassVar = {"all": ["support/cases.css"]}

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        pages = [path(route, site.admin_view(page.as_view(model_admin=self)), name=name) for route, page, name in CASES]
        return [*pages, *super().get_urls()]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Case], bool]:
        """Our number is no text, so it is looked for by itself; the help desk may number its tickets alike."""
        number = case_number(search_term)
        if number is None:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(pk=number) | queryset.filter(external_id__iexact=search_term.strip()), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = {"may_open": request.user.has_perm(HANDLE)}
        return super().changelist_view(request, {**may, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What a case came to stands on its own page; nothing is written by a stock form."""
        row: Case = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(case_url(row))

    @display(description="Case", ordering="pk")
    def shown(self, row: Case) -> SafeString:
        return format_html(
            '<a class="text-link" href="{}"><span class="whitespace-nowrap">{}</span> {}</a>',
            case_url(row), row.number, row.subject,
        )  # fmt: skip

    @display(description="Customer", ordering="account__name")
    def customer(self, row: Case) -> str:
        return str(row.account) if row.account is not None else "Unknown"

    @display(description="Severity", ordering="severity__position")
    def severity_words(self, row: Case) -> str:
        return row.severity.name

    @display(description="State", label=STATE_VARIANTS)
    def standing(self, row: Case) -> str:
        return CaseState(row.state).words

    @display(description="Team", ordering="team__name")
    def team_words(self, row: Case) -> str:
        return ", ".join(part for part in (row.team.name if row.team else "", row.assignee) if part) or "–"

    @display(description="Came in", ordering="opened_at")
    def opened(self, row: Case) -> str:
        zone = row.account.zone if row.account is not None else "UTC"
        return say_instant(row.opened_at, zone=zone)
