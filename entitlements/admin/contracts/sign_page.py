"""Signing: what the draft does to the customer, line by line, and who has to agree, before the button."""

from typing import Any

from django import forms
from django.http import HttpResponse

from catalog.queries.instants import say_instant, say_until
from entitlements.actions.contract_signing import sign
from entitlements.admin.contracts.forms import DraftForm
from entitlements.admin.contracts.pages import DraftFormPage
from entitlements.admin.contracts.words import capital
from entitlements.admin.life.asking import Stage
from entitlements.models.contract import ContractState
from entitlements.queries.contracts.previewing import Preview, preview_signing
from entitlements.queries.contracts.token import draft_token
from journal.domain.refusal import Refusal

NOTHING_ELSE = "Nothing is different for the customer as things stand."


class SignPage(DraftFormPage):
    template_name = "entitlements/contracts/sign.html"
    title = "What it does"
    leave = "Back to the draft"

    def form(self, *, data: Any = None) -> DraftForm:
        return DraftForm(data, initial={"seen": draft_token(self.version)})

    def act(self, form: forms.Form) -> HttpResponse:
        try:
            version = sign(version=self.version, seen=form.cleaned_data["seen"], by=self.by, at=self.at)
        except Refusal as refusal:
            raise type(refusal)(refusal.message) from refusal  # a line has no field on this page; its number is told
        if version.state == ContractState.REQUESTED:
            return self.done(f"{version} waits for approval; nothing changes until then.", part="page")
        assert version.effective_at is not None  # it is signed
        since = "now" if version.effective_at <= self.at else say_instant(version.effective_at, zone=self.zone)
        return self.done(f"{version} is signed. It is in force from {since} on.", part="page")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = preview_signing(version=self.version, by=self.by, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "found": found,
            "facts": self._facts(found),
            "difference": [line for line in found.lines if line.sort != "same"],
            "stage": Stage(f"From {self._say(found)} on", found.effects, NOTHING_ELSE, later=self._later(found)),
            "refused": [refusal.message for refusal in found.refusals],
            "button": "Ask for approval" if found.waits else "Sign it",
        }

    def _facts(self, found: Preview) -> list[tuple[str, str]]:
        end = found.ends_at
        lasts = "Until notice is given" if end is None else capital(say_until(end, zone=self.zone))
        return [("In force", f"from {self._say(found)} on"), ("Lasts", lasts)]

    def _later(self, found: Preview) -> bool:
        return found.effective_at > self.at

    def _say(self, found: Preview) -> str:
        return say_instant(found.effective_at, zone=self.zone) if self._later(found) else "its signing"
