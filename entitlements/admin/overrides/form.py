"""The form for an override: as many questions as its feature needs, answered the way people type."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django import forms

from catalog.domain.amounts import UnreadableCell, example_of
from catalog.domain.cells import read_cell
from catalog.domain.sayings import Saying, saying_of
from catalog.domain.values import FeatureShape, Nature, Value
from catalog.domain.window import start_of_day
from catalog.models import Feature
from entitlements.actions.overrides import check_day
from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.wording import MODE_WORDS
from entitlements.domain.facts import Mode
from entitlements.models import Account, Subscription
from entitlements.queries.holdings import HeldSubscription
from journal.domain.refusal import Refusal

WHOLE_ACCOUNT = "account"


class FeatureChoiceForm(forms.Form):
    """The first question, where the reader didn't come from a feature's own line."""

    feature = forms.ChoiceField(label="Feature")

    def __init__(self, *args: Any, features: Iterable[Feature], **options: Any) -> None:
        super().__init__(*args, **options)
        groups = groupby(features, key=lambda feature: feature.group)
        offer(self, "feature", [(str(group), [(f.key, f.name) for f in own]) for group, own in groups])


class DayInput(forms.DateInput):
    input_type = "date"


class OverrideForm(forms.Form):
    """`seen` are the overrides of the feature the form was opened with, so that nothing is granted twice."""

    ESSENTIAL = ("mode", "value", "through_on", "reason")

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    mode = forms.ChoiceField(
        label="What to do", widget=forms.RadioSelect, error_messages={"required": "Choose what to do."}
    )
    value = forms.CharField(label="How much", required=False)
    through_on = forms.DateField(label="Last day", required=False, widget=DayInput)
    reason = ReasonField(help_text="Shown wherever this override explains an answer.")
    scope = forms.ChoiceField(label="Where it holds", widget=forms.RadioSelect)
    from_on = forms.DateField(label="First day", required=False, widget=DayInput)
    review_on = forms.DateField(
        label="Review it on",
        required=False,
        widget=DayInput,
        help_text="Needed for the whole account where there is no last day.",
    )
    link = forms.URLField(label="Deal or ticket", required=False, max_length=200, assume_scheme="https")

    def __init__(
        self, data: Any = None, *, account: Account, feature: Feature, held: Iterable[HeldSubscription], **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.read_value: Value | None = None
        self.typed_unit = ""
        self.account, self.shape = account, feature.shape
        modes = MODE_WORDS[self.shape.nature]
        offer(self, "mode", modes.items())
        self.fields["mode"].initial = next(iter(modes))
        live = [(str(found.number), _scope_words(found)) for found in held if found.live]
        offer(self, "scope", [*live, (WHOLE_ACCOUNT, "The whole account, whatever it has bought")])
        self._ask_for_value()
        self._name_the_zone(account.zone)

    def _name_the_zone(self, zone: str) -> None:
        first, last = self.fields["from_on"], self.fields["through_on"]
        first.help_text = f"Empty: from now on. A day begins at midnight in {zone}."
        last.help_text = f"It holds through the end of this day in {zone}. Empty: as long as the subscription lasts."

    def essential(self) -> list[forms.BoundField]:
        return [self[name] for name in self.ESSENTIAL if name in self.fields]

    def further(self) -> list[forms.BoundField]:
        """What most overrides can leave as it is; folded away until it matters."""
        return [field for field in self if field.name not in self.ESSENTIAL and not field.is_hidden]

    def further_matters(self) -> bool:
        return any(
            field.errors or (self.is_bound and field.name != "scope" and field.value()) for field in self.further()
        )

    def _ask_for_value(self) -> None:
        match self.shape.nature:
            case Nature.GATE:
                del self.fields["value"]
            case Nature.QUANTITY:
                self.fields["value"].help_text = f"As you would say it: {example_of(self.shape)}, or Unlimited."
                self.fields["value"].widget.attrs["autocomplete"] = "off"
            case Nature.RANKED:
                choices = [("", "Choose"), *((choice.key, choice.label) for choice in self.shape.choices)]
                self.fields["value"] = forms.ChoiceField(label="Which", required=False, choices=choices)
            case Nature.SET:
                self.fields["value"] = forms.MultipleChoiceField(
                    label="Which",
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                    choices=[(choice.key, choice.label) for choice in self.shape.choices],
                )
            case Nature.TEXT:
                self.fields["value"].label = "What"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("mode") and given["mode"] != Mode.DENY and "value" not in self.errors:
            self._read(given.get("value"))
        first, last = given.get("from_on"), given.get("through_on")
        try:
            check_day(first, field="from_on")
        except Refusal as refusal:
            self.add_error(refusal.field, refusal.message)
        if first and last and last < first:
            self.add_error("through_on", "The last day is before the first day.")
        return given

    def _read(self, typed: Any) -> None:
        try:
            self.read_value, self.typed_unit = read_promise(typed, shape=self.shape)
        except UnreadableCell as unreadable:
            self.add_error("value", str(unreadable))

    def asked(self) -> dict[str, Any]:
        """The arguments of the action, all but who and when."""
        given = self.cleaned_data
        first: date | None = given["from_on"]
        return {
            "mode": Mode(given["mode"]),
            "value": self.read_value,
            "typed_unit": self.typed_unit,
            "subscription": self._subscription(),
            "starts_at": start_of_day(first, self.account.zone) if first else None,
            "through_on": given["through_on"],
            "review_on": given["review_on"],
            "reason": given["reason"],
            "link": given["link"],
        }

    def _subscription(self) -> Subscription | None:
        scope = self.cleaned_data["scope"]
        return None if scope == WHOLE_ACCOUNT else Subscription.objects.get(account=self.account, number=int(scope))

    def seen_ids(self) -> frozenset[int]:
        return frozenset(int(pk) for pk in self.cleaned_data["seen"].split(",") if pk.isdigit())


def read_promise(typed: Any, *, shape: FeatureShape) -> tuple[Value | None, str]:
    """What was typed as a value of the feature, and the unit it was typed in; UnreadableCell says what would be read."""
    match shape.nature:
        case Nature.GATE:
            return True, ""
        case Nature.RANKED | Nature.TEXT:
            return (typed, "") if typed else _nothing_said("Say which one it becomes.")
        case Nature.SET:
            return (frozenset(typed), "") if typed else _nothing_said("Choose at least one, or deny it.")
    if not typed:
        return _nothing_said(f"Say how much, for example {example_of(shape)}.")
    if typed[0].isdigit() or saying_of(typed) is Saying.UNLIMITED:
        reading = read_cell(typed, shape=shape)
        if reading.value is not None and not reading.prices:
            return reading.value, reading.typed_unit
    return _nothing_said(
        f"“{typed}” is no amount. Write one such as {example_of(shape)}, or Unlimited; to take it away, deny it."
    )


def _nothing_said(message: str) -> Any:
    raise UnreadableCell(message)


def _scope_words(held: HeldSubscription) -> str:
    plans = ", ".join(item.plan for item in held.plans) or "its trial is over"
    return f"Subscription {held.number} ({plans}); it sleeps while that gives nothing"
