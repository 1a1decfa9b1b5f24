"""The parts of the sheet that are drawn alike on the page and in answers to it: headings and cells."""

import json
from typing import Any

from django.http import HttpRequest
from django.template.loader import get_template, render_to_string

from catalog.admin.pages import EDIT, PUBLISH
from catalog.admin.term_edit import cell_url
from catalog.models import Feature
from catalog.queries.sheet import Cell, Column, Row, Sheet, Show


class SheetParts:
    """Draws for one reader."""

    def __init__(self, request: HttpRequest, *, sheet: Sheet, zone: str, hidden: frozenset[str] = frozenset()) -> None:
        self._request = request
        self._sheet = sheet
        self._hidden = hidden
        self._cell = get_template("catalog/_cell.html")
        self.may_edit = request.user.has_perm(EDIT) and sheet.show is Show.NEWEST
        self._reader = {
            "zone": zone,
            "may_edit": self.may_edit,
            "may_publish": request.user.has_perm(PUBLISH),
            "query": request.GET.urlencode(),
        }

    def head(self, column: Column) -> str:
        context = {**self._reader, "column": column, "sheet": self._sheet, "hidden": column.plan.key in self._hidden}
        return render_to_string("catalog/_column.html", context, request=self._request)

    def cell(self, cell: Cell) -> str:
        version = cell.column.version if self.may_edit and cell.column.editable else None
        edit = cell_url(version, cell.subject, cell.case) if version else ""
        # The compiled template itself: a request's context processors for each of five hundred cells would take longer
        # than everything else on the page.
        return self._cell.render({"cell": cell, "edit": edit, "hidden": cell.column.plan.key in self._hidden})

    def bands(self) -> list[dict[str, Any]]:
        return [
            {
                "band": band,
                "heads": [self._row(row) for row in band.heads],
                "rows": [self._row(row) for row in band.rows],
            }
            for band in self._sheet.bands
        ]

    def _row(self, row: Row) -> dict[str, Any]:
        editor = row.editor
        options = [[option.text, option.label, int(option.ticked)] for option in editor.options]
        return {
            "row": row,
            "options": json.dumps(options, ensure_ascii=False) if options else "",
            "note": row.subject.note if isinstance(row.subject, Feature) and not row.case_words else "",
            "is_group": not isinstance(row.subject, Feature),
            "cells": [self.cell(cell) for cell in row.cells],
        }
