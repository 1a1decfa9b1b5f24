"""The lists of work and of visits are pages of their own; what stands here leads there, and to every version of a row."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from journal.admin.base import RecordedModelAdmin
from journal.admin.pages import Page
from support.admin.work.addresses import VISITS, WORK
from support.admin.work.pages import item_url, visit_url
from support.models import Visit, WorkItem


class LedOnAdmin(RecordedModelAdmin):
    """Its list and its rows are shown by pages of ours."""

    pages: ClassVar[tuple[tuple[str, type[Page], str], ...]]
    list_page: ClassVar[str]

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        own = [
            path(route, site.admin_view(page.as_view(model_admin=self)), name=name) for route, page, name in self.pages
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse(f"admin:{self.list_page}"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(self.row_url(row))

    def row_url(self, row: Any) -> str:
        raise NotImplementedError


@admin.register(WorkItem)
class WorkItemAdmin(LedOnAdmin):
    pages = WORK
    list_page = "support_work"
    fields = ("account", "kind", "description", "quantity", "customer_percent", "why", "billing")
    readonly_fields = fields

    def row_url(self, row: WorkItem) -> str:
        return item_url(row)


@admin.register(Visit)
class VisitAdmin(LedOnAdmin):
    pages = VISITS
    list_page = "support_visits"
    fields = ("account", "cover", "number", "from_on", "through_on", "state")
    readonly_fields = fields

    def row_url(self, row: Visit) -> str:
        return visit_url(row)
