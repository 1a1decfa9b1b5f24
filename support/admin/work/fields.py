"""What forms about work have in common: a price as people write it, and moments in the reader's zone."""

from datetime import datetime
from typing import Any

from django import forms

from catalog.domain.prices import read_money
from entitlements.admin.moments import read_moment
from journal.admin.fields import MomentInput
from support.admin.cases.note_forms import NO_MOMENT

OFF = {"autocomplete": "off", "spellcheck": "false"}
NO_PRICE = "Write an amount such as 80 or 1,250.50, or leave it empty."


class PriceField(forms.CharField):
    """An amount as people write it, in millionths; None where it was left empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=options.pop("label", "Price of all of it"), max_length=30,
            widget=forms.TextInput(attrs={**OFF, "inputmode": "decimal"}), **options,
        )  # fmt: skip

    def clean(self, value: Any) -> Any:
        typed = super().clean(value).strip()
        if not typed:
            return None
        found = read_money(typed.lstrip("€$£ "))
        if found is None:
            raise forms.ValidationError(NO_PRICE)
        return found


class ZonedForm(forms.Form):
    """Moments are typed as a clock in the reader's zone shows them."""

    zone = "UTC"

    def moment(self, name: str) -> datetime | None:
        """What was typed there; None where it was left empty."""
        typed = self.cleaned_data[name].strip()
        found = read_moment(typed, zone=self.zone) if typed else None
        if typed and found is None:
            raise forms.ValidationError(NO_MOMENT)
        return found

    def says_zone(self, name: str, *, empty: str = "Empty: now. Else as") -> None:
        self.fields[name].help_text = f"{empty} a clock in {self.zone.replace('_', ' ')} shows it."


def moment_field(label: str, *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=40, widget=MomentInput)
