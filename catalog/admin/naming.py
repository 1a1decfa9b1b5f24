"""Naming a plan or an add-on, and saying what a draft of it costs and does around a trial."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from catalog.actions.drafts import open_draft
from catalog.actions.plans import create_plan, set_price, set_trial
from catalog.admin.pages import EDIT, FormPage, sheet_url
from catalog.domain.values import AddOnEffect, PlanKind
from catalog.models import Plan, PlanPrice, PlanVersion
from catalog.models.columns import KEY_RULE
from catalog.models.plan import Interval, VersionState

MICROS = 1_000_000
EFFECTS = [
    (AddOnEffect.ADDS, "It adds to what the plan gives"),
    (AddOnEffect.REPLACES, "It replaces what the plan gives"),
]


class NamingForm(forms.Form):
    kind = forms.ChoiceField(
        label="What it is",
        choices=[(PlanKind.PLAN, "A plan"), (PlanKind.ADD_ON, "An add-on")],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label="Name", max_length=120, help_text="As customers know it, for example Extra storage.")
    key = forms.CharField(
        label="Key",
        max_length=64,
        validators=[KEY_RULE],
        help_text="How engineers call it, for example extra_storage. It never changes.",
    )
    effect = forms.ChoiceField(
        label="Beside a plan (add-ons only)", choices=EFFECTS, initial=AddOnEffect.ADDS, widget=forms.RadioSelect
    )
    audience = forms.CharField(label="Whom it is for", required=False, max_length=500)


class NamingPage(FormPage[NamingForm]):
    permission = EDIT
    template_name = "catalog/naming.html"
    title = "New plan or add-on"

    def form(self, *, data: Any = None) -> NamingForm:
        kind = PlanKind.ADD_ON if self.request.GET.get("kind") == PlanKind.ADD_ON else PlanKind.PLAN
        return NamingForm(data, initial={"kind": kind, "effect": AddOnEffect.ADDS})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "back": sheet_url()}

    @transaction.atomic
    def act(self, form: NamingForm) -> HttpResponse:
        given = form.cleaned_data
        plan = create_plan(
            key=given["key"],
            name=given["name"],
            kind=PlanKind(given["kind"]),
            effect=AddOnEffect(given["effect"]),
            audience=given["audience"],
            by=self.by,
            at=self.at,
        )
        draft = open_draft(plan=plan, by=self.by, at=self.at)
        self.tell(f"{plan} has a first draft. Click a cell in its column to say what it gives.")
        return HttpResponseRedirect(sheet_url(version=draft))


class TermsOfSaleForm(forms.Form):
    edits = forms.IntegerField(widget=forms.HiddenInput)
    priced = forms.ChoiceField(
        label="Price a month",
        choices=[("amount", "An amount"), ("contact", "By agreement with sales")],
        widget=forms.RadioSelect,
    )
    amount = forms.DecimalField(
        label="Amount in US dollars",
        required=False,
        min_value=Decimal(0),
        max_digits=15,
        decimal_places=6,
        help_text="0 for free.",
    )
    trial_days = forms.IntegerField(
        label="Trial, in days", required=False, min_value=1, max_value=3650, help_text="Empty: there is no trial."
    )
    after_trial = forms.ModelChoiceField(
        label="After a trial nobody converts",
        queryset=Plan.objects.filter(kind=PlanKind.PLAN),
        required=False,
        empty_label="It ends",
    )
    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 2}), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("priced") == "amount" and given.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "Write an amount such as 25 or 0.50, or choose “By agreement with sales”.")
        return given


class TermsOfSalePage(FormPage[TermsOfSaleForm]):
    permission = EDIT
    template_name = "catalog/terms_of_sale.html"
    title = "Price and trial"

    @property
    def version(self) -> PlanVersion:
        drafts = PlanVersion.objects.select_related("plan", "after_trial").filter(state=VersionState.DRAFT)
        return get_object_or_404(drafts, pk=self.kwargs["version_id"])

    def form(self, *, data: Any = None) -> TermsOfSaleForm:
        version = self.version
        price = _monthly(version)
        initial = {
            "edits": version.edits,
            "priced": "contact" if price and price.contact else "amount",
            "amount": None if price is None or price.amount_micros is None else _decimal(price.amount_micros),
            "trial_days": version.trial_days,
            "after_trial": version.after_trial,
        }
        return TermsOfSaleForm(data, initial=initial)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.version
        return {**super().get_context_data(**kwargs), "version": version, "back": sheet_url(version=version)}

    @transaction.atomic
    def act(self, form: TermsOfSaleForm) -> HttpResponse:
        """Only what differs is written: each of the two is an act of its own."""
        version, given, edits = self.version, form.cleaned_data, form.cleaned_data["edits"]
        told: dict[str, Any] = {"by": self.by, "at": self.at, "reason": given["reason"]}
        micros = None if given["priced"] == "contact" else int(given["amount"] * MICROS)
        price = _monthly(version)
        if price is None or price.amount_micros != micros:
            set_price(version=version, edits=edits, amount_micros=micros, interval=Interval.MONTH, **told)
            edits += 1
        if (version.trial_days, version.after_trial) != (given["trial_days"], given["after_trial"]):
            trial = {"trial_days": given["trial_days"], "after_trial": given["after_trial"]}
            set_trial(version=version, edits=edits, **trial, **told)
        self.tell(f"Price and trial of {version} stand as you wrote them.")
        return HttpResponseRedirect(sheet_url(version=version))


def _monthly(version: PlanVersion) -> PlanPrice | None:
    return version.prices.filter(interval=Interval.MONTH, currency="USD").first()


def _decimal(micros: int) -> str:
    return f"{(Decimal(micros) / MICROS).normalize():f}"
