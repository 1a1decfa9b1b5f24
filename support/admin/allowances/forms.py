"""The form of an allowance: what uses it up, when, in which steps, and what follows at zero."""

from typing import Any

from django import forms

from catalog.domain.values import Kind
from catalog.models import Feature
from support.actions.allowances.rules import LONGEST_UNIT, Rule
from support.admin.allowances.words import AT_ZERO, COUNTED_ON, COUNTS
from support.domain.cover_terms import AtZero, CountedOn, Counts
from support.models import Allowance
from support.queries.policy_history import tier_choices


def _radios(words: dict[Any, str], label: str, **more: Any) -> forms.ChoiceField:
    choices = [(key.value, text) for key, text in words.items()]
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **more)


class RuleForm(forms.Form):
    """`sure` comes with the second press, once it was shown what changes."""

    counts = _radios(COUNTS, "What uses it up?", error_messages={"required": "Choose what uses it up."})
    counted_on = _radios(COUNTED_ON, "When does a case count?", initial="opening", required=False)
    unit_minutes = forms.IntegerField(
        label="Round each entry up to, in minutes", min_value=0, max_value=LONGEST_UNIT, required=False,
        help_text="Of time alone. Empty or 0: to the minute. The real minutes are kept beside it.",
    )  # fmt: skip
    at_zero = _radios(AT_ZERO, "When nothing is left", initial="block")
    default_tier = forms.ChoiceField(
        label="The support tier it gives by itself", required=False, choices=(),
        help_text="A customer who holds no better tier is served by this one while some of it is left.",
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    sure = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        tiers = [(key, words) for key, words in tier_choices().items()]
        stands = self.initial.get("default_tier", "")
        if stands and stands not in dict(tiers):
            tiers.append((stands, f"{stands} (no tier any more)"))
        chooser = self.fields["default_tier"]
        assert isinstance(chooser, forms.ChoiceField)
        chooser.choices = [("", "None: it only counts"), *tiers]

    def rule(self) -> Rule:
        given = self.cleaned_data
        return Rule(
            counts=Counts(given["counts"]),
            counted_on=CountedOn(given["counted_on"] or CountedOn.OPENING),
            unit_minutes=given["unit_minutes"] or 0,
            at_zero=AtZero(given["at_zero"]),
            default_tier=given["default_tier"],
        )


class SetUpForm(RuleForm):
    feature = forms.ModelChoiceField(
        Feature.objects.none(), label="Which credits?", empty_label="Choose", to_field_name="key",
        error_messages={"invalid_choice": "These are no credits, or prepaid help already. Choose one of the list."},
    )  # fmt: skip
    field_order = ("feature", "counts", "counted_on", "unit_minutes", "at_zero", "default_tier")

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        chooser = self.fields["feature"]
        assert isinstance(chooser, forms.ModelChoiceField)
        taken = Allowance.objects.values("feature")
        chooser.queryset = Feature.objects.filter(kind=Kind.CREDIT).exclude(pk__in=taken).order_by("name")
        if not chooser.queryset.exists():
            chooser.help_text = "There are no credits left to choose. Make a feature of kind credits first."
