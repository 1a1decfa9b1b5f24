"""Which column of the file is which of ours."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect

from catalog.actions.imports import check
from catalog.admin.imports.one import ImportingPage, import_url
from catalog.admin.pages import FormPage
from catalog.domain.tables import column_name
from catalog.imports.judging import surely_mapped
from catalog.imports.table import Table
from catalog.models import ImportRun
from catalog.queries.imports import same_file

NOT_READ = ""


class ColumnsForm(forms.Form):
    """One list for each of our columns: which column of the file holds it."""

    def __init__(self, data: Any = None, *, table: Table, run: ImportRun) -> None:
        super().__init__(data)
        self._sure = surely_mapped(table, run.header, run.mapping)
        places = [(str(n), f"{column_name(n)}: {heading}") for n, heading in enumerate(run.header)]
        for name, column in table.columns.items():
            self.fields[name] = forms.ChoiceField(
                label=column.heading,
                choices=[(NOT_READ, "Not in the file"), *places],
                required=False,
                initial=str(run.mapping[name]) if name in run.mapping else NOT_READ,
                help_text=column.note,
            )

    @property
    def sure(self) -> list[forms.BoundField]:
        """What needs no second look, unless it is what was refused."""
        return [field for field in self if field.name in self._sure and not field.errors]

    @property
    def unsure(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self._sure or field.errors]

    @property
    def mapping(self) -> dict[str, int]:
        return {name: int(place) for name, place in self.cleaned_data.items() if place != NOT_READ}


class ColumnsPage(ImportingPage, FormPage[ColumnsForm]):
    template_name = "catalog/imports/columns.html"

    def form(self, *, data: Any = None) -> ColumnsForm:
        return ColumnsForm(data, table=self.table, run=self.run)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.run
        rows = list(run.rows.order_by("number")[:3])
        unread = [heading for place, heading in enumerate(run.header) if place not in run.mapping.values()]
        return {
            **super().get_context_data(**kwargs),
            "sample": [row.cells for row in rows],
            "count": run.rows.count(),
            "unread": unread,
            "earlier": same_file(run),
        }

    def act(self, form: ColumnsForm) -> HttpResponse:
        check(run=self.run, mapping=form.mapping, by=self.by, at=self.at)
        return HttpResponseRedirect(import_url(self.run))
