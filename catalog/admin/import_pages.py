"""The pages of one import: the file is brought, its columns are named, what it would change is looked at, and done."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.actions.import_jobs import OVER, conclude
from catalog.actions.imports import apply, check, discard, undo, upload
from catalog.admin.export_pages import download, table_lines
from catalog.admin.pages import FormPage, Page
from catalog.domain.files import read_capped
from catalog.domain.tables import CAPS, TableRefused, column_name
from catalog.imports.judging import surely_mapped
from catalog.imports.rendering import Form, annotated
from catalog.imports.table import Table, view_of
from catalog.imports.tables import known_tables, table_of
from catalog.models import ImportRun
from catalog.models.import_run import RowOutcome, Stage, Verdict
from catalog.queries.imports import differences, outcomes_of, same_file
from journal.admin.jobs import job_url
from journal.domain.refusal import Refusal

VIEW = "catalog.view_importrun"
PAGE = 25
NOT_READ = ""
OUTCOME_WORDS = {
    RowOutcome.WRITTEN: "Written",
    RowOutcome.LEFT_OUT: "Left out",
    RowOutcome.FAILED: "Failed",
    RowOutcome.UNDONE: "Undone",
    RowOutcome.KEPT: "Kept",
}


def import_url(run: ImportRun) -> str:
    return reverse("admin:catalog_import", args=[run.pk])


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


class ApplyForm(forms.Form):
    whole = forms.ChoiceField(
        label="If a row can’t be written",
        choices=[("yes", "Write nothing at all"), ("no", "Leave the wrong rows out and write the others")],
        widget=forms.RadioSelect,
        initial="yes",
    )


class ImportPage(OneImport):
    """What an import would change, how far it is, or what came of it: whatever its stage has to tell."""

    template_name = "catalog/imports/import.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.run
        stage, job = Stage(run.stage), run.undo_job if run.stage == Stage.UNDOING else run.job
        working = stage in {Stage.APPLYING, Stage.UNDOING}
        return {
            **super().get_context_data(**kwargs),
            "stage": stage,
            "earlier": same_file(run),
            "form": kwargs.get("form") or ApplyForm(),
            "job": job,
            "job_url": job_url(job) if job else "",
            "working": working,
            "stopped": working and job is not None and job.state in OVER,
            "to_write": run.new + run.changed,
            "into_drafts": run.kind in {"sheet", "prices"},
            "forms": [form.value for form in Form],
            **self._rows(),
        }

    def _rows(self) -> dict[str, Any]:
        run, shown = self.run, self.request.GET.get("show", "")
        tabs = _outcome_tabs(run) if run.applied_at else _verdict_tabs(run)
        chosen = (
            shown if shown in {tab["value"] for tab in tabs} else next((t["value"] for t in tabs if t["number"]), "")
        )
        rows = run.rows.filter(**{"outcome" if run.applied_at else "verdict": chosen}) if chosen else run.rows.none()
        page = Paginator(rows.order_by("number"), PAGE).get_page(self.request.GET.get("page"))
        headings = {name: column.heading for name, column in self.table.columns.items()} if chosen else {}
        lines = [{"row": row, "changes": differences(row, headings), "cells": _plain(row.cells)} for row in page]
        return {"tabs": tabs, "chosen": chosen, "lines": lines, "page": page}


def _verdict_tabs(run: ImportRun) -> list[dict[str, Any]]:
    counts = {Verdict.ERROR: run.wrong, Verdict.NEW: run.new, Verdict.CHANGED: run.changed, Verdict.SAME: run.same}
    return [{"value": one.value, "words": one.words, "number": number} for one, number in counts.items()]


def _outcome_tabs(run: ImportRun) -> list[dict[str, Any]]:
    counts = outcomes_of(run)
    order = (RowOutcome.KEPT, RowOutcome.FAILED, RowOutcome.LEFT_OUT, RowOutcome.WRITTEN, RowOutcome.UNDONE)
    found = [{"value": o.value, "words": OUTCOME_WORDS[o], "number": counts.get(o, 0)} for o in order]
    return [tab for tab in found if tab["number"]]


def _plain(cells: list[str]) -> str:
    return " | ".join(cells)[:300]


class ImportStep(ImportingPage):
    """What a button of the import's page does. There is nothing to see here."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseNotAllowed(["POST"])

    def post(self, request: HttpRequest, *, run_id: int, step: str) -> HttpResponse:
        try:
            self._take(step)
        except Refusal as refusal:
            self.refuse(refusal)
        return HttpResponseRedirect(import_url(self.run))

    def _take(self, step: str) -> None:
        told: dict[str, Any] = {"run": self.run, "by": self.by, "at": self.at}
        match step:
            case "apply":
                apply(whole=self.request.POST.get("whole") != "no", **told)
            case "check":
                check(mapping=self.run.mapping, **told)
                self.tell(f"Every row was checked again, against {self.table.where} as it stands now.")
            case "discard":
                discard(**told)
            case "undo":
                undo(**told)
            case "conclude":
                conclude(**told)
            case _:
                raise Http404


class AnnotatedFile(OneImport):
    """The file as it was brought, with what is wrong beside each row."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        run, form = self.run, Form(kwargs["form"]) if kwargs["form"] in list(Form) else None
        if form is None:
            raise Http404
        rows = ((row.cells, row.told if row.verdict == Verdict.ERROR else "") for row in run.rows.order_by("number"))
        stem = run.file_name.rpartition(".")[0] or run.file_name
        return download(annotated(self.table.title, run.header, rows, form), f"{stem} with notes", form)
