"""Declaring a feature, and editing one: all of it until it is used, then its name, note and group."""

from dataclasses import replace
from functools import cached_property
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.actions.features import create_feature, edit_feature
from catalog.admin.feature_form import FeatureForm, initial_of
from catalog.admin.pages import FormPage
from catalog.admin.rows import refuse_stale, token_of
from catalog.domain.rules import FeatureRules, fitting
from catalog.models import Feature, FeatureGroup
from catalog.queries.uses import first_use, groups_above, published_for_groups

EDIT = "catalog.change_feature"


def feature_url(feature: Feature) -> str:
    return reverse("admin:catalog_feature_change", args=[feature.pk])


class FeatureNewPage(FormPage[FeatureForm]):
    permission = EDIT
    template_name = "catalog/features/form.html"
    title = "New feature"

    def form(self, *, data: Any = None) -> FeatureForm:
        return FeatureForm(data, initial={"group": self.request.GET.get("group")})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "back": reverse("admin:catalog_feature_changelist"),
            "groups": FeatureGroup.objects.exists(),
            "button": "Declare it",
        }

    def act(self, form: FeatureForm) -> HttpResponse:
        given = form.cleaned_data
        assert form.shape is not None  # a valid form has one
        rules = fitting(replace(FeatureRules(), default_reset=form.starts_again), shape=form.shape)
        feature = create_feature(
            shape=form.shape,
            group=given["group"],
            note=given["note"],
            sold_as_add_on=given["sold_as_add_on"],
            rules=rules,
            by=self.by,
            at=self.at,
        )
        reached = published_for_groups(groups=groups_above(feature.group))
        also = f" Who has {', '.join(map(str, reached))} has it at once, through its group." if reached else ""
        self.tell(f"{feature} is declared. Say on the plan sheet which plans give it.{also}")
        return HttpResponseRedirect(feature_url(feature))


class FeatureEditPage(FormPage[FeatureForm]):
    permission = EDIT
    template_name = "catalog/features/form.html"

    @cached_property
    def feature(self) -> Feature:
        return get_object_or_404(Feature.objects.select_related("group"), pk=self.kwargs["feature_id"])

    @cached_property
    def used_by(self) -> Any:
        return first_use(feature=self.feature)

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the feature, not by the page
        return f"Edit {self.feature}"

    def form(self, *, data: Any = None) -> FeatureForm:
        feature = self.feature
        frozen = feature.shape if self.used_by is not None else None
        initial = initial_of(feature, token=token_of(feature))
        return FeatureForm(data, frozen=frozen, fixed_key=feature.key, initial=initial)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "feature": self.feature,
            "used_by": self.used_by,
            "back": feature_url(self.feature),
            "groups": True,
            "button": "Save",
        }

    @transaction.atomic
    def act(self, form: FeatureForm) -> HttpResponse:
        given = form.cleaned_data
        assert form.shape is not None  # a valid form has one
        held = Feature.objects.select_for_update().get(pk=self.feature.pk)
        refuse_stale(given["version_token"], held)
        feature = edit_feature(
            feature=held,
            shape=form.shape,
            group=given["group"],
            note=given["note"],
            sold_as_add_on=given["sold_as_add_on"],
            by=self.by,
            at=self.at,
        )
        self.tell(f"{feature} is saved.")
        return HttpResponseRedirect(feature_url(feature))
