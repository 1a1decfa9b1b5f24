"""One cell of a draft: what it says, what stood on the price page, and a form to change it."""

from functools import cached_property
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from catalog.actions.terms import set_term
from catalog.admin.pages import EDIT, FormPage, sheet_url
from catalog.admin.term_form import TermForm
from catalog.models import Feature, PlanTerm, PlanVersion
from catalog.models.plan import VersionState
from catalog.queries.terms import general_term, say_cell
from catalog.queries.versions import newest_published


class TermEditPage(FormPage[TermForm]):
    permission = EDIT
    template_name = "catalog/term_edit.html"

    @cached_property
    def version(self) -> PlanVersion:
        drafts = PlanVersion.objects.select_related("plan").filter(state=VersionState.DRAFT)
        return get_object_or_404(drafts, pk=self.kwargs["version_id"])

    @cached_property
    def feature(self) -> Feature:
        return get_object_or_404(Feature.objects.select_related("group"), pk=self.kwargs["feature_id"])

    @cached_property
    def term(self) -> PlanTerm | None:
        return general_term(version=self.version, feature=self.feature)

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the cell, not by the page
        return f"{self.version.plan}: {self.feature}"

    def form(self, *, data: Any = None) -> TermForm:
        return TermForm(data, feature=self.feature, term=self.term, edits=self.version.edits)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        published = newest_published(plan=self.version.plan)
        then = general_term(version=published, feature=self.feature) if published else None
        return {
            **super().get_context_data(**kwargs),
            "version": self.version,
            "feature": self.feature,
            "term": self.term,
            "words": say_cell(self.term, feature=self.feature) if self.term else "",
            "was": say_cell(then, feature=self.feature) if then else "",
            "back": sheet_url(version=self.version, feature_key=self.feature.key),
        }

    def act(self, form: TermForm) -> HttpResponse:
        given = form.cleaned_data
        term = set_term(
            version=self.version,
            feature=self.feature,
            reading=form.reading,
            edits=given["edits"],
            rules=form.rules,
            sold_as=given["sold_as"],
            reason=given["reason"],
            by=self.by,
            at=self.at,
        )
        self.tell(f"{self.version}: {self.feature} now says “{say_cell(term, feature=self.feature)}”.")
        return HttpResponseRedirect(sheet_url(version=self.version, feature_key=self.feature.key))
