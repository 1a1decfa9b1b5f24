"""Exports and templates: the catalog's records as files to download."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import reverse

from catalog.actions.exports import export
from catalog.admin.pages import Page
from catalog.imports.rendering import Form, template
from catalog.imports.table import view_of
from catalog.imports.tables import known_tables, table_of
from journal.domain.refusal import Refusal

EXPORT, IMPORTS = "catalog.view_feature", "catalog.view_importrun"


def download(data: bytes, stem: str, form: Form) -> HttpResponse:
    response = HttpResponse(data, content_type=form.content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{stem}.{form.value}')}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


class ExportsPage(Page):
    permission = EXPORT
    template_name = "catalog/imports/exports.html"
    title = "Export the catalog"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_import = any(self.request.user.has_perm(table.permission) for table in known_tables().values())
        mine = table_lines(self.request.user)
        return {**super().get_context_data(**kwargs), "tables": mine, "may_import": may_import, "forms": list(Form)}


@dataclass(frozen=True, slots=True)
class TableLine:
    """A table as pages list it; the class itself is callable, which templates would do."""

    slug: str
    title: str
    what: str


def table_lines(user: Any) -> list[TableLine]:
    """The tables whose records the person may see."""
    mine = [table for table in known_tables().values() if user.has_perm(view_of(table))]
    return [TableLine(table.slug, table.title, table.what) for table in mine]


class FilePage(Page):
    """A file of one kind of record in one form, for whoever may see such records."""

    permission = EXPORT

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        table = known_tables().get(kwargs["kind"])
        if table is not None and not request.user.has_perm(view_of(table)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def form(self) -> Form:
        if self.kwargs["form"] not in list(Form) or self.kwargs["kind"] not in known_tables():
            raise Http404
        return Form(self.kwargs["form"])


class ExportFile(FilePage):
    """Only a button leads here: what leaves the desk is told to the audit."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseNotAllowed(["POST"])

    def post(self, request: HttpRequest, *, kind: str, form: str) -> HttpResponse:
        asked = self.form
        try:
            data = export(kind=kind, form=asked, by=self.by, at=self.at)
        except Refusal as refusal:
            self.refuse(refusal)
            return HttpResponseRedirect(reverse("admin:catalog_exports"))
        return download(data, f"{known_tables()[kind].title} {self.at:%Y-%m-%d}", asked)


class TemplateFile(FilePage):
    """The headings of a table, and in a workbook what to write below them; also for who imports and exports nothing."""

    permission = IMPORTS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        table = table_of(kwargs["kind"], at=self.at) if kwargs["kind"] in known_tables() else None
        if table is None:
            raise Http404
        return download(template(table, self.form), f"{table.title} template", self.form)
