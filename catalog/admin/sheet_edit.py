"""What the sheet asks the desk while somebody works in it: write, read, open a draft, look again, reorder. JSON in
and out; what is refused comes back as a problem document (RFC 9457), with the cells and the people it is about.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse, QueryDict

from catalog.actions.arrangement import order_plans
from catalog.actions.cells import BadCells, CellWrite, write_cells
from catalog.actions.drafts import open_draft
from catalog.admin.pages import EDIT, Page, sheet_url
from catalog.admin.sheet_asked import Asked, parse_asked, parse_keys
from catalog.admin.sheet_parts import SheetParts
from catalog.models import Plan, PlanVersion
from catalog.queries.draft_edits import edits_since
from catalog.queries.instants import say_instant
from catalog.queries.overtyped import Overtyped, left_out
from catalog.queries.readings import read_texts
from catalog.queries.sheet import sheet
from journal.api.problems import problem, status_of
from journal.domain.refusal import Invalid, NotFound, Refusal, Stale

LONGEST = 2_000_000  # bytes; the whole sheet in one paste is far less


class SheetEndpoint(Page):
    """One thing the sheet asks; only by POST."""

    http_method_names = ("post",)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except PermissionDenied:
            return problem(403, code="not_allowed", title="Not allowed", detail="Your role doesn’t allow this.")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return JsonResponse(self.answer(self._body()))
        except Refusal as refusal:
            return self._refused(refusal)

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def _body(self) -> Mapping[str, Any]:
        if len(self.request.body) > LONGEST:
            raise Invalid("That is more than the whole sheet; copy fewer cells at once.")
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise Invalid("The request is not JSON.") from error
        if not isinstance(body, dict):
            raise Invalid("The request is not a JSON object.")
        return body

    def _refused(self, refusal: Refusal, **told: Any) -> HttpResponse:
        status = status_of(refusal)
        return problem(status, code=refusal.code, title=status.phrase, detail=refusal.message, **told)

    def columns(self, plans: Sequence[int], *, wanted: Callable[[str], bool] = lambda key: True) -> dict[str, Any]:
        """The columns of these plans as they stand now, with the cells of the rows wanted."""
        shown = sheet(at=self.at, only=plans)
        parts = SheetParts(self.request, sheet=shown, zone=self.zone)
        return {
            "columns": [{"plan": column.plan.pk, "html": parts.head(column)} for column in shown.columns],
            "cells": [
                {"plan": cell.column.plan.pk, "subject": row.key, "case": row.case_key, "html": parts.cell(cell)}
                for row in shown.rows
                if wanted(row.key)
                for cell in row.cells
            ],
        }


class CellsWritePage(SheetEndpoint):
    """Write cells of drafts: all, or none."""

    permission = EDIT

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            asked = parse_asked(self._body())
            writes = [CellWrite(cell.version, cell.subject, cell.text, cell.case) for cell in asked.cells]
            return self._write(asked, writes)
        except Refusal as refusal:
            return self._refused(refusal)

    def _write(self, asked: Asked, writes: Sequence[CellWrite]) -> HttpResponse:
        try:
            write_cells(writes=writes, tokens=asked.tokens, by=self.by, at=self.at)
        except BadCells as bad:
            told = [{"index": writes.index(write), "sentence": sentence} for write, sentence in bad.cells]
            return problem(422, code=bad.code, title="Some cells can’t be read", detail=bad.message, bad=told)
        except Stale as stale:
            return self._refused(stale, **self._overtaken(asked.tokens))
        except Refusal as refusal:
            overtaken = self._overtaken(asked.tokens)
            return self._refused(refusal, **(overtaken if overtaken["plans"] else {}))
        whole = any(cell.key.startswith("g") for cell in asked.cells)
        touched = {cell.key for cell in asked.cells}
        lost = enumerate(_left_out(asked))
        left = [{"index": index, "sentence": sentence} for index, sentence in lost if sentence]
        return JsonResponse({**self.columns(asked.plans, wanted=lambda key: whole or key in touched), "left": left})

    def _overtaken(self, tokens: Mapping[int, int]) -> dict[str, Any]:
        """Which plans moved on, and who did what there."""
        standing = {version.pk: version for version in PlanVersion.objects.filter(pk__in=tokens)}
        gone = {pk for pk in tokens if pk not in standing or not standing[pk].is_draft}
        moved = [pk for pk, edits in tokens.items() if pk in gone or standing[pk].edits != edits]
        edits = [edit for pk in moved for edit in edits_since(version_id=pk, edits=tokens[pk])]
        plans = PlanVersion.history.filter(id__in=moved).values_list("plan_id", flat=True).distinct()
        return {"plans": sorted(set(plans)), "gone": bool(gone), "edits": said(edits, zone=self.zone)}


class CellsReadPage(SheetEndpoint):
    """What cells would mean, without writing them."""

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        asked = parse_asked({**body, "writes": body.get("cells", [])}, in_versions=False)
        reads = read_texts([(cell.subject, cell.text) for cell in asked.cells])
        told = zip(reads, _left_out(asked), strict=True)
        return {"cells": [{"words": read.words, "sentence": read.sentence, "left": left} for read, left in told]}


class ColumnsPage(SheetEndpoint):
    """Columns as they stand now, after somebody else worked in them."""

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self.columns(parse_keys(body, "plans"))


class SheetDraftPage(SheetEndpoint):
    """Open a draft and go on writing in it."""

    permission = EDIT

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            (key,) = parse_keys({"plans": [self._body().get("plan")]}, "plans")
            plan = Plan.objects.filter(pk=key).first()
            if plan is None:
                raise NotFound("There is no such plan any more; reload the sheet.")
            standing = plan.versions.order_by("-number").first()
            if standing is not None and standing.is_draft:
                # Somebody else opened it meanwhile: what they wrote must be seen before anything is written over it.
                edits = said(edits_since(version_id=standing.pk, edits=-1), zone=self.zone)
                detail = f"{standing} is open already: someone else opened it since you loaded the sheet."
                return self._refused(Stale(detail), plans=[plan.pk], gone=False, edits=edits)
            open_draft(plan=plan, by=self.by, at=self.at)
            return JsonResponse(self.columns([plan.pk]))
        except Refusal as refusal:
            return self._refused(refusal)


class SheetOrderPage(SheetEndpoint):
    """Put plans, or add-ons, into another order: from the sheet as JSON, or by the buttons of a column's menu."""

    permission = EDIT

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if request.content_type == "application/json" else self._step()

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        was, plans = parse_keys(body, "was"), parse_keys(body, "plans")
        order_plans(plans=plans, was=was, by=self.by, at=self.at)
        return {}

    def _step(self) -> HttpResponse:
        """One place to the left or right; a button needs no order that was seen."""
        given = self.request.POST
        plan = Plan.objects.filter(pk=_number(given.get("plan"))).first()
        if plan is not None:
            order = list(Plan.objects.filter(kind=plan.kind).order_by("position", "pk").values_list("pk", flat=True))
            place = order.index(plan.pk)
            other = place + (1 if given.get("by") == "1" else -1)
            if 0 <= other < len(order):
                after = order.copy()
                after[place], after[other] = after[other], after[place]
                order_plans(plans=after, was=order, by=self.by, at=self.at)
        query = QueryDict(given.get("query", "")).urlencode()
        return HttpResponseRedirect(sheet_url() + (f"?{query}" if query else ""))


def _left_out(asked: Asked) -> Sequence[str]:
    return left_out([Overtyped(cell.subject, cell.stood, cell.text) for cell in asked.cells])


def said(edits: Sequence[Any], *, zone: str) -> list[dict[str, str]]:
    return [{"who": edit.who, "when": say_instant(edit.at, zone=zone), "said": edit.said} for edit in edits]


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
