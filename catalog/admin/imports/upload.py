"""Bringing a file: what it holds, said by whoever may import such records."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from catalog.actions.imports import upload
from catalog.admin.export_pages import table_lines
from catalog.admin.imports.one import VIEW
from catalog.admin.pages import FormPage
from catalog.domain.files import read_capped
from catalog.domain.tables import CAPS, TableRefused
from catalog.imports.table import Table
from catalog.imports.tables import known_tables
from journal.domain.refusal import Refusal


def importable(user: Any) -> dict[str, type[Table]]:
    """The tables whose records the person may import."""
    return {slug: table for slug, table in known_tables().items() if user.has_perm(table.permission)}


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label="What the file holds")
    file = forms.FileField(
        label="The file",
        help_text=f"CSV or Excel (.xlsx). {CAPS}",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
    )

    def __init__(self, *args: Any, tables: dict[str, type[Table]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chooser = self.fields["kind"]
        assert isinstance(chooser, forms.ChoiceField)
        chooser.choices = [(slug, table.title) for slug, table in tables.items()]


class UploadPage(FormPage[UploadForm]):
    """Open to whoever may import anything; what the file may hold is what they may import."""

    permission = VIEW
    template_name = "catalog/imports/upload.html"
    title = "Import a file"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not importable(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> UploadForm:
        files = self.request.FILES if data is not None else None
        mine = importable(self.request.user)
        return UploadForm(data, files, tables=mine, initial={"kind": self.request.GET.get("kind", "sheet")})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = importable(self.request.user)
        lines = [line for line in table_lines(self.request.user) if line.slug in mine]
        return {**super().get_context_data(**kwargs), "tables": lines}

    def act(self, form: UploadForm) -> HttpResponse:
        file = form.cleaned_data["file"]
        try:
            data = read_capped(file)
        except TableRefused as refused:
            raise Refusal(str(refused), field="file") from refused
        told: dict[str, Any] = {"file_name": file.name or "", "data": data, "by": self.by, "at": self.at}
        run = upload(kind=form.cleaned_data["kind"], **told)
        return HttpResponseRedirect(reverse("admin:catalog_import_columns", args=[run.pk]))
