"""Trying a licence: ask what software at the customer would ask, and see the answer that it would get.

The question goes by POST: a key is a secret, and an address is kept in many places. Nothing is counted.
"""

import json
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from catalog.models import Feature
from entitlements.admin.evidence.question_form import matches
from entitlements.admin.licences.pages import VIEW, licence_url
from entitlements.admin.licences.words import shown_key
from entitlements.models import Licence
from entitlements.queries.licences.trying import Tried, tried
from journal.admin.fields import WholeNumberField
from journal.admin.pages import FormPage

OFF = {"autocomplete": "off", "spellcheck": "false"}
LONGEST = 200


class TryForm(forms.Form):
    key = forms.CharField(
        label="Licence", max_length=LONGEST, widget=forms.TextInput(attrs=OFF),
        help_text="A whole key, or its beginning such as el_ab12cd34 where the customer reads that out.",
        error_messages={"required": "Type a key, or its beginning."},
    )  # fmt: skip
    fingerprint = forms.CharField(
        label="Where it runs", required=False, max_length=LONGEST, widget=forms.TextInput(attrs=OFF),
        help_text="The fingerprint of the device or instance, or the domain.",
    )  # fmt: skip
    environment = forms.CharField(label="Environment", required=False, max_length=40, help_text="Such as production.")
    version = forms.CharField(label="Version of the software", required=False, max_length=80)
    feature = forms.CharField(
        label="Feature", required=False, widget=forms.TextInput(attrs={"list": "features", **OFF}),
        help_text="Empty: whether the licence itself is good.",
    )  # fmt: skip
    quantity = WholeNumberField(label="How much", required=False, min_value=1, help_text="In the smallest unit. Empty: anything at all.")  # fmt: skip

    def clean_feature(self) -> Feature | None:
        typed = self.cleaned_data["feature"].strip()
        found = matches(list(Feature.objects.select_related("group")), typed) if typed else []
        if typed and len(found) != 1:
            raise forms.ValidationError("That is not one feature: choose it from the list by its whole name.")
        return found[0] if found else None


class TryPage(FormPage[TryForm]):
    permission: ClassVar[str] = VIEW
    template_name = "entitlements/licences/try.html"
    title = "Try a licence"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """No browser keeps what was typed, nor the answer."""
        response = super().post(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def form(self, *, data: Any = None) -> TryForm:
        prefix = self.request.GET.get("prefix", "").replace("\x00", "")[:24]
        return TryForm(data, initial={"key": f"el_{prefix}"} if prefix else {})

    def act(self, form: TryForm) -> HttpResponse:
        given = dict(form.cleaned_data)
        feature = given.pop("feature")
        found = tried(**given, feature=feature.key if feature else "", at=self.at)
        return self.render_to_response(self.get_context_data(form=form, answer=self._said(found)))

    def _said(self, found: Tried) -> dict[str, Any]:
        row = found.licence
        return {
            "found": found,
            "licence": row,
            "key": shown_key(row.prefix) if row else "",
            "url": licence_url(row) if row else "",
            "json": json.dumps(found.answer, indent=2, ensure_ascii=False),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "features": Feature.objects.select_related("group")}


def try_url(licence: Licence) -> str:
    return f"{reverse('admin:entitlements_licence_try')}?{urlencode({'prefix': licence.prefix})}"
