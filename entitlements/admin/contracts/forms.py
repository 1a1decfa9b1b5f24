"""The forms of a draft: its terms, a line that gives a plan or an add-on, a line that changes one feature."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from catalog.domain.values import Nature, Value
from catalog.domain.words import say_value
from catalog.models import Feature
from catalog.models.plan import Interval
from entitlements.actions.overrides import check_day
from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.promises import ask_for_mode, ask_for_value, value_given
from entitlements.domain.facts import Mode
from entitlements.models import ContractLine, ContractVersion, ReasonCode
from entitlements.models.contract import Renewal
from journal.admin.fields import DayInput, WholeNumberField
from journal.domain.refusal import Refusal

MOST_MONTHS = 600
MOST_DAYS = 3650
INTERVALS = [("", "As agreed"), (Interval.MONTH.value, "Every month"), (Interval.YEAR.value, "Every year")]
RENEWALS = [
    (Renewal.ENDS.value, "It ends"),
    (Renewal.RENEWS.value, "It renews by itself, until somebody gives notice"),
]


class DraftForm(forms.Form):
    """`seen` is how the draft stood when the form was opened: another hand was not overwritten."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class CalendarDay(forms.DateField):
    """A day that can only be a slip of the pen is refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=DayInput, required=False, **options)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        try:
            check_day(day, field="day")
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from None
        return day


class OpenForm(forms.Form):
    name = forms.CharField(
        label="What is agreed, in a few words",
        max_length=200,
        help_text="Shown wherever the contract is: “Enterprise agreement 2026”.",
        error_messages={"required": "Give it a name by which both sides know it."},
    )
    key = forms.RegexField(
        r"^[^/?#\\]*$",
        label="Number",
        max_length=40,
        required=False,
        help_text="As both sides write it. Empty: the next free number.",
        error_messages={"invalid": "Leave out / ? # and \\: the number stands in addresses."},
    )
    link = forms.URLField(
        label="Deal or document", required=False, max_length=200, assume_scheme="https", help_text="Where it is kept."
    )


class RenameForm(OpenForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ("name", "link")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["key"]


class TermsForm(DraftForm):
    effective_on = CalendarDay(label="First day")
    term_months = WholeNumberField(
        label="Months it runs",
        required=False,
        min_value=1,
        max_value=MOST_MONTHS,
        help_text="Counted from the first day. Empty: until somebody ends it.",
    )
    renewal = forms.ChoiceField(label="After its term", choices=RENEWALS, widget=forms.RadioSelect)
    renewal_months = WholeNumberField(
        label="Months of each renewal", required=False, min_value=1, max_value=MOST_MONTHS
    )
    notice_days = WholeNumberField(
        label="Days of notice",
        min_value=0,
        max_value=MOST_DAYS,
        initial=0,
        help_text="How long before the end of a term notice has to be given.",
    )
    new_term = forms.BooleanField(
        label="A new term begins with this version",
        required=False,
        help_text="Otherwise it goes on in the term that runs. Another length of the term always begins a new one.",
    )
    reason_code = forms.ChoiceField(label="Reason", required=False)
    reason = ReasonField(required=False, help_text="Why it was agreed, or amended, like this.")

    def __init__(
        self, *args: Any, zone: str, codes: Iterable[ReasonCode], amends: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        if not amends:
            del self.fields["new_term"]
        self.codes = {code.key: code for code in codes}
        self.fields["effective_on"].help_text = f"It begins with this day in {zone}. Empty: with its signing."
        if self.codes:
            offer(self, "reason_code", [("", "None of these"), *((key, str(code)) for key, code in self.codes.items())])
        else:
            del self.fields["reason_code"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("renewal") == Renewal.RENEWS:
            for name, words in (("term_months", "the first term is"), ("renewal_months", "each renewal is")):
                if name in given and not given[name]:
                    self.add_error(name, f"Say how many months {words}: what renews has a term.")
        return given

    def asked(self) -> dict[str, Any]:
        """The arguments of the action, all but who and when."""
        given = dict(self.cleaned_data)
        return {
            **{name: given[name] for name in ("effective_on", "term_months", "notice_days", "reason")},
            "renewal": Renewal(given["renewal"]),
            "renewal_months": given["renewal_months"] if given["renewal"] == Renewal.RENEWS else None,
            "new_term": given.get("new_term", False),
            "reason_code": self.codes.get(given.get("reason_code") or ""),
            "seen": given["seen"],
        }


def terms_typed(version: ContractVersion) -> dict[str, Any]:
    """What the form of the terms is opened with."""
    names = ("effective_on", "term_months", "renewal", "renewal_months", "notice_days", "reason")
    code = version.reason_code.key if version.reason_code else ""
    begins_anew = version.number > 1 and version.term_starts_at is None
    return {**{name: getattr(version, name) for name in names}, "reason_code": code, "new_term": begins_anew}


class LineForm(DraftForm):
    """What the two kinds of line have in common."""

    note = forms.CharField(
        label="In the words of the contract", required=False, max_length=300, help_text="Printed beside the line."
    )
    starts_on = CalendarDay(label="From", help_text="Empty: with the version.")
    through_on = CalendarDay(label="Through", help_text="The last day. Empty: as long as the contract.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        first, last = given.get("starts_on"), given.get("through_on")
        if first and last and last < first:
            self.add_error("through_on", "The last day is before the first day.")
        return given

    def further(self) -> list[forms.BoundField]:
        """What most lines can leave empty."""
        return [self[name] for name in ("note", "starts_on", "through_on")]

    def essential(self) -> list[forms.BoundField]:
        return [
            field for field in self if not field.is_hidden and field.name not in {"note", "starts_on", "through_on"}
        ]

    def further_matters(self) -> bool:
        return any(field.errors or field.value() for field in self.further())

    def _common(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("note", "starts_on", "through_on", "seen")}


class PlanLineForm(LineForm):
    plan = forms.ChoiceField(label="Plan or add-on", error_messages={"required": "Choose a plan or an add-on."})
    quantity = WholeNumberField(label="How many", min_value=1, max_value=1_000_000, initial=1)
    interval = forms.ChoiceField(label="Paid", required=False, choices=INTERVALS, widget=forms.RadioSelect)
    field_order = ("plan", "quantity", "interval")

    def __init__(self, *args: Any, plans: Sequence[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.plans = {str(plan.key): plan for _group, offered in plans for plan, _words in offered}
        grouped = [(group, [(plan.key, words) for plan, words in offered]) for group, offered in plans if offered]
        offer(self, "plan", [("", "Choose"), *grouped])

    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "plan": self.plans[given["plan"]],
            "quantity": given["quantity"],
            "interval": given["interval"],
            **self._common(),
        }


class FeatureLineForm(LineForm):
    """A promise about one feature, answered the way people type."""

    mode = forms.ChoiceField(
        label="What to do", widget=forms.RadioSelect, error_messages={"required": "Choose what to do."}
    )
    value = forms.CharField(label="How much", required=False)
    field_order = ("mode", "value")

    def __init__(self, *args: Any, feature: Feature, **options: Any) -> None:
        super().__init__(*args, **options)
        self.feature, self.shape = feature, feature.shape
        self.read_value: Value | None = None
        self.typed_unit = ""
        ask_for_mode(self, shape=self.shape)
        ask_for_value(self, shape=self.shape)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self.read_value, self.typed_unit = value_given(self, shape=self.shape)
        return given

    def asked(self) -> dict[str, Any]:
        return {
            "feature": self.feature,
            "mode": Mode(self.cleaned_data["mode"]),
            "value": self.read_value,
            "typed_unit": self.typed_unit,
            **self._common(),
        }


def line_typed(line: ContractLine) -> dict[str, Any]:
    """What the form of a line is opened with: as it was typed."""
    common = {"note": line.note, "starts_on": line.starts_on, "through_on": line.through_on}
    if line.plan is not None:
        return {**common, "plan": line.plan.key, "quantity": line.quantity, "interval": line.interval}
    return {**common, "mode": line.mode, "value": _value_typed(line)}


def _value_typed(line: ContractLine) -> Any:
    value, feature = line.value, line.feature
    if feature is None or value is None:
        return ""
    if feature.shape.nature in {Nature.RANKED, Nature.SET, Nature.TEXT}:
        return sorted(value) if isinstance(value, frozenset) else value
    return say_value(value, shape=feature.shape, typed_unit=line.typed_unit)
