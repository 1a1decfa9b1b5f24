"""A policy for a tier that has none yet, and what a policy is called."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from journal.admin.pages import FormPage
from support.actions.policies import declare_policy
from support.admin.policies.pages import EDIT, PolicyPage, policy_url
from support.models import SlaPolicy
from support.queries.policy_history import tier_choices


class NameForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120, help_text="As customers know it, such as Priority.")
    note = forms.CharField(
        label="Note", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), help_text="For staff."
    )


class NewForm(NameForm):
    tier = forms.ChoiceField(label="For the support tier", choices=())
    field_order = ("tier", "name", "note")

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        taken = set(SlaPolicy.objects.values_list("tier", flat=True))
        free = [(key, f"{words} ({key})") for key, words in tier_choices().items() if key not in taken]
        chooser = self.fields["tier"]
        assert isinstance(chooser, forms.ChoiceField)
        chooser.choices = free
        if not free:
            chooser.help_text = "Every choice of the support tier has a promise. Add a choice to that feature first."


class NewPage(FormPage[NewForm]):
    permission: ClassVar[str] = EDIT
    template_name = "support/policies/ask.html"
    title = "Promise something for a tier"

    def form(self, *, data: Any = None) -> NewForm:
        return NewForm(data)

    def act(self, form: NewForm) -> HttpResponse:
        given = form.cleaned_data
        policy = declare_policy(tier=given["tier"], name=given["name"], note=given["note"], by=self.by, at=self.at)
        self.tell(f"{policy} is there; it promises nothing until you write what, and put it in force.")
        return HttpResponseRedirect(policy_url(policy, "edit"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        list_url = reverse("admin:support_slapolicy_changelist")
        lead = "A tier is a choice of the feature “Support tier”; whoever has it is owed what its policy promises."
        shown = {"list_url": list_url, "back": list_url, "lead": lead, "button": "Go on"}
        return {**super().get_context_data(**kwargs), **shown}


class RenamePage(PolicyPage, FormPage[NameForm]):
    permission: ClassVar[str] = EDIT
    template_name = "support/policies/ask.html"
    title = "Rename a promise"

    def form(self, *, data: Any = None) -> NameForm:
        return NameForm(data, initial={"name": self.policy.name, "note": self.policy.note})

    def act(self, form: NameForm) -> HttpResponse:
        given = form.cleaned_data
        policy = declare_policy(tier=self.policy.tier, name=given["name"], note=given["note"], by=self.by, at=self.at)
        self.tell(f"{policy} is saved.")
        return HttpResponseRedirect(policy_url(policy))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = f"It stays tied to the tier {self.policy.tier}; customers see the name at once."
        return {**super().get_context_data(**kwargs), "lead": lead, "button": "Save"}
