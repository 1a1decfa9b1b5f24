"""The questions of the playground; all of them stand in the address."""

from decimal import Decimal
from typing import Any

from django import forms

from catalog.domain.values import Aggregation
from catalog.models import DimensionChoice, Feature
from entitlements.admin.evidence.question_form import AskingForm
from entitlements.domain.decision import is_used
from entitlements.queries.usage.standing import Question

LONGEST = 200


class TryingForm(AskingForm):
    """What fits the feature: an amount, a choice, whose it is."""

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
        super().__init__(data, shape=feature.shape, parts=_parts(feature))
        self.feature = feature
        if "quantity" in self.fields:
            self.fields["quantity"].help_text += " Empty: anything at all."
        if not is_used(self.shape):
            del self.fields["subject"]
        if self.shape.aggregation is Aggregation.DISTINCT:
            self.fields["value"].help_text = "What is told apart, such as a visitor. Empty: one that is new."
        else:
            del self.fields["value"]

    def clean_quantity(self) -> Decimal | None:
        amount = super().clean_quantity()
        if amount is not None and amount != amount.to_integral_value():
            raise forms.ValidationError("Ask for a whole amount of the smallest unit.")
        return amount

    def question(self) -> Question:
        """What was typed; what can't be read is left out, and said beside its field."""
        self.full_clean()
        given = self.cleaned_data
        texts = {name: given.get(name, "").replace("\x00", "").strip() for name in ("subject", "choice", "value")}
        amount = given.get("quantity")
        return Question(self.feature.key, None if amount is None else int(amount), **texts)


def _parts(feature: Feature) -> list[str]:
    """What use of it is told apart by."""
    rows = DimensionChoice.objects.filter(dimension__feature=feature).values_list("dimension__key", "key")
    return [f"{dimension}.{choice}" for dimension, choice in rows]
