"""The plan sheet, and the list of cells that wait for a person."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from catalog.admin.pages import Page, sheet_url
from catalog.admin.sheet_parts import SheetParts
from catalog.admin.term_edit import cell_url
from catalog.domain.values import PlanKind
from catalog.queries.engineer_sheet import HEADINGS, EngineerRow, engineer_sheet
from catalog.queries.engineering import engineering_lines
from catalog.queries.sheet import Sheet, Show, sheet
from catalog.queries.vague import VagueCell, vague_cells

KINDS = {"": "All", PlanKind.PLAN.value: "Plans", PlanKind.ADD_ON.value: "Add-ons"}
SHOWS = {Show.NEWEST.value: "With drafts", Show.PUBLISHED.value: "Published"}
ENGINEER = "engineer"


class SheetPage(Page):
    template_name = "catalog/sheet.html"
    title = "Plan sheet"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = sheet(at=self.at, show=Show(self.asked["show"]), kind=_kind(self.asked["kind"]))
        context = {
            **super().get_context_data(**kwargs),
            "sheet": shown,
            "waiting": sum(cell.blocks for cell in vague_cells()),
            "kinds": [self._choice("kind", key, words) for key, words in KINDS.items()],
            "shows": [self._choice("show", key, words) for key, words in SHOWS.items()],
            "views": self._views(),
            "hidden": self.hidden(shown),
            "find": self.request.GET.get("find", ""),
        }
        if self.asked["view"] == ENGINEER:
            rows = engineer_sheet(shown, lines=engineering_lines(at=self.at))
            return {**context, "engineer": self._engineer(shown, rows)}
        parts = SheetParts(self.request, sheet=shown, zone=self.zone, hidden=self.hidden(shown))
        return {
            **context,
            "parts": parts,
            "heads": [parts.head(column) for column in shown.columns],
            "bands": parts.bands(),
            "drafts": list(_drafts(shown)),
        }

    def _engineer(self, shown: Sheet, rows: Iterable[EngineerRow]) -> dict[str, Any]:
        hidden = self.hidden(shown)
        hides = [column.plan.key in hidden for column in shown.columns]
        lines = [{"name": r.name, "told": r.told, "cells": list(zip(r.raw, hides, strict=True))} for r in rows]
        return {"headings": list(HEADINGS.values()), "rows": lines}

    @property
    def asked(self) -> dict[str, str]:
        """What the address asks for; whatever it asks wrongly is read as usual."""
        given = self.request.GET
        return {
            "kind": _one_of(KINDS, given.get("kind"), ""),
            "show": _one_of(SHOWS, given.get("show"), Show.NEWEST.value),
            "view": _one_of({ENGINEER: ""}, given.get("view"), ""),
        }

    def hidden(self, shown: Sheet) -> frozenset[str]:
        asked = set(self.request.GET.getlist("hide"))
        return frozenset(column.plan.key for column in shown.columns if column.plan.key in asked)

    def _choice(self, name: str, value: str, words: str) -> dict[str, Any]:
        return {"words": words, "current": self.asked[name] == value, "url": self._address(**{name: value})}

    def _views(self) -> list[dict[str, Any]]:
        return [
            {"words": "Edit", "current": not self.asked["view"], "url": self._address(view="")},
            {"words": "For engineers", "current": self.asked["view"] == ENGINEER, "url": self._address(view=ENGINEER)},
            {"words": "As customers see it", "current": False, "url": reverse("admin:catalog_offer")},
        ]

    def _address(self, **changed: str) -> str:
        """This sheet with one thing changed; columns stay hidden."""
        asked = {**self.asked, **changed}
        if asked["show"] == Show.NEWEST.value:
            asked["show"] = ""
        kept = [("hide", key) for key in self.request.GET.getlist("hide")]
        query = urlencode([*((name, value) for name, value in asked.items() if value), *kept])
        return f"{reverse('admin:catalog_sheet')}{'?' if query else ''}{query}"


class VaguePage(Page):
    template_name = "catalog/vague.html"
    title = "Waiting for a person"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cells = vague_cells()
        return {
            **super().get_context_data(**kwargs),
            "parts": [
                ("These block publishing", [_line(cell) for cell in cells if cell.blocks]),
                ("Agreed with each customer", [_line(cell) for cell in cells if not cell.blocks]),
            ],
            "nothing": not cells,
        }


def _line(cell: VagueCell) -> dict[str, Any]:
    where = sheet_url(version=cell.version, feature_key=cell.feature.key)
    return {"cell": cell, "where": where, "cell_url": cell_url(cell.version, cell.feature, cell.case)}


def _drafts(shown: Sheet) -> Iterable[dict[str, Any]]:
    """Each open draft on the sheet, and in how many cells it differs from what is published."""
    rows = shown.rows
    for place, column in enumerate(shown.columns):
        if column.editable:
            changes = sum(row.cells[place].changed for row in rows)
            yield {"column": column, "changes": changes, "first": column.published is None}


def _kind(asked: str) -> PlanKind | None:
    return PlanKind(asked) if asked else None


def _one_of(choices: Iterable[str], typed: str | None, otherwise: str) -> str:
    return typed if typed is not None and typed in set(choices) else otherwise
