"""An earlier version of a policy taken up again, as a draft."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from entitlements.admin.fields import ReasonField
from journal.admin.pages import FormPage
from support.actions.policies import restore_policy
from support.admin.policies.pages import EDIT, PolicyPage, policy_url
from support.models import SlaPolicyVersion
from support.queries.policies import policy_token


class AskForm(forms.Form):
    """`seen` is the policy as the form showed it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField(help_text="It stands beside the version for good.")


class RestorePage(PolicyPage, FormPage[AskForm]):
    """A draft with the content of an old version; nothing counts by it yet."""

    permission: ClassVar[str] = EDIT
    template_name = "support/policies/ask.html"
    title = "Take up an earlier version"

    @cached_property
    def version(self) -> SlaPolicyVersion:
        return get_object_or_404(self.policy.versions, number=self.kwargs["number"])

    def form(self, *, data: Any = None) -> AskForm:
        return AskForm(data, initial={"seen": policy_token(self.policy)})

    def act(self, form: AskForm) -> HttpResponse:
        given = form.cleaned_data
        version = restore_policy(
            version=self.version, note=given["reason"], seen=given["seen"] or None, by=self.by, at=self.at
        )
        self.tell(f"{version} is drafted: it promises what version {self.version.number} promised.")
        return HttpResponseRedirect(policy_url(self.policy, "preview"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = (
            f"A draft is written that promises what version {self.version.number} promised. "
            "It changes nothing until it is put in force, and you see what it does first."
        )
        return {**super().get_context_data(**kwargs), "lead": lead, "button": "Draft it anew"}
