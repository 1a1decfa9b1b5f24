"""Fields that several forms about a customer have in common."""

from collections.abc import Iterable
from typing import Any

from django import forms

IN_THE_AUDIT = "It stands in the audit beside your name."


class ReasonField(forms.CharField):
    """Why somebody does something: the same question wherever a form changes what a customer has."""

    def __init__(self, *, help_text: str = IN_THE_AUDIT, **options: Any) -> None:
        super().__init__(
            label="Why",
            max_length=500,
            help_text=help_text,
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages={"required": "Give a reason: whoever looks at this later will ask."},
            **options,
        )


def offer(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Set what a field of the form offers to choose from."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)
