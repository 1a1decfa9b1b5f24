"""Opening and discarding a draft."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from catalog.actions.drafts import discard_draft, open_draft
from catalog.admin.pages import EDIT, FormPage, Page, sheet_url
from catalog.models import Plan, PlanVersion
from catalog.models.plan import VersionState
from journal.domain.refusal import Refusal


class DraftOpenPage(Page):
    """Only a button leads here: there is nothing to see before the draft exists."""

    permission = EDIT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseNotAllowed(["POST"])

    def post(self, request: HttpRequest, *, plan_id: int) -> HttpResponse:
        plan = get_object_or_404(Plan, pk=plan_id)
        try:
            draft = open_draft(plan=plan, by=self.by, at=self.at)
        except Refusal as refusal:
            self.refuse(refusal)
            return HttpResponseRedirect(sheet_url())
        self.tell(f"{draft} is open. Click a cell to change it; customers see nothing until you publish.")
        return HttpResponseRedirect(sheet_url(version=draft))


class DiscardForm(forms.Form):
    edits = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 2}), required=False)


class DraftDiscardPage(FormPage[DiscardForm]):
    permission = EDIT
    template_name = "catalog/discard.html"
    title = "Discard the draft"

    @property
    def version(self) -> PlanVersion:
        drafts = PlanVersion.objects.select_related("plan").filter(state=VersionState.DRAFT)
        return get_object_or_404(drafts, pk=self.kwargs["version_id"])

    def form(self, *, data: Any = None) -> DiscardForm:
        return DiscardForm(data, initial={"edits": self.version.edits})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.version
        return {**super().get_context_data(**kwargs), "version": version, "back": sheet_url(version=version)}

    def act(self, form: DiscardForm) -> HttpResponse:
        version, given = self.version, form.cleaned_data
        discard_draft(version=version, edits=given["edits"], by=self.by, at=self.at, reason=given["reason"])
        self.tell(f"The draft {version} was discarded.")
        return HttpResponseRedirect(sheet_url(version=version))
