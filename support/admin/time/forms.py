"""The forms about time worked: entering it, taking it back, correcting it, counting it later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms

from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.moments import read_moment
from journal.admin.fields import MomentInput
from support.domain.case_events import Channel
from support.domain.time_entries import read_minutes
from support.models import Allowance, TimeEntry
from support.queries.allowances.balances import BalanceLine

NO_LENGTH = "That is no length of time. Write minutes such as 20, or hours such as 1:20 or 1 h 20."
NO_MOMENT = "That is no day and time; write both, or leave it empty."
PICKER = "%Y-%m-%dT%H:%M"


class TimeForm(forms.Form):
    """`zone` is the reader's: what is typed is meant there. `token` names the entry, so that a form sent twice enters it
    once; `seen` is how many minutes beyond the reader was shown."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=60)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    minutes = forms.CharField(
        label="How long", max_length=20, help_text="20, 1:20 or 1 h 20.",
        error_messages={"required": "Write how long it took, such as 20 or 1:20."},
    )  # fmt: skip
    channel = forms.ChoiceField(label="How", choices=[(one.value, one.words) for one in Channel])
    allowance = forms.ChoiceField(label="Counts on", required=False)
    worked_at = forms.CharField(label="When it began", required=False, max_length=40, widget=MomentInput)
    worked_by = forms.CharField(label="Who", required=False, max_length=200, help_text="Empty: you.")
    note = forms.CharField(
        label="What was done", required=False, max_length=5_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For us; the customer’s ledger doesn’t show it.",
    )  # fmt: skip

    def __init__(
        self, data: Any = None, *, zone: str, lines: Sequence[BalanceLine], **options: Any
    ) -> None:  # fmt: skip
        super().__init__(data, prefix=options.pop("prefix", "time"), **options)
        self.zone, self.lines = zone, lines
        self.fields["token"].initial = f"desk:{uuid4()}"
        words = f"Empty: it has just ended. Else as a clock in {zone.replace('_', ' ')} shows it."
        self.fields["worked_at"].help_text = words
        if len(lines) > 1:
            told = [(line.key, f"{line.name}: {line.one_line}") for line in lines]
            offer(self, "allowance", [("", "What goes first"), *told])
        else:
            del self.fields["allowance"]

    def clean_minutes(self) -> int:
        found = read_minutes(self.cleaned_data["minutes"])
        if found is None:
            raise forms.ValidationError(NO_LENGTH)
        return found

    def clean_worked_at(self) -> datetime | None:
        typed = self.cleaned_data["worked_at"].strip()
        found = read_moment(typed, zone=self.zone) if typed else None
        if typed and found is None:
            raise forms.ValidationError(NO_MOMENT)
        return found

    @property
    def counts_on(self) -> Allowance | None:
        """The one that was chosen; None: the rule chooses."""
        key = self.cleaned_data.get("allowance", "")
        return next((line.allowance for line in self.lines if line.key == key), None) if key else None

    @property
    def said(self) -> dict[str, Any]:
        """By the names of the action."""
        given = self.cleaned_data
        names = ("minutes", "channel", "worked_at", "worked_by", "note")
        told = {name: given[name] for name in names}
        return {**told, "allowance": self.counts_on}


class CorrectForm(TimeForm):
    """The same, with why it was wrong."""

    reason = ReasonField(help_text="The customer’s ledger says that it was given back, with these words.")


class WithdrawForm(forms.Form):
    reason = ReasonField(help_text="The customer’s ledger says that it was given back, with these words.")


class LeaveOutForm(forms.Form):
    reason = ReasonField(help_text="The customer reads it in the ledger.")


class CountForm(forms.Form):
    """Which of the entries that count on nothing are to count on this allowance now."""

    entries = forms.MultipleChoiceField(
        label="Entries", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one entry.", "invalid_choice": "One of them is gone; look again."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, found: Sequence[TimeEntry], **options: Any) -> None:
        super().__init__(data, **options)
        self.found = {str(entry.pk): entry for entry in found}
        offer(self, "entries", [(pk, str(entry)) for pk, entry in self.found.items()])

    @property
    def chosen(self) -> list[TimeEntry]:
        return [self.found[pk] for pk in self.cleaned_data["entries"]]
