"""The plan sheet, and the list of cells that wait for a person."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from catalog.admin.pages import Page, sheet_url
from catalog.domain.values import PlanKind
from catalog.queries.sheet import Show, sheet
from catalog.queries.vague import VagueCell, vague_cells

KINDS = {PlanKind.PLAN: "Plans", PlanKind.ADD_ON: "Add-ons"}
SHOWS = {Show.NEWEST: "With drafts", Show.PUBLISHED: "Published"}


class SheetPage(Page):
    template_name = "catalog/sheet.html"
    title = "Plan sheet"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = _chosen(PlanKind, self.request.GET.get("kind"), PlanKind.PLAN)
        show = _chosen(Show, self.request.GET.get("show"), Show.NEWEST)
        return {
            **super().get_context_data(**kwargs),
            "sheet": sheet(at=self.at, show=show, kind=kind),
            "waiting": sum(cell.blocks for cell in vague_cells()),
            "kinds": [
                _choice(words, words_kind is kind, kind=words_kind, show=show) for words_kind, words in KINDS.items()
            ],
            "shows": [
                _choice(words, words_show is show, kind=kind, show=words_show) for words_show, words in SHOWS.items()
            ],
        }


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
    return {"cell": cell, "where": sheet_url(version=cell.version, feature_key=cell.feature.key)}


def _chosen(choices: Any, typed: str | None, otherwise: Any) -> Any:
    return choices(typed) if typed in list(choices) else otherwise


def _choice(words: str, current: bool, **query: str) -> dict[str, Any]:
    return {"words": words, "current": current, "url": f"{reverse('admin:catalog_sheet')}?{urlencode(query)}"}
