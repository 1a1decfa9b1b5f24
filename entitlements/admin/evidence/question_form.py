"""What somebody asks of a feature: how much, how much is in use, which choice; and which feature is meant."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from catalog.domain.amounts import UnreadableCell, example_of
from catalog.domain.cells import read_cell
from catalog.domain.values import UNLIMITED, FeatureShape, Nature
from catalog.domain.words import say_value
from catalog.models import Feature
from entitlements.admin.fields import offer
from entitlements.domain.decision import Asked, is_used
from entitlements.domain.resolution import Resolution
from entitlements.domain.saying import say_part_name

MOST_MATCHES = 20


class AskingForm(forms.Form):
    """What is asked of one feature: typed the way people say amounts, and none of it must be answered.

    `parts` are what use of it is told apart by, such as "model.large".
    """

    quantity = forms.CharField(label="Asks for", required=False, max_length=60)
    choice = forms.ChoiceField(label="Asks for", required=False)

    def __init__(self, data: Any, *, shape: FeatureShape, parts: Iterable[str]) -> None:
        super().__init__(data)
        self.shape = shape
        if shape.nature is Nature.QUANTITY:
            self.fields["quantity"].help_text = f"As you would say it: {example_of(shape)}."
        else:
            del self.fields["quantity"]
        choices = [(option.key, option.label) for option in shape.choices]
        choices += [(key, say_part_name(key)) for key in parts]
        if choices:
            offer(self, "choice", [("", "Anything"), *choices])
        else:
            del self.fields["choice"]

    def clean_quantity(self) -> Decimal | None:
        return self.amount("quantity")

    def amount(self, name: str) -> Decimal | None:
        """What was typed in the field, in the smallest unit; None for nothing."""
        typed = self.cleaned_data[name].strip()
        if not typed:
            return None
        try:
            return read_amount(typed, shape=self.shape)
        except UnreadableCell as unreadable:
            raise forms.ValidationError(str(unreadable)) from None


class QuestionForm(AskingForm):
    """What is asked on the page that explains an answer: also what is in use, where the desk doesn't count it."""

    used = forms.CharField(label="In use", required=False, max_length=60)
    field_order = ("quantity", "used", "choice")

    def __init__(self, data: Any, *, resolution: Resolution, known_use: Decimal | None) -> None:
        super().__init__(data, shape=resolution.shape, parts=resolution.sub_limits)
        self.known_use = known_use
        if resolution.sub_limits:
            self.fields["choice"].label = "For"
        if not is_used(self.shape):
            del self.fields["used"]
            return
        known = "" if known_use is None else say_value(known_use, shape=self.shape)
        words = f"Empty: {known}, as counted now." if known else "The desk doesn’t count it; the customer may know."
        self.fields["used"].help_text = words

    def clean_used(self) -> Decimal | None:
        return self.amount("used")

    def asked(self) -> Asked:
        """What was typed; what can't be read is left out, and said beside its field."""
        given = self.cleaned_data if not self.errors else {}
        used = given.get("used")
        return Asked(given.get("quantity"), self.known_use if used is None else used, given.get("choice", ""))


def read_amount(typed: str, *, shape: FeatureShape) -> Decimal:
    """An amount alone, in the smallest unit: "5 GB" → 5,000,000,000."""
    if typed[0].isdigit():
        reading = read_cell(typed, shape=shape)
        if isinstance(reading.value, Decimal) and reading.value is not UNLIMITED and not reading.prices:
            return reading.value
    raise UnreadableCell(f"“{typed}” is no amount. Write one such as {example_of(shape)}.")


def matches(features: Iterable[Feature], typed: str) -> list[Feature]:
    """The one feature of that name or key; else all in whose name or key the words occur."""
    wanted = " ".join(typed.lower().split())
    known = list(features)
    exact = [feature for feature in known if wanted in (feature.key, feature.name.lower())]
    loose = [feature for feature in known if wanted in feature.name.lower() or wanted in feature.key]
    return exact[:1] or loose[:MOST_MATCHES]
