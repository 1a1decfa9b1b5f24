"""The list of time entries; each row leads to its case."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name
from unfold.decorators import display

from catalog.queries.instants import say_instant
from journal.admin.base import RecordedModelAdmin
from support.admin.cases.pages import case_url
from support.admin.time.addresses import TIME
from support.admin.time.filters import HoursFilter, HowFilter, StandingFilter
from support.admin.time.words import say_entry_share, standing_of
from support.domain.case_events import Channel
from support.models import TimeEntry

VARIANTS = {
    "Counted": "success", "Beyond": "danger", "Counts on nothing": "warning", "Left out": "default",
    "Withdrawn": "default",
}  # fmt: skip


@admin.register(TimeEntry)
class TimeEntryAdmin(RecordedModelAdmin):
    list_before_template = "support/time/list_head.html"
    list_display = ("shown", "customer", "about", "how", "who", "on", "standing")
    list_display_links = None
    list_filter = (StandingFilter, HowFilter, HoursFilter)
    list_select_related = ("account", "case", "allowance__feature")
    ordering = ("-worked_at", "-pk")
    search_fields = ("account__name", "account__key__exact", "case__subject", "worked_by")
    search_help_text = "The customer, the case’s subject, or who worked."
    fields: ClassVar = ("case", "account", "minutes", "counted_minutes", "beyond_minutes", "worked_at")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        pages = [path(route, site.admin_view(page.as_view(model_admin=self)), name=name) for route, page, name in TIME]
        return [*pages, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """An entry stands on its case; nothing is written by a stock form."""
        row: TimeEntry = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(f"{case_url(row.case)}#time")

    @display(description="Worked", ordering="worked_at")
    def shown(self, row: TimeEntry) -> SafeString:
        when = say_instant(row.worked_at, zone=get_current_timezone_name())
        return format_html(
            '<a class="text-link" href="{}#time">{}</a><br>{}', case_url(row.case), say_entry_share(row), when
        )

    @display(description="Customer", ordering="account__name")
    def customer(self, row: TimeEntry) -> str:
        return str(row.account)

    @display(description="Case")
    def about(self, row: TimeEntry) -> str:
        return str(row.case)

    @display(description="How", ordering="channel")
    def how(self, row: TimeEntry) -> str:
        return Channel(row.channel).words

    @display(description="Who", ordering="worked_by")
    def who(self, row: TimeEntry) -> str:
        return row.worked_by

    @display(description="On")
    def on(self, row: TimeEntry) -> str:
        return str(row.allowance) if row.allowance is not None else "–"

    @display(description="Stands", label=VARIANTS)
    def standing(self, row: TimeEntry) -> str:
        return standing_of(row)[0]
