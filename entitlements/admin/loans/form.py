"""The questions of a loan: to whom, what, and for how long and why; only as many as what is lent needs."""

from datetime import date
from itertools import groupby
from typing import Any

from django import forms

from catalog.domain.values import PlanKind, Value
from catalog.domain.window import start_of_day
from catalog.models import Feature, Plan
from catalog.queries.versions import on_sale
from entitlements.actions.loans import LoanTerms
from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.promises import ask_for_mode, ask_for_reason_code, ask_for_value, value_given
from entitlements.domain.facts import Mode
from entitlements.models import Account, Cohort
from entitlements.queries.reasons import reason_code_by_key, reason_codes
from journal.admin.fields import DayInput

PLAN, FEATURE = "plan", "feature"
KINDS = ((PlanKind.PLAN, "Plans"), (PlanKind.ADD_ON, "Add-ons"))


class BorrowerForm(forms.Form):
    """The first question, where the reader didn't come from an account or a cohort."""

    account = forms.CharField(
        label="An account", required=False, help_text="Its key, its name, an e-mail address, a domain or an id."
    )
    cohort = forms.ChoiceField(label="Or a cohort", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = [(cohort.key, cohort.name) for cohort in Cohort.objects.all()]
        offer(self, "cohort", [("", "None"), *known])


class WhatForm(forms.Form):
    """The second: a plan, an add-on or a feature, in one list. What was asked before goes along."""

    account = forms.CharField(widget=forms.HiddenInput, required=False)
    cohort = forms.CharField(widget=forms.HiddenInput, required=False)
    what = forms.ChoiceField(label="What to lend")

    def __init__(self, *args: Any, at: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        sold = [plan for plan in Plan.objects.all() if on_sale(plan=plan, at=at) is not None]
        choices: list[Any] = [
            (words, [(f"{PLAN}.{plan.key}", plan.name) for plan in sold if plan.kind == kind]) for kind, words in KINDS
        ]
        features = groupby(Feature.objects.select_related("group"), key=lambda feature: feature.group)
        choices += [(str(group), [(f"{FEATURE}.{one.key}", one.name) for one in own]) for group, own in features]
        offer(self, "what", [("", "Choose"), *(part for part in choices if part[1])])


class LoanForm(forms.Form):
    """`seen` are the loans of the borrower the form was opened with, so that nothing is lent twice."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    quantity = forms.IntegerField(label="How many", min_value=1, initial=1)
    mode = forms.ChoiceField(
        label="What to do", widget=forms.RadioSelect, error_messages={"required": "Choose what to do."}
    )
    value = forms.CharField(label="How much", required=False)
    through_on = forms.DateField(
        label="Last day", widget=DayInput, error_messages={"required": "A loan always ends. Choose its last day."}
    )
    name = forms.CharField(label="Name", max_length=120, help_text="By which everybody finds it again.")
    reason_code = forms.ChoiceField(
        label="Reason", widget=forms.RadioSelect, error_messages={"required": "Choose a reason from the list."}
    )
    reason = ReasonField(help_text="Shown wherever this loan explains an answer.")
    from_on = forms.DateField(label="First day", required=False, widget=DayInput)
    link = forms.URLField(label="Deal or ticket", required=False, max_length=200, assume_scheme="https")

    def __init__(self, data: Any = None, *, what: Plan | Feature, zone: str, each: bool, **options: Any) -> None:
        super().__init__(data, **options)
        self.what, self.zone = what, zone
        self.read_value: Value | None = None
        self.typed_unit = ""
        self._ask_what()
        ask_for_reason_code(self, list(reason_codes()))
        where = "where each of them is" if each else f"in {zone}"
        self.fields["through_on"].help_text = f"It is lent through the end of this day {where}."
        self.fields["from_on"].help_text = f"Empty: from now on. A day begins at midnight in {zone}."

    def _ask_what(self) -> None:
        if isinstance(self.what, Feature):
            del self.fields["quantity"]
            ask_for_mode(self, shape=self.what.shape)
            ask_for_value(self, shape=self.what.shape)
            return
        del self.fields["mode"], self.fields["value"]
        if self.what.kind == PlanKind.PLAN:
            self.fields["quantity"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if isinstance(self.what, Feature):
            self.read_value, self.typed_unit = value_given(self, shape=self.what.shape)
        first, last = given.get("from_on"), given.get("through_on")
        if first and last and last < first:
            self.add_error("through_on", "The last day is before the first day.")
        return given

    def terms(self, *, account: Account | None, cohort: Cohort | None) -> LoanTerms:
        given = self.cleaned_data
        first: date | None = given["from_on"]
        lends_feature = isinstance(self.what, Feature)
        return LoanTerms(
            name=given["name"],
            account=account,
            cohort=cohort,
            plan=None if isinstance(self.what, Feature) else self.what,
            feature=self.what if isinstance(self.what, Feature) else None,
            quantity=given.get("quantity", 1),
            mode=Mode(given["mode"]) if lends_feature else None,
            value=self.read_value,
            typed_unit=self.typed_unit,
            starts_at=start_of_day(first, self.zone) if first else None,
            through_on=given["through_on"],
            reason_code=reason_code_by_key(given["reason_code"]) if given.get("reason_code") else None,
            reason=given["reason"],
            link=given["link"],
        )

    def seen_ids(self) -> frozenset[int]:
        return frozenset(int(pk) for pk in self.cleaned_data["seen"].split(",") if pk.isdigit())
