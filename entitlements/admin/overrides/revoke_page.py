"""Revoking an override: what the customer will have stands before the button."""

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.actions.overrides import revoke, words_of
from entitlements.admin.answers import in_words
from entitlements.admin.contracts.pages import contract_url
from entitlements.admin.fields import ReasonField
from entitlements.admin.pages import AccountFormPage
from entitlements.models import Account, Contract, Override
from entitlements.queries.concessions import Place, place_of, token_of
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.policies import judge_revocation
from entitlements.queries.preview import without_override


class RevokeForm(forms.Form):
    """`seen` is the token of the override as the page showed it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField()


class RevokePage(AccountFormPage):
    """Reached by the override's own number; what changes for the customer stands before the button."""

    permission = "entitlements.revoke_override"
    template_name = "entitlements/revoke.html"
    title = "Revoke an override"

    @cached_property
    def override(self) -> Override:
        rows = Override.objects.select_related("feature", "account__market", "account__owner", "subscription")
        return get_object_or_404(rows, pk=self.kwargs["override_id"])

    @cached_property
    def account(self) -> Account:
        return self.override.account

    @cached_property
    def contract(self) -> Contract | None:
        """The contract that made it, and alone changes it."""
        line = self.override.contract_line_id
        return None if line is None else Contract.objects.filter(versions__lines=line).first()

    def form(self, *, data: Any = None) -> RevokeForm:
        return RevokeForm(data, initial={"seen": token_of(self.override)})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        override = self.override
        key, when = override.feature.key, max(override.starts_at, self.at)
        before = in_words(entitlements_of(account=self.account, at=when)[key])
        after = in_words(without_override(override=override, at=self.at)[key])
        return {
            **super().get_context_data(**kwargs),
            "override": override,
            "what": words_of(override),
            "contract": self.contract,
            "contract_url": contract_url(self.contract) if self.contract else "",
            "revocable": self.contract is None and place_of(override, at=self.at) in {Place.IN_FORCE, Place.TO_COME},
            "before": before,
            "after": after,
            "same": before == after,
            "judged": judge_revocation(override=override, by=self.by, at=self.at),
        }

    def act(self, form: forms.Form) -> HttpResponse:
        given = form.cleaned_data
        told = {"reason": given["reason"], "seen": given["seen"] or None}
        revoke(override=self.override, **told, by=self.by, at=self.at)
        return self.done(f"The override on {self.override.feature} is revoked.", part="overrides")
