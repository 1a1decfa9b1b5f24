"""What may be said of a visit: when somebody goes there, that it was done, that it wasn't, that nobody wants it."""

from typing import Any

from django import forms

from entitlements.admin.fields import ReasonField
from journal.admin.fields import WholeNumberField
from support.actions.work.visits import Used
from support.admin.work.fields import ZonedForm, moment_field
from support.domain.cover_terms import WorkKind
from support.domain.work import LONGEST_MINUTES
from support.models import Visit


class ScheduleForm(ZonedForm):
    scheduled_for = moment_field("Appointment", required=True)
    technician = forms.CharField(label="Who goes there", required=False, max_length=200)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, data: Any = None, *, visit: Visit, zone: str) -> None:
        seen = visit.scheduled_for.isoformat() if visit.scheduled_for else ""
        super().__init__(data, prefix="schedule", initial={"technician": visit.technician, "seen": seen})
        self.zone = zone
        self.says_zone("scheduled_for", empty="As")
        self.fields["scheduled_for"].error_messages["required"] = "Say on which day, and at what time."

    def clean_scheduled_for(self) -> Any:
        return self.moment("scheduled_for")


class DoneForm(ZonedForm):
    done_at = moment_field("When it was done")
    done_by = forms.CharField(label="Who was there", required=False, max_length=200)
    labour = WholeNumberField(label="Minutes worked", required=False, min_value=1, max_value=LONGEST_MINUTES)
    travel = WholeNumberField(label="Minutes travelled", required=False, min_value=1, max_value=LONGEST_MINUTES)
    note = forms.CharField(
        label="What was found", required=False, max_length=5_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, *, visit: Visit, zone: str) -> None:
        super().__init__(data, prefix="done", initial={"done_by": visit.technician})
        self.zone = zone
        self.says_zone("done_at")

    def clean_done_at(self) -> Any:
        return self.moment("done_at")

    @property
    def used(self) -> list[Used]:
        given = self.cleaned_data
        told = (
            (WorkKind.LABOUR, "Maintenance visit", given["labour"]),
            (WorkKind.TRAVEL, "To the visit", given["travel"]),
        )
        return [Used(kind, words, quantity=minutes) for kind, words, minutes in told if minutes]


class MissForm(ZonedForm):
    reason = ReasonField(help_text="It may still be caught up while its cover is in force.")

    def __init__(self, data: Any = None, *, visit: Visit, zone: str) -> None:
        super().__init__(data, prefix="miss")


class CancelForm(ZonedForm):
    reason = ReasonField(help_text="It is cancelled for good, and isn’t planned again.")

    def __init__(self, data: Any = None, *, visit: Visit, zone: str) -> None:
        super().__init__(data, prefix="cancel")
