"""What every page of one import has in common: the import, who may see it, and what its table is called."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.admin.pages import Page
from catalog.imports.table import Table, view_of
from catalog.imports.tables import known_tables, table_of
from catalog.models import ImportRun

VIEW = "catalog.view_importrun"


def import_url(run: ImportRun) -> str:
    return reverse("admin:catalog_import", args=[run.pk])


class OneImport(Page):
    """A page about one import, for whoever may see what such records say."""

    permission = VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(self.permission) or not self.may(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def may(self, user: Any) -> bool:
        return bool(user.has_perm(view_of(known_tables()[self.run.kind])))

    @property
    def run(self) -> ImportRun:
        if not hasattr(self, "_run"):
            runs = ImportRun.objects.select_related("job", "undo_job").filter(kind__in=known_tables())
            self._run = get_object_or_404(runs, pk=self.kwargs["run_id"])
        return self._run

    @property
    def table(self) -> Table:
        return table_of(self.run.kind, at=self.at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.run
        return {
            **super().get_context_data(**kwargs),
            "title": f"Import of {run.file_name}",
            "run": run,
            "what": self.table.title,
            "where": self.table.where,
            "undo_note": self.table.undo_note,
            "singly": self.table.singly,
            "may_import": self.request.user.has_perm(self.table.permission),
        }


class ImportingPage(OneImport):
    """A page for whoever may import such records."""

    def may(self, user: Any) -> bool:
        return bool(user.has_perm(self.table.permission))
