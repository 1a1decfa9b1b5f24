"""Let use start again, with a reason: what is used now, what it becomes, what stays."""

from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.domain.words import say_value
from entitlements.actions.usage.resets import PERMISSION, reset_usage
from entitlements.admin.counters.lines import whose
from entitlements.admin.fields import ReasonField
from entitlements.admin.pages import AccountFormPage
from entitlements.models import UsageCounter
from entitlements.queries.usage.resettable import Resettable, resettable
from journal.domain.refusal import Refusal


class ResetForm(forms.Form):
    """`seen` tells the period and the last reset as the form showed them."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField()


class ResetPage(AccountFormPage):
    permission: ClassVar[str] = PERMISSION
    template_name = "entitlements/counters/reset.html"

    @cached_property
    def counter(self) -> UsageCounter:
        rows = UsageCounter.objects.select_related("feature", "account")
        return get_object_or_404(rows, pk=self.kwargs["counter"], account=self.account)

    @cached_property
    def found(self) -> Resettable | Refusal:
        """What would be reset, or why nothing can be."""
        row = self.counter
        try:
            return resettable(self.account, row.feature, subject=row.subject, choice=row.choice, at=self.at)
        except Refusal as refusal:
            return refusal

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(self.found, Refusal):
            self.refuse(self.found)
            return HttpResponseRedirect(self._counter_url())
        return super().get(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> ResetForm:
        seen = self.found.token if isinstance(self.found, Resettable) else ""
        return ResetForm(data, initial={"seen": seen})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found, own = self.found, whose(self.counter)
        rows = found.counters if isinstance(found, Resettable) else []
        return {
            **super().get_context_data(**kwargs),
            "title": f"Reset the use of {self.counter.feature}{f' for {own}' if own else ''}",
            "back": self._counter_url(),
            "lines": [{"whose": whose(row), "used": self._said(row.used), "held": row.held} for row in rows],
            "held": any(row.held for row in rows),
            "shared": isinstance(found, Resettable) and found.terms.shared,
        }

    def _said(self, amount: int) -> str:
        return say_value(Decimal(amount), shape=self.counter.feature.shape)

    def _counter_url(self) -> str:
        return reverse("admin:entitlements_account_counter", args=[self.account.key, self.counter.pk])

    def act(self, form: ResetForm) -> HttpResponse:
        row, given = self.counter, form.cleaned_data
        reset = reset_usage(
            account=self.account, feature=row.feature, subject=row.subject, choice=row.choice,
            reason=given["reason"], seen=given["seen"], by=self.by, at=self.at,
        )  # fmt: skip
        self.tell(f"{row.feature} starts again at nothing; {self._said(reset.used)} had been used.")
        return HttpResponseRedirect(self._counter_url())
