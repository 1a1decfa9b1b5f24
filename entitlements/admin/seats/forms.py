"""What is asked about seats: whom to seat, pasted as lines, and why something is done with one."""

import re
from typing import Any

from django import forms

from entitlements.actions.seats.assigning import MOST_AT_ONCE, Holder
from entitlements.admin.fields import ReasonField
from entitlements.models.usage import LONGEST_NAME

INVITED, ACTIVE = "invited", "active"
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<holder>[^<>]+)>")
_SPLIT = re.compile(r"[,;\t]")


def read_people(text: str) -> list[Holder]:
    """One person a line: “ann@acme.example”, “ann@acme.example, Ann Smith”, or “Ann Smith <ann@acme.example>”."""
    return [_read_line(line.strip()) for line in text.replace("\x00", "").splitlines() if line.strip()]


def _read_line(line: str) -> Holder:
    named = _NAMED.fullmatch(line)
    if named:
        return Holder(named["holder"].strip(), named["name"].strip(' "'))
    holder, *rest = _SPLIT.split(line, maxsplit=1)
    return Holder(holder.strip(), rest[0].strip(' "') if rest else "")


class AssignForm(forms.Form):
    """`seen` is the token of the preview; empty as long as nobody has looked at one."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    people = forms.CharField(
        label="Who",
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        help_text=f"One person a line, as your products name them: ann@acme.example, or ann@acme.example, Ann Smith. Up to {MOST_AT_ONCE:,} lines, pasted from anywhere.",
        error_messages={"required": "Name at least one person."},
    )
    state = forms.ChoiceField(
        label="From when do they use it",
        widget=forms.RadioSelect,
        choices=[(INVITED, "When they are first there: invited until then"), (ACTIVE, "From now on: active at once")],
        initial=INVITED,
    )
    reason = ReasonField(required=False)

    def clean_people(self) -> list[Holder]:
        people = read_people(self.cleaned_data["people"])
        if len(people) > MOST_AT_ONCE:
            raise forms.ValidationError(f"These are {len(people):,} lines; assign at most {MOST_AT_ONCE:,} at once.")
        return people


class SeatActForm(forms.Form):
    """`seen` is the seat as it stood when the form was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField(required=False)


class TransferForm(SeatActForm):
    holder = forms.CharField(
        label="To whom",
        max_length=LONGEST_NAME,
        help_text="As your products name them. The same person under another spelling keeps the seat.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(label="Name", max_length=LONGEST_NAME, required=False, help_text="For people to read.")

    field_order = ("seen", "holder", "name", "reason")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        return {name: value.replace("\x00", "") if isinstance(value, str) else value for name, value in given.items()}
