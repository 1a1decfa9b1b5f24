"""Packages: what each sells as a whole and what that gives, and making a new one."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.drafts import open_draft
from catalog.actions.plans import create_plan
from catalog.admin.pages import EDIT, FormPage, Page, sheet_url
from catalog.domain.groups import INCLUDED
from catalog.domain.sayings import UNLIMITED_WORD
from catalog.domain.values import AddOnEffect, PlanKind
from catalog.models import FeatureGroup
from catalog.models.columns import KEY_RULE
from catalog.queries.packages import packages

SAID = [
    ("", "Not part of it"),
    (INCLUDED, "Included: everything in it that is had or not"),
    (UNLIMITED_WORD, "Unlimited: also every amount in it"),
]


class PackagesPage(Page):
    template_name = "catalog/packages/packages.html"
    title = "Packages"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "packages": packages()}


class PackageForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120, help_text="As customers know it, for example Gold support.")
    key = forms.CharField(
        label="Key",
        max_length=64,
        validators=[KEY_RULE],
        help_text="How engineers call it, for example gold_support. It never changes.",
    )
    audience = forms.CharField(label="Whom it is for", required=False, max_length=500)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.groups = list(FeatureGroup.objects.prefetch_related("features"))
        for group in self.groups:
            inside = ", ".join(feature.name for feature in group.features.all()) or "nothing of its own yet"
            self.fields[self._name(group)] = forms.ChoiceField(
                label=group.name, choices=SAID, required=False, help_text=f"In it: {inside}."
            )

    @staticmethod
    def _name(group: FeatureGroup) -> str:
        return f"group_{group.pk}"

    @property
    def about(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "key", "audience")]

    @property
    def sold(self) -> list[forms.BoundField]:
        return [self[self._name(group)] for group in self.groups]

    @property
    def said(self) -> dict[FeatureGroup, str]:
        given = {group: self.cleaned_data[self._name(group)] for group in self.groups}
        return {group: text for group, text in given.items() if text}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not any(given.get(self._name(group)) for group in self.groups):
            self.add_error(None, "Choose at least one group: a package sells something as a whole.")
        return given


class PackageNewPage(FormPage[PackageForm]):
    permission = EDIT
    template_name = "catalog/packages/new.html"
    title = "New package"

    def form(self, *, data: Any = None) -> PackageForm:
        return PackageForm(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "back": reverse("admin:catalog_packages")}

    @transaction.atomic
    def act(self, form: PackageForm) -> HttpResponse:
        given = form.cleaned_data
        plan = create_plan(
            key=given["key"],
            name=given["name"],
            kind=PlanKind.ADD_ON,
            effect=AddOnEffect.ADDS,
            audience=given["audience"],
            by=self.by,
            at=self.at,
        )
        draft = open_draft(plan=plan, by=self.by, at=self.at)
        writes = [CellWrite(version=draft, subject=group, text=text) for group, text in form.said.items()]
        write_cells(writes=writes, tokens={draft.pk: draft.edits}, by=self.by, at=self.at)
        self.tell(
            f"{plan} has a first draft. What a whole group can’t say, such as an amount, write beside the feature."
        )
        return HttpResponseRedirect(sheet_url(version=draft))
