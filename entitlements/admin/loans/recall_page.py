"""Recalling a loan: who loses what, or has it again, before the button."""

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from entitlements.actions.loans import recall, refuse_recall
from entitlements.admin.fields import ReasonField
from entitlements.admin.loans.effects import LOOKED_AT, alike
from entitlements.admin.pages import VIEW
from entitlements.models import Loan
from entitlements.queries.lending import effects_of_recall, judge_recall
from entitlements.queries.loans import how_long, loans, parts_of, to_whom, token_of, what_is_lent
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal


class RecallForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField()


class RecallPage(FormPage[RecallForm]):
    permission = "entitlements.revoke_override"
    template_name = "entitlements/loans/recall.html"
    title = "Recall a loan"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def loan(self) -> Loan:
        return get_object_or_404(loans(), pk=self.kwargs["loan_id"])

    @property
    def zone(self) -> str:
        return super().zone if self.loan.account is None else self.loan.account.zone

    def form(self, *, data: Any = None) -> RecallForm:
        return RecallForm(data, initial={"seen": token_of(self.loan)})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lasting = [part for part in parts_of(self.loan) if part.lasts(self.at)]
        effects = effects_of_recall(lasting[:LOOKED_AT], starts_at=self.loan.starts_at, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "title": f"Recall {what_is_lent(self.loan)}",
            "loan": self.loan,
            "what": what_is_lent(self.loan),
            "whom": to_whom(self.loan),
            "how_long": how_long(self.loan),
            "parts": len(lasting),
            "looked_at": LOOKED_AT,
            "groups": alike(effects),
            "single": self.loan.account is not None,
            "nothing": self._nothing(),
            "judged": judge_recall(self.loan, lasting, by=self.by, at=self.at),
            "back": reverse("admin:entitlements_loan_change", args=[self.loan.pk]),
        }

    def _nothing(self) -> str:
        try:
            refuse_recall(self.loan, at=self.at)
        except Refusal as refusal:
            return refusal.message
        return ""

    def act(self, form: RecallForm) -> HttpResponse:
        given = form.cleaned_data
        row = recall(loan=self.loan, reason=given["reason"], by=self.by, at=self.at, seen=given["seen"])
        self.tell(f"{what_is_lent(row)} is recalled: {to_whom(row)} has it no longer.")
        return HttpResponseRedirect(reverse("admin:entitlements_loan_change", args=[row.pk]))
