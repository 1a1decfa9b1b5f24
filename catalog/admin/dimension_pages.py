"""What use of a feature is told apart by: choices one a line, each with how much it counts."""

from functools import cached_property
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from catalog.actions.dimensions import add_dimension, edit_dimension, remove_dimension
from catalog.admin.feature_pages import EDIT, feature_url
from catalog.admin.pages import FormPage
from catalog.admin.rows import refuse_stale, token_of
from catalog.domain.choice_lines import UnreadableLine, Weighed, read_weighed_lines, write_weighed_lines
from catalog.models import Dimension, DimensionChoice, Feature
from catalog.models.columns import KEY_RULE
from catalog.queries.uses import counted_by


class DimensionForm(forms.Form):
    version_token = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(
        label="What tells use apart", max_length=120, help_text="For example AI model, or Context size."
    )
    key = forms.CharField(
        label="Key",
        max_length=64,
        validators=[KEY_RULE],
        help_text="How engineers call it, for example model. It never changes.",
    )
    choices = forms.CharField(
        label="The choices, one a line, each with how much one of it counts",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Write Premium token = 5, or with the engineers’ name for it: premium | Premium token = 5. "
        "Without a number, one counts as one.",
    )
    reason = forms.CharField(
        label="Why", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="It stands in the audit."
    )

    def clean_choices(self) -> tuple[Weighed, ...]:
        try:
            return read_weighed_lines(self.cleaned_data["choices"])
        except UnreadableLine as mistake:
            raise forms.ValidationError(str(mistake)) from mistake


class DimensionPage(FormPage[DimensionForm]):
    permission = EDIT
    template_name = "catalog/features/dimension.html"

    @cached_property
    def feature(self) -> Feature:
        return get_object_or_404(Feature, pk=self.kwargs["feature_id"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "feature": self.feature, "back": feature_url(self.feature)}

    def done(self, message: str) -> HttpResponse:
        self.tell(message)
        return HttpResponseRedirect(feature_url(self.feature))


class DimensionAddPage(DimensionPage):
    title = "Tell use apart"

    def form(self, *, data: Any = None) -> DimensionForm:
        return DimensionForm(data)

    def act(self, form: DimensionForm) -> HttpResponse:
        given = form.cleaned_data
        dimension = add_dimension(
            feature=self.feature,
            key=given["key"],
            name=given["name"],
            choices=given["choices"],
            reason=given["reason"],
            by=self.by,
            at=self.at,
        )
        return self.done(f"Use of {self.feature} is told apart by {dimension.name}.")


class DimensionEditPage(DimensionPage):
    @cached_property
    def dimension(self) -> Dimension:
        dimensions = Dimension.objects.select_related("feature")
        return get_object_or_404(dimensions, pk=self.kwargs["dimension_id"], feature=self.feature)

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the dimension, not by the page
        return str(self.dimension)

    def form(self, *, data: Any = None) -> DimensionForm:
        rows = list(self.dimension.choices.all())
        weighed = tuple(Weighed(row.key, row.name, row.weight_thousandths) for row in rows)
        initial = {
            "version_token": token_of(self.dimension, *rows),
            "name": self.dimension.name,
            "choices": write_weighed_lines(weighed),
        }
        form = DimensionForm(data, initial=initial)
        del form.fields["key"]
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        used = counted_by(choices=list(self.dimension.choices.all()))
        return {**super().get_context_data(**kwargs), "dimension": self.dimension, "used_by": used}

    @transaction.atomic
    def act(self, form: DimensionForm) -> HttpResponse:
        given = form.cleaned_data
        held = Dimension.objects.select_for_update(of=("self",)).select_related("feature").get(pk=self.dimension.pk)
        refuse_stale(given["version_token"], held, *DimensionChoice.objects.filter(dimension=held))
        edit_dimension(
            dimension=held,
            name=given["name"],
            choices=given["choices"],
            reason=given["reason"],
            by=self.by,
            at=self.at,
        )
        return self.done(f"{held} is saved.")


class RemoveForm(forms.Form):
    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 2}), required=False)


class DimensionRemovePage(FormPage[RemoveForm]):
    permission = EDIT
    template_name = "catalog/features/remove_dimension.html"
    title = "Stop telling use apart"

    @cached_property
    def dimension(self) -> Dimension:
        dimensions = Dimension.objects.select_related("feature")
        return get_object_or_404(dimensions, pk=self.kwargs["dimension_id"], feature=self.kwargs["feature_id"])

    def form(self, *, data: Any = None) -> RemoveForm:
        return RemoveForm(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {"dimension": self.dimension, "back": feature_url(self.dimension.feature)}
        return {**super().get_context_data(**kwargs), **context}

    def act(self, form: RemoveForm) -> HttpResponse:
        dimension = self.dimension
        remove_dimension(dimension=dimension, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        self.tell(f"Use of {dimension.feature} is no longer told apart by {dimension.name}.")
        return HttpResponseRedirect(feature_url(dimension.feature))
