"""Naming a plan or an add-on."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect

from catalog.actions.drafts import open_draft
from catalog.actions.plans import create_plan
from catalog.admin.pages import EDIT, FormPage, sheet_url
from catalog.domain.values import AddOnEffect, PlanKind
from catalog.models.columns import KEY_RULE

EFFECTS = [
    (AddOnEffect.ADDS, "It adds to what the plan gives"),
    (AddOnEffect.REPLACES, "It replaces what the plan gives"),
]


class NamingForm(forms.Form):
    kind = forms.ChoiceField(
        label="What it is",
        choices=[(PlanKind.PLAN, "A plan"), (PlanKind.ADD_ON, "An add-on")],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label="Name", max_length=120, help_text="As customers know it, for example Extra storage.")
    key = forms.CharField(
        label="Key",
        max_length=64,
        validators=[KEY_RULE],
        help_text="How engineers call it, for example extra_storage. It never changes.",
    )
    effect = forms.ChoiceField(
        label="Beside a plan (add-ons only)", choices=EFFECTS, initial=AddOnEffect.ADDS, widget=forms.RadioSelect
    )
    audience = forms.CharField(label="Whom it is for", required=False, max_length=500)


class NamingPage(FormPage[NamingForm]):
    permission = EDIT
    template_name = "catalog/naming.html"
    title = "New plan or add-on"

    def form(self, *, data: Any = None) -> NamingForm:
        kind = PlanKind.ADD_ON if self.request.GET.get("kind") == PlanKind.ADD_ON else PlanKind.PLAN
        return NamingForm(data, initial={"kind": kind, "effect": AddOnEffect.ADDS})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "back": sheet_url()}

    @transaction.atomic
    def act(self, form: NamingForm) -> HttpResponse:
        given = form.cleaned_data
        plan = create_plan(
            key=given["key"],
            name=given["name"],
            kind=PlanKind(given["kind"]),
            effect=AddOnEffect(given["effect"]),
            audience=given["audience"],
            by=self.by,
            at=self.at,
        )
        draft = open_draft(plan=plan, by=self.by, at=self.at)
        self.tell(f"{plan} has a first draft. Click a cell in its column to say what it gives.")
        return HttpResponseRedirect(sheet_url(version=draft))
