"""What a draft costs, what it does around a trial and a failed payment, and which lower plan it carries everything of."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect

from catalog.actions.drafts import set_includes
from catalog.actions.plans import LONGEST_GRACE, drop_price, set_grace, set_price, set_trial
from catalog.admin.draft_page import DraftPage
from catalog.admin.pages import sheet_url
from catalog.domain.sale_diff import USUAL_GRACE
from catalog.domain.values import PlanKind
from catalog.models import Plan, PlanPrice, PlanVersion
from catalog.models.plan import Interval, VersionState
from journal.admin.fields import WholeNumberField

MICROS = 1_000_000
_PRICED = [("amount", "An amount"), ("contact", "By agreement with sales")]
_NAMES = {Interval.MONTH: ("priced", "amount"), Interval.YEAR: ("priced_yearly", "amount_yearly")}


class TermsOfSaleForm(forms.Form):
    edits = forms.IntegerField(widget=forms.HiddenInput)
    priced = forms.ChoiceField(label="Price a month", choices=_PRICED, widget=forms.RadioSelect)
    amount = forms.DecimalField(
        label="Amount a month in US dollars",
        required=False,
        min_value=Decimal(0),
        max_digits=15,
        decimal_places=6,
        help_text="0 for free.",
    )
    priced_yearly = forms.ChoiceField(
        label="Price a year",
        choices=[("none", "It is not sold by the year"), *_PRICED],
        widget=forms.RadioSelect,
        required=False,
    )
    amount_yearly = forms.DecimalField(
        label="Amount a year in US dollars", required=False, min_value=Decimal(0), max_digits=15, decimal_places=6
    )
    trial_days = WholeNumberField(
        label="Trial, in days", required=False, min_value=1, max_value=3650, help_text="Empty: there is no trial."
    )
    after_trial = forms.ModelChoiceField(
        label="After a trial nobody converts",
        queryset=Plan.objects.filter(kind=PlanKind.PLAN),
        required=False,
        empty_label="It ends",
    )

    grace_days = WholeNumberField(
        label="Grace after a failed payment, in days",
        required=False,
        min_value=0,
        max_value=LONGEST_GRACE,
        help_text=f"How long it still serves, with reduced values where the sheet has any. Empty: {USUAL_GRACE} days.",
    )
    wind_down_days = WholeNumberField(
        label="Access after leaving, in days",
        required=False,
        min_value=0,
        max_value=LONGEST_GRACE,
        help_text="How long a customer who cancels still has access. Empty: not at all.",
    )

    def __init__(self, *args: Any, version: PlanVersion, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["includes"] = forms.ModelChoiceField(
            label="It includes everything of",
            queryset=includable(version),
            required=False,
            empty_label="Nothing: it says all by itself",
            help_text="What this plan says itself speaks first. A later version of the other plan reaches it only by a "
            "new draft, which is offered when that version is published.",
        )
        self.fields["reason"] = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 2}), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for priced, amount in _NAMES.values():
            if given.get(priced) == "amount" and given.get(amount) is None and amount not in self.errors:
                self.add_error(amount, "Write an amount such as 25 or 0.50, or choose “By agreement with sales”.")
        return given

    def micros(self, interval: Interval) -> int | None:
        """The price given, None for one by agreement."""
        priced, amount = (self.cleaned_data[name] for name in _NAMES[interval])
        return int(amount * MICROS) if priced == "amount" else None


def includable(version: PlanVersion) -> QuerySet[PlanVersion]:
    """The versions on sale of other plans of its kind, and the one it includes already."""
    others = PlanVersion.objects.filter(state=VersionState.PUBLISHED, plan__kind=version.plan.kind)
    mine = PlanVersion.objects.filter(included_in=version)
    either = Q(pk__in=others.exclude(plan=version.plan_id)) | Q(pk__in=mine)
    return PlanVersion.objects.filter(either).select_related("plan").order_by("plan__position", "-number")


class TermsOfSalePage(DraftPage[TermsOfSaleForm]):
    template_name = "catalog/terms_of_sale.html"
    title = "Price, trial, grace and what it includes"

    def form(self, *, data: Any = None) -> TermsOfSaleForm:
        version = self.version
        monthly, yearly = _price(version, Interval.MONTH), _price(version, Interval.YEAR)
        initial = {
            "edits": version.edits,
            "priced": _priced(monthly) or "amount",
            "amount": _decimal(monthly),
            "priced_yearly": _priced(yearly) or "none",
            "amount_yearly": _decimal(yearly),
            "trial_days": version.trial_days,
            "after_trial": version.after_trial,
            "grace_days": version.grace_days,
            "wind_down_days": version.wind_down_days,
            "includes": version.includes,
        }
        return TermsOfSaleForm(data, version=version, initial=initial)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.version
        return {**super().get_context_data(**kwargs), "version": version, "back": sheet_url(version=version)}

    @transaction.atomic
    def act(self, form: TermsOfSaleForm) -> HttpResponse:
        """Only what differs is written: each is an act of its own, and all of them or none."""
        version, given = self.version, form.cleaned_data
        told: dict[str, Any] = {"by": self.by, "at": self.at, "reason": given["reason"]}
        edits = given["edits"]
        for interval in Interval:
            edits += self._write_price(form, interval, edits=edits, told=told)
        if (version.trial_days, version.after_trial) != (given["trial_days"], given["after_trial"]):
            trial = {"trial_days": given["trial_days"], "after_trial": given["after_trial"]}
            set_trial(version=version, edits=edits, **trial, **told)
            edits += 1
        if (version.grace_days, version.wind_down_days) != (given["grace_days"], given["wind_down_days"]):
            grace = {"grace_days": given["grace_days"], "wind_down_days": given["wind_down_days"]}
            set_grace(version=version, edits=edits, **grace, **told)
            edits += 1
        if version.includes != given["includes"]:
            set_includes(version=version, includes=given["includes"], edits=edits, **told)
        self.tell(f"Price, trial and what {version} includes stand as you wrote them.")
        return HttpResponseRedirect(sheet_url(version=version))

    def _write_price(self, form: TermsOfSaleForm, interval: Interval, *, edits: int, told: dict[str, Any]) -> int:
        """Write one price if it differs; how many edits that was."""
        price = _price(self.version, interval)
        wanted = form.cleaned_data[_NAMES[interval][0]] in {"amount", "contact"}
        if not wanted:
            if price is None:
                return 0
            drop_price(price=price, edits=edits, **told)
        elif price is None or price.amount_micros != form.micros(interval):
            micros = form.micros(interval)
            set_price(version=self.version, edits=edits, amount_micros=micros, interval=interval, **told)
        else:
            return 0
        return 1


def _price(version: PlanVersion, interval: Interval) -> PlanPrice | None:
    return version.prices.filter(interval=interval, currency="USD").first()


def _priced(price: PlanPrice | None) -> str:
    return "" if price is None else "contact" if price.contact else "amount"


def _decimal(price: PlanPrice | None) -> str | None:
    if price is None or price.amount_micros is None:
        return None
    return f"{(Decimal(price.amount_micros) / MICROS).normalize():f}"
