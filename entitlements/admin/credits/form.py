"""The forms about credits: granting asks as one would say it, voiding asks why."""

from decimal import Decimal
from typing import Any

from django import forms

from catalog.domain.amounts import UnreadableCell, example_of
from catalog.domain.values import UNLIMITED, FeatureShape
from catalog.domain.window import start_of_day
from entitlements.actions.credits.grants import GrantTerms
from entitlements.admin.fields import ReasonField
from entitlements.domain.credits.grants import FIRST_PRIORITY, LAST_PRIORITY
from entitlements.domain.promises import read_promise
from entitlements.models import Account
from entitlements.models.credit import USUAL_PRIORITY, GrantSource, Recurs
from journal.admin.fields import DayInput

ONCE = ""
SOURCES = (
    (GrantSource.SALE, "They bought them"),
    (GrantSource.GIFT, "A gift"),
    (GrantSource.CORRECTION, "To put something right"),
)
RHYTHMS = (
    (ONCE, "No, once"),
    (Recurs.DAY, "Each day"),
    (Recurs.WEEK, "Each week"),
    (Recurs.MONTH, "Each month"),
    (Recurs.YEAR, "Each year"),
)
IN_THE_LEDGER = "The customer reads it in the ledger, and it stands in the audit beside your name."


class GrantForm(forms.Form):
    """`seen` is the balance the form was opened with, so that nothing is granted twice."""

    ESSENTIAL = ("amount", "source", "through_on", "reason")

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    amount = forms.CharField(label="How much", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    source = forms.ChoiceField(label="What for", widget=forms.RadioSelect, choices=[(s.value, w) for s, w in SOURCES])
    through_on = forms.DateField(label="Last day", required=False, widget=DayInput)
    reason = ReasonField(help_text=IN_THE_LEDGER)
    from_on = forms.DateField(label="First day", required=False, widget=DayInput)
    recurs = forms.ChoiceField(label="Filled again", required=False, choices=[(str(key), words) for key, words in RHYTHMS],
        help_text="Set to the amount again each time; what is left by then lapses.")  # fmt: skip
    max_rollover = forms.CharField(
        label="Into a new period at most",
        required=False,
        max_length=100,
        help_text="How much of it stays when the plan’s period begins anew. Empty: all of it.",
    )
    min_rollover = forms.CharField(
        label="Into a new period at least",
        required=False,
        max_length=100,
        help_text="It is filled up to this. Empty: no.",
    )
    priority = forms.IntegerField(
        label="Priority",
        min_value=FIRST_PRIORITY,
        max_value=LAST_PRIORITY,
        help_text="The smaller is used first. The plan’s credits have 50, so 1 to 49 are used before them.",
    )
    link = forms.URLField(label="Deal or ticket", required=False, max_length=200, assume_scheme="https")

    def __init__(self, data: Any = None, *, account: Account, shape: FeatureShape, **options: Any) -> None:
        options["initial"] = {"source": GrantSource.SALE, "priority": USUAL_PRIORITY} | options.get("initial", {})
        super().__init__(data, **options)
        self.account, self.shape, self.typed_unit = account, shape, ""
        self.fields["amount"].help_text = f"As you would say it: {example_of(shape)}."
        self.fields[
            "through_on"
        ].help_text = f"Through the end of this day in {account.zone}. Empty: they don’t expire."
        self.fields["from_on"].help_text = f"Empty: from now on. A day begins at midnight in {account.zone}."

    def essential(self) -> list[forms.BoundField]:
        return [self[name] for name in self.ESSENTIAL]

    def further(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.ESSENTIAL and not field.is_hidden]

    def further_matters(self) -> bool:
        usual = {"priority": str(USUAL_PRIORITY), "recurs": ONCE}
        return any(
            field.errors or (self.is_bound and str(field.value() or "") not in {"", usual.get(field.name, "")})
            for field in self.further()
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in ("amount", "max_rollover", "min_rollover"):
            if given.get(name):
                given[name] = self._read(name, given[name])
        first, last = given.get("from_on"), given.get("through_on")
        if first and last and last < first:
            self.add_error("through_on", "The last day is before the first day.")
        return given

    def _read(self, name: str, typed: str) -> Decimal | None:
        try:
            value, unit = read_promise(typed.strip(), shape=self.shape)
        except UnreadableCell as unreadable:
            self.add_error(name, str(unreadable))
            return None
        if value is UNLIMITED or not isinstance(value, Decimal):
            self.add_error(name, "Write an amount: what has no limit is given by a plan or an override.")
            return None
        if name == "amount":
            self.typed_unit = unit
        return value

    def terms(self) -> GrantTerms:
        """What the action takes."""
        given = self.cleaned_data
        first = given["from_on"]
        return GrantTerms(
            amount=given["amount"],
            source=GrantSource(given["source"]),
            priority=given["priority"],
            effective_at=start_of_day(first, self.account.zone) if first else None,
            through_on=given["through_on"],
            recurs=Recurs(given["recurs"]) if given["recurs"] else None,
            min_rollover=given["min_rollover"] or Decimal(0),
            max_rollover=given["max_rollover"] or None,
            typed_unit=self.typed_unit,
            link=given["link"],
        )


class VoidForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField(help_text=IN_THE_LEDGER)
