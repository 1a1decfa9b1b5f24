"""The page of one import: what it would change, how far it is, what came of it; and its file with notes."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse

from catalog.actions.import_jobs import OVER
from catalog.admin.export_pages import download
from catalog.admin.imports.one import OneImport
from catalog.imports.rendering import Form, annotated
from catalog.models import ImportRun
from catalog.models.import_run import RowOutcome, Stage, Verdict
from catalog.queries.imports import differences, outcomes_of, same_file
from journal.admin.jobs import job_url

PAGE = 25
OUTCOME_WORDS = {
    RowOutcome.WRITTEN: "Written",
    RowOutcome.LEFT_OUT: "Left out",
    RowOutcome.FAILED: "Failed",
    RowOutcome.UNDONE: "Undone",
    RowOutcome.KEPT: "Kept",
}


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


class AnnotatedFile(OneImport):
    """The file as it was brought, with what is wrong beside each row."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        run, form = self.run, Form(kwargs["form"]) if kwargs["form"] in list(Form) else None
        if form is None:
            raise Http404
        rows = ((row.cells, row.told if row.verdict == Verdict.ERROR else "") for row in run.rows.order_by("number"))
        stem = run.file_name.rpartition(".")[0] or run.file_name
        return download(annotated(self.table.title, run.header, rows, form), f"{stem} with notes", form)
