"""The flows of connected CRMs: the list of CRMs, how each is synchronised, and what can be done with it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path

from desk.admin.crm.entry_page import EntryPage
from desk.admin.crm.flow_pages import PausePage, ResumePage, RetryPage, RunPage, SwitchOnPage
from desk.admin.crm.how_page import HowPage
from desk.admin.crm.needs_page import MakePage, NeedsPage, NeedsPrintPage
from desk.admin.crm.sync_page import SyncPage
from desk.admin.crm.words import VIEW, sync_url
from desk.models import CrmFlow
from journal.admin.base import DeskModelAdmin
from journal.admin.pages import Page

OF = "of/<int:connection>"
FLOW = f"{OF}/<slug:flow>"
PAGES: tuple[tuple[str, type[Page], str], ...] = (
    (f"{OF}/", SyncPage, ""),
    (f"{OF}/how/", HowPage, "_how"),
    (f"{OF}/needs/", NeedsPage, "_needs"),
    (f"{OF}/needs/make/", MakePage, "_make"),
    (f"{OF}/needs/print/", NeedsPrintPage, "_print"),
    (f"{FLOW}/on/", SwitchOnPage, "_on"),
    (f"{FLOW}/pause/", PausePage, "_pause"),
    (f"{FLOW}/resume/", ResumePage, "_resume"),
    (f"{FLOW}/run/", RunPage, "_run"),
    (f"{FLOW}/retry/", RetryPage, "_retry"),
)


@admin.register(CrmFlow)
class CrmFlowAdmin(DeskModelAdmin):
    fields = readonly_fields = ("connection", "flow", "state")

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=f"desk_crm_sync{name}")
            for route, page, name in PAGES
        ]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """By the CRMs rather than by their flows."""
        return EntryPage.as_view(model_admin=self)(request)  # type: ignore[return-value]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The stock address leads to the CRM's own page; nothing is posted there."""
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        row: CrmFlow = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(sync_url(row.connection))
