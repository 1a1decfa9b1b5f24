"""A customer's own caps on what overage may cost."""

import json
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from catalog.domain.prices import MICROS
from catalog.domain.values import Kind
from catalog.models import Feature
from entitlements.actions.spend_caps import cap_of, lift_cap, say_cap, set_cap
from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.pages import AccountFormPage
from entitlements.models import SpendCap
from entitlements.queries.selling.redeemed import caps_of
from journal.domain.refusal import Refusal

PART = "extras"
EVERYTHING = ""
CURRENCIES = ("USD", "EUR", "GBP", "CHF")


class CapForm(forms.Form):
    """`seen` are the account's caps in words when the form was opened; nobody overwrites what they haven't seen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    feature = forms.ChoiceField(label="For", required=False)
    amount = forms.DecimalField(
        label="At most", min_value=Decimal(0), max_digits=15, decimal_places=2, help_text="0: no overage is paid for."
    )
    currency = forms.ChoiceField(label="Currency", choices=[(code, code) for code in CURRENCIES])
    reason = ReasonField()

    def __init__(self, *args: Any, features: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "feature", [(EVERYTHING, "Everything together"), *features])

    def seen_for(self, feature: Feature | None) -> str:
        try:
            seen = json.loads(self.cleaned_data["seen"] or "{}")
            return str(seen.get(_key(feature), ""))
        except (ValueError, AttributeError):
            raise Refusal("This form is not as we made it. Open it again from the account.") from None


class CapPage(AccountFormPage):
    """Set or changed: the feature, if there is one, is part of the address."""

    permission = "entitlements.set_spend_cap"
    template_name = "entitlements/selling/cap.html"
    title = "Set a spend cap"

    @cached_property
    def about(self) -> Feature | None:
        key = self.request.POST.get("feature") or self.request.GET.get("feature")
        return self.feature(key) if key else None

    @cached_property
    def cap(self) -> SpendCap | None:
        return cap_of(self.account, self.about)

    def form(self, *, data: Any = None) -> CapForm:
        features = Feature.objects.filter(kind__in=[Kind.METERED, Kind.CAPACITY]).values_list("key", "name")
        cap = self.cap
        initial = {
            "seen": json.dumps({_key(one.feature): say_cap(one) for one in caps_of(account=self.account)}),
            "feature": _key(self.about),
            "amount": Decimal(cap.amount_micros) / MICROS if cap else None,
            "currency": cap.currency if cap else CURRENCIES[0],
        }
        return CapForm(data, features=list(features), initial=initial)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "now": say_cap(self.cap), "about": self.about}

    def act(self, form: CapForm) -> HttpResponse:
        given = form.cleaned_data
        cap = set_cap(
            account=self.account,
            feature=self.about,
            amount_micros=int(given["amount"] * MICROS),
            currency=given["currency"],
            reason=given["reason"],
            seen=form.seen_for(self.about),
            by=self.by,
            at=self.at,
        )
        what = f"overage of {self.about}" if self.about else "all overage together"
        return self.done(f"{self.account} pays at most {say_cap(cap)} a billing period for {what}.", part=PART)


def _key(feature: Feature | None) -> str:
    return feature.key if feature else EVERYTHING


class LiftForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField()


class CapLiftPage(AccountFormPage):
    permission = "entitlements.set_spend_cap"
    template_name = "entitlements/selling/lift_cap.html"
    title = "Lift a spend cap"

    @cached_property
    def cap(self) -> SpendCap:
        return get_object_or_404(
            SpendCap.objects.select_related("feature"), pk=self.kwargs["cap"], account=self.account
        )

    def form(self, *, data: Any = None) -> LiftForm:
        return LiftForm(data, initial={"seen": say_cap(self.cap)})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "cap": self.cap, "now": say_cap(self.cap)}

    def act(self, form: LiftForm) -> HttpResponse:
        given = form.cleaned_data
        feature = self.cap.feature
        lift_cap(
            account=self.account, feature=feature, reason=given["reason"], seen=given["seen"], by=self.by, at=self.at
        )
        return self.done(f"The cap on {f'overage of {feature}' if feature else 'overage'} is lifted.", part=PART)
