"""The draft of a contract: what it says so far, its terms, and giving it up."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from entitlements.actions.contract_drafts import amend, discard, set_terms
from entitlements.admin.contracts.forms import DraftForm, TermsForm, terms_typed
from entitlements.admin.contracts.pages import ContractFormPage, DraftFormPage, contract_url
from entitlements.admin.contracts.words import terms_facts
from entitlements.models import ContractVersion
from entitlements.queries.contracts.difference import LineDifference, difference, terms_difference
from entitlements.queries.contracts.token import draft_token
from entitlements.queries.contracts.versions import last_signed
from entitlements.queries.reasons import reason_codes

SORTS = {"added": ("New", "in_force"), "changed": ("Changed", "waiting"), "removed": ("Taken out", "closed")}


class DraftPage(DraftFormPage):
    """What the draft says so far, marked where it differs from what is in force; each part is changed on its own."""

    template_name = "entitlements/contracts/draft.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Draft of {self.contract.key}"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseNotAllowed(["GET"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before = last_signed(self.contract)
        return {
            **super().get_context_data(**kwargs),
            "contract_page": contract_url(self.contract),
            "before": before,
            "facts": terms_facts(self.version),
            "terms": terms_difference(before, self.version, at=self.at),
            "lines": self._lines(before),
            **{f"{name}_url": contract_url(self.contract, page) for name, page in self._ways()},
        }

    def _ways(self) -> tuple[tuple[str, str], ...]:
        return (
            ("terms", "terms"),
            ("add_plan", "line_plan"),
            ("add_feature", "line_feature"),
            ("sign", "sign"),
            ("discard", "discard"),
        )

    def _lines(self, before: ContractVersion | None) -> list[dict[str, Any]]:
        notes = dict(self.version.lines.values_list("number", "note"))
        return [self._line(line, notes, amends=before is not None) for line in difference(before, self.version)]

    def _line(self, line: LineDifference, notes: Mapping[int, str], *, amends: bool) -> dict[str, Any]:
        word, colour = SORTS.get(line.sort, ("", "")) if amends else ("", "")
        there = line.number in notes
        return {
            **{name: getattr(line, name) for name in ("number", "sort", "before", "after")},
            "word": word,
            "colour": colour,
            "note": notes.get(line.number, ""),
            "edit": contract_url(self.contract, "line_edit", line.number) if there else "",
            "remove": contract_url(self.contract, "line_remove", line.number) if there else "",
        }


class TermsPage(DraftFormPage):
    title = "Terms"
    button = "Keep these terms"

    def form(self, *, data: Any = None) -> TermsForm:
        initial = {"seen": draft_token(self.version), **terms_typed(self.version)}
        amends, own = last_signed(self.contract) is not None, self.version.reason_code
        codes = [*reason_codes(), *([own] if own is not None and own.retired_at else [])]
        return TermsForm(data, zone=self.version.zone, codes=codes, amends=amends, initial=initial)

    def act(self, form: TermsForm) -> HttpResponse:
        set_terms(version=self.version, **form.asked(), by=self.by, at=self.at)
        return self.done("The terms of the draft were changed.")


class AmendPage(ContractFormPage):
    """One button: the draft of the next version, which says what the version in force says until it is changed."""

    title = "Amend the contract"
    button = "Draft the amendment"

    def form(self, *, data: Any = None) -> forms.Form:
        return forms.Form(data)

    def act(self, form: forms.Form) -> HttpResponse:
        version = amend(contract=self.contract, by=self.by, at=self.at)
        self.tell(f"Version {version.number} is drafted. Until it is signed, the contract goes on as it is.")
        return HttpResponseRedirect(contract_url(self.contract, "draft"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        intro = (
            "The amendment begins as a copy of what is in force. Change its lines and its terms, see what that does, "
            "and sign it. What is past is never rewritten: it holds from its own day on."
        )
        return {**super().get_context_data(**kwargs), "intro": intro}


class DiscardPage(DraftFormPage):
    title = "Give the draft up?"
    button = "Give it up"
    leave = "Keep it"
    danger = True

    def form(self, *, data: Any = None) -> DraftForm:
        return DraftForm(data, initial={"seen": draft_token(self.version)})

    def act(self, form: forms.Form) -> HttpResponse:
        discard(version=self.version, seen=form.cleaned_data["seen"], by=self.by, at=self.at)
        return self.done("The draft was given up; it never held.", part="page")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        amends = last_signed(self.contract) is not None
        rest = "The contract goes on as it is." if amends else "Nothing of it was ever in force."
        return {**super().get_context_data(**kwargs), "intro": f"{self.version} is not signed. {rest}"}
