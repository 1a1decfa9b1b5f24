"""Any two versions side by side, as a page and as CSV."""

import csv
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from catalog.admin.pages import Page
from catalog.domain.formula_guard import guarded
from catalog.models import PlanVersion
from catalog.queries.comparison import Comparison, Row, compare
from catalog.queries.versions import Stage, rollouts_of, stages_of

ALL = "all"


class ComparePage(Page):
    """The two versions stand in the address, so that a comparison can be sent to somebody."""

    template_name = "catalog/compare.html"
    title = "Compare two versions"

    @cached_property
    def versions(self) -> list[PlanVersion]:
        rows = PlanVersion.objects.select_related("plan", "after_trial").prefetch_related("prices")
        return list(rows.order_by("-plan__kind", "plan__position", "plan", "-number"))

    @cached_property
    def _stages(self) -> Mapping[int, Stage]:
        plans = {version.plan for version in self.versions}
        return stages_of(versions=self.versions, rollouts=rollouts_of(plans=plans), at=self.at)

    def _chosen(self, side: str) -> PlanVersion | None:
        typed = self.request.GET.get(side, "")
        if not typed:
            return None
        found = next((version for version in self.versions if str(version.pk) == typed), None)
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        left, right = self._chosen("left"), self._chosen("right")
        found = compare(left, right) if left is not None and right is not None else None
        if found is not None and request.GET.get("format") == "csv":
            return self._table(found)
        return self.render_to_response(self.get_context_data(left=left, right=right, comparison=found))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        comparison, everything = kwargs["comparison"], self.request.GET.get("show") == ALL
        return {
            **super().get_context_data(**kwargs),
            "options": [(version, self._stages[version.pk].words) for version in self.versions],
            "sides": [self._side("left", kwargs["left"]), self._side("right", kwargs["right"])],
            "everything": everything,
            "rows": () if comparison is None else self._rows(comparison),
            "here": self._address(),
            "all_of_it": self._address(show=ALL),
            "turned": self._address(left="right", right="left", show=ALL if everything else ""),
            "as_csv": self._address(format="csv", show=ALL if everything else ""),
        }

    def _side(self, name: str, chosen: PlanVersion | None) -> dict[str, Any]:
        return {"name": name, "label": "This version" if name == "left" else "beside this one", "chosen": chosen}

    def _rows(self, comparison: Comparison) -> tuple[Row, ...]:
        return comparison.rows if self.request.GET.get("show") == ALL else comparison.different

    def _address(self, *, left: str = "left", right: str = "right", **more: str) -> str:
        asked = {"left": self.request.GET.get(left, ""), "right": self.request.GET.get(right, "")}
        return f"{reverse('admin:catalog_compare')}?{urlencode(asked | {k: v for k, v in more.items() if v})}"

    def _table(self, comparison: Comparison) -> HttpResponse:
        """What the page shows, one row each; no cell can start a formula."""
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        name = f"{comparison.left.plan.key}-v{comparison.left.number}-{comparison.right.plan.key}-v{comparison.right.number}"
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        lines = csv.writer(response)
        lines.writerow(["Group", "Feature", "Case", str(comparison.left), str(comparison.right), "For customers"])
        for row in self._rows(comparison):
            told = [row.group, row.name, row.case, row.left.words, row.right.words, row.verdict]
            lines.writerow([guarded(text) for text in told])
        return response
