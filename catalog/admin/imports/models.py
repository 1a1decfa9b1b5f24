"""Imports: the list of them, and the addresses of their pages and of the exports."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from unfold.decorators import display

from catalog.admin.export_pages import ExportFile, ExportsPage, TemplateFile
from catalog.admin.imports.columns import ColumnsPage
from catalog.admin.imports.one import import_url
from catalog.admin.imports.page import AnnotatedFile, ImportPage
from catalog.admin.imports.step import ImportStep
from catalog.admin.imports.upload import UploadPage, importable
from catalog.imports.tables import known_tables
from catalog.models import ImportRun
from catalog.models.import_run import Stage
from journal.admin.base import DeskModelAdmin
from journal.admin.pages import Page

COLOURS = {
    Stage.UPLOADED: "warning",
    Stage.CHECKED: "info",
    Stage.APPLYING: "info",
    Stage.APPLIED: "success",
    Stage.REFUSED: "danger",
    Stage.UNDOING: "info",
    Stage.UNDONE: "warning",
    Stage.DISCARDED: "warning",
}


class KindFilter(admin.SimpleListFilter):
    title = "what"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(slug, table.title) for slug, table in known_tables().items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() in known_tables() else queryset


@admin.register(ImportRun)
class ImportRunAdmin(DeskModelAdmin):
    list_display = ("file_name", "what", "asked_by_name", "asked_at", "standing", "result")
    list_display_links = ("file_name",)
    list_filter = (KindFilter, "stage")
    list_before_template = "catalog/imports/list_head.html"
    search_fields = ("file_name", "asked_by_name")
    search_help_text = "The name of a file, or of who brought it."
    fields = ("file_name",)

    def get_urls(self) -> list[URLPattern]:
        one = "<int:run_id>"
        return [
            self._page("new/", UploadPage, "import_new"),
            self._page("exports/", ExportsPage, "exports"),
            self._page("exports/<str:kind>/<str:form>/", ExportFile, "export_file"),
            self._page("templates/<str:kind>/<str:form>/", TemplateFile, "import_template"),
            self._page(f"{one}/page/", ImportPage, "import"),
            self._page(f"{one}/columns/", ColumnsPage, "import_columns"),
            self._page(f"{one}/file/<str:form>/", AnnotatedFile, "import_file"),
            self._page(f"{one}/step/<str:step>/", ImportStep, "import_step"),
            *super().get_urls(),
        ]

    def _page(self, route: str, page: type[Page], name: str) -> URLPattern:
        return path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=f"catalog_{name}")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_import = bool(importable(request.user))
        told = {"title": "Import and export", "may_import": may_import, "nothing_yet": not ImportRun.objects.exists()}
        return super().changelist_view(request, {**told, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The import's own page says all there is to say."""
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(import_url(self.found(request, object_id)))

    @display(description="What")
    def what(self, run: ImportRun) -> str:
        return known_tables()[run.kind].title if run.kind in known_tables() else run.kind

    @display(description="How it stands", label={stage.words: colour for stage, colour in COLOURS.items()})
    def standing(self, run: ImportRun) -> str:
        return Stage(run.stage).words

    @display(description="Result")
    def result(self, run: ImportRun) -> str:
        if run.summary:
            return run.summary
        if run.stage == Stage.CHECKED:
            return f"{run.new} new, {run.changed} changed, {run.wrong} wrong"
        return "–"
