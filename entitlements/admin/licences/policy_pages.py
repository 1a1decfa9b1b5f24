"""Setting up how licences behave, changing it with a look at who feels it, and telling of releases."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from entitlements.actions.licences.policies import (
    PERMISSION,
    edit_policy,
    retire_policy,
    set_up_policy,
    tell_release,
    token_of,
    withdraw_release,
)
from entitlements.admin.licences.policy_form import PolicyForm, ReleaseForm, RetireForm, WithdrawForm, as_it_stands
from entitlements.admin.licences.words import plural, say_day, sentences
from entitlements.models import LicencePolicy, Release
from entitlements.queries.licences.lists import touched_by
from journal.admin.pages import FormPage

VIEW_POLICY = "entitlements.view_licencepolicy"
CONFIRM, CHANGE = "confirm", "change"


def policy_url(policy: LicencePolicy, page: str = "change", *arguments: Any) -> str:
    return reverse(f"admin:entitlements_licencepolicy_{page}", args=[policy.pk, *arguments])


class PolicyFormPage(FormPage[Any]):
    """Only whoever may see policies learns which there are."""

    permission: ClassVar[str] = PERMISSION
    button: ClassVar[str] = ""
    lead: ClassVar[str] = ""
    danger: ClassVar[bool] = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW_POLICY):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def policy(self) -> LicencePolicy:
        rows = LicencePolicy.objects.select_related("plan", "activation_feature")
        return get_object_or_404(rows, pk=self.kwargs["policy"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "policy": self.policy if "policy" in self.kwargs else None,
            "back": policy_url(self.policy) if "policy" in self.kwargs else reverse(LIST),
            "button": self.button,
            "lead": self.lead,
            "danger": self.danger,
        }

    def done(self, policy: LicencePolicy, message: str) -> HttpResponse:
        self.tell(message)
        return HttpResponseRedirect(policy_url(policy))


LIST = "admin:entitlements_licencepolicy_changelist"


class PolicyNewPage(PolicyFormPage):
    template_name = "entitlements/licences/policy_form.html"
    title = "Set up a policy"
    button = "Set it up"

    def form(self, *, data: Any = None) -> PolicyForm:
        return PolicyForm(data, initial={"bound_to": "device", "overage": "none"})

    def act(self, form: PolicyForm) -> HttpResponse:
        policy = set_up_policy(key=form.cleaned_data["key"], terms=form.terms(), by=self.by, at=self.at)
        return self.done(policy, f"{policy} is set up.")


class PolicyEditPage(PolicyFormPage):
    """Two steps on one address: the form, and whom the change touches."""

    template_name = "entitlements/licences/policy_form.html"
    title = "Change a policy"
    button = "Look at the change"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") == CHANGE:
            return self.render_to_response(self.get_context_data(form=self.form(data=request.POST)))
        return super().post(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> PolicyForm:
        told = {**as_it_stands(self.policy), "seen": token_of(self.policy)}
        return PolicyForm(data, policy=self.policy, initial=told)

    def act(self, form: PolicyForm) -> HttpResponse:
        if self.request.POST.get("step") != CONFIRM:
            return self.render_to_response(self.get_context_data(form=form, preview=self._preview(form)))
        given = form.cleaned_data
        policy = edit_policy(
            policy=self.policy, terms=form.terms(), reason=given["reason"], seen=given["seen"], by=self.by, at=self.at
        )
        return self.done(policy, f"{policy} was changed.")

    def _preview(self, form: PolicyForm) -> dict[str, Any]:
        """What the policy would say, sentence by sentence, beside what it says now."""
        terms, now = form.terms(), list(sentences(self.policy))
        changed = LicencePolicy(**{name: getattr(terms, name) for name in as_it_stands(self.policy)})
        told = list(sentences(changed))
        licences, accounts = touched_by(self.policy, at=self.at)
        return {
            "changes": [pair for pair in zip(now, told, strict=True) if pair[0] != pair[1]],
            "touched": f"{plural(licences, 'licence')} of {plural(accounts, 'customer')}" if licences else "",
        }


class PolicyRetirePage(PolicyFormPage):
    template_name = "entitlements/licences/policy_ask.html"
    title = "Retire a policy"
    button = "Retire it"
    lead = "No licence is issued under it any more, by hand or with a purchase. Those that are out go on as they are."
    danger = True

    def form(self, *, data: Any = None) -> forms.Form:
        return RetireForm(data)

    def act(self, form: Any) -> HttpResponse:
        policy = retire_policy(policy=self.policy, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self.done(policy, f"{policy} is retired.")


class ReleaseTellPage(PolicyFormPage):
    template_name = "entitlements/licences/policy_ask.html"
    title = "Tell of a release"
    button = "Tell of it"
    lead = (
        "A licence covers versions that came out up to the last day of its maintenance. Of a version that nobody has "
        "told of, a licence with such a day can’t say anything, so it is refused."
    )

    def form(self, *, data: Any = None) -> forms.Form:
        return ReleaseForm(data, initial={"released_on": self.at.date()})

    def act(self, form: Any) -> HttpResponse:
        release = tell_release(policy=self.policy, **form.cleaned_data, by=self.by, at=self.at)
        return self.done(self.policy, f"{release.version} came out on {say_day(release.released_on)}.")


class ReleaseWithdrawPage(PolicyFormPage):
    template_name = "entitlements/licences/policy_ask.html"
    title = "Withdraw a release"
    button = "Withdraw it"
    lead = "It was told of by mistake: licences with a last day of maintenance refuse this version from now on."
    danger = True

    @cached_property
    def release(self) -> Release:
        return get_object_or_404(Release, pk=self.kwargs["release"], policy=self.policy)

    def form(self, *, data: Any = None) -> forms.Form:
        return WithdrawForm(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "release": self.release, "day": say_day(self.release.released_on)}

    def act(self, form: Any) -> HttpResponse:
        version, reason = self.release.version, form.cleaned_data["reason"]
        withdraw_release(release=self.release, reason=reason, by=self.by, at=self.at)
        return self.done(self.policy, f"{version} is withdrawn.")
