"""What is asked when something that ends is decided."""

from typing import Any

from django import forms

from entitlements.admin.contracts.forms import CalendarDay
from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.selling.asking import SellingForm
from journal.models import Staff

NOBODY = "nobody"


def colleagues() -> list[tuple[str, str]]:
    """Everybody who works here, by name, and nobody in particular."""
    people = sorted((str(one), str(one.pk)) for one in Staff.objects.filter(is_active=True))
    return [(NOBODY, "Nobody in particular"), *((pk, name) for name, pk in people)]


class AssignForm(SellingForm):
    owner = forms.ChoiceField(label="Whose task it is", error_messages={"required": "Choose somebody."})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "owner", colleagues())

    @property
    def chosen(self) -> Staff | None:
        typed = self.cleaned_data["owner"]
        return None if typed == NOBODY else Staff.objects.get(pk=int(typed))


class LetEndForm(SellingForm):
    reason = ReasonField(help_text="Why nothing goes on in its place. It stands in the audit beside your name.")


class AgainForm(SellingForm):
    reason = ReasonField(help_text="Why the decision doesn’t hold any more.")


class RenewedForm(SellingForm):
    what = forms.CharField(
        label="What goes on in its place",
        max_length=300,
        help_text="As both sides call it: “Order 2026-118”, “the contract of their holding”.",
        error_messages={"required": "Say what goes on in its place."},
    )
    starts_on = CalendarDay(label="From")
    link = forms.URLField(label="Deal or document", required=False, max_length=200, assume_scheme="https")
    reason = ReasonField(required=False, help_text="What was agreed, if that needs a word.")

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["starts_on"].required = True
        self.fields["starts_on"].error_messages["required"] = "Say from which day on it holds."
        self.fields["starts_on"].help_text = f"The first day on which it holds, in {zone}."


class RenewForm(SellingForm):
    starts_on = CalendarDay(label="From")
    through_on = CalendarDay(label="Through")
    reason = ReasonField(help_text="What was agreed. It stands in the audit beside your name.")

    def __init__(self, *args: Any, zone: str, moves_start: bool, asks_last_day: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if moves_start:
            self.fields["starts_on"].required = True
            self.fields[
                "starts_on"
            ].help_text = f"The first day, in {zone}. The day after leaves no gap and no overlap."
        else:
            del self.fields["starts_on"]
        if asks_last_day:
            self.fields["through_on"].required = True
            self.fields["through_on"].help_text = "The last day."
        else:
            del self.fields["through_on"]


class ManyForm(forms.Form):
    """`seen` are the tasks as the page showed them, so that nothing is decided that changed meanwhile."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class AssignManyForm(AssignForm, ManyForm):
    pass


class LetManyEndForm(LetEndForm, ManyForm):
    pass
