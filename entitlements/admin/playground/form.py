"""The questions of the playground; all of them stand in the address."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from catalog.domain.amounts import UnreadableCell, example_of
from catalog.domain.values import Aggregation, Nature
from catalog.models import DimensionChoice, Feature
from entitlements.admin.evidence.question_form import read_amount
from entitlements.admin.fields import offer
from entitlements.admin.playground.weighing import Asking
from entitlements.domain.decision import is_used
from entitlements.domain.saying import say_part_name

LONGEST = 200


class AskingForm(forms.Form):
    """What fits the feature: an amount, a choice, whose it is. None of it must be answered."""

    quantity = forms.CharField(label="How much", required=False, max_length=60)
    choice = forms.ChoiceField(label="Choice", required=False)
    subject = forms.CharField(
        label="For whom",
        required=False,
        max_length=LONGEST,
        help_text="A user, agent, device or task inside the account, as products name it.",
    )
    value = forms.CharField(label="Which one", required=False, max_length=LONGEST)

    def __init__(self, data: Any, *, feature: Feature) -> None:
        super().__init__(data)
        shape = self.shape = feature.shape
        if shape.nature is not Nature.QUANTITY:
            del self.fields["quantity"]
        else:
            self.fields["quantity"].help_text = f"As you would say it: {example_of(shape)}. Empty: anything at all."
        choices = [(option.key, option.label) for option in shape.choices] or list(_parts(feature))
        if choices:
            offer(self, "choice", [("", "Any"), *choices])
        else:
            del self.fields["choice"]
        if not is_used(shape):
            del self.fields["subject"]
        if shape.aggregation is Aggregation.DISTINCT:
            self.fields["value"].help_text = "What is told apart, such as a visitor. Empty: one that is new."
        else:
            del self.fields["value"]

    def clean_quantity(self) -> Decimal | None:
        typed = self.cleaned_data["quantity"].strip()
        if not typed:
            return None
        try:
            return read_amount(typed, shape=self.shape)
        except UnreadableCell as unreadable:
            raise forms.ValidationError(str(unreadable)) from None

    def asking(self) -> Asking:
        """What was typed; what can't be read is left out, and said beside its field."""
        self.full_clean()
        given = self.cleaned_data
        texts = {name: given.get(name, "").replace("\x00", "").strip() for name in ("subject", "choice", "value")}
        return Asking(given.get("quantity"), **texts)


def _parts(feature: Feature) -> Sequence[tuple[str, str]]:
    rows = DimensionChoice.objects.filter(dimension__feature=feature).values_list("dimension__key", "key")
    names = [f"{dimension}.{choice}" for dimension, choice in rows]
    return [(name, say_part_name(name)) for name in names]
