"""The first and last day of something that is offered, as staff type them in their own zone."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from catalog.domain.window import end_through, start_of_day
from journal.admin.fields import DayInput

EARLIEST, LATEST = 1970, 2200


class OfferDaysForm(forms.Form):
    """A day that is left as it was shown keeps its instant, also one that ended in the middle of a day."""

    starts_at = forms.DateField(label="From the start of", required=False, widget=DayInput)
    ends_at = forms.DateField(label="Through", required=False, widget=DayInput)

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        self.fields["starts_at"].help_text = f"Empty: from now on. A day begins at midnight in {zone}."
        self.fields["ends_at"].help_text = f"That day included, in {zone}. Empty: without end."

    def _clean_day(self, name: str) -> Any:
        day = self.cleaned_data[name]
        if day is not None and not EARLIEST <= day.year <= LATEST:
            raise forms.ValidationError(f"The year {day.year} can't be meant.")
        return day

    def clean_starts_at(self) -> Any:
        return self._clean_day("starts_at")

    def clean_ends_at(self) -> Any:
        return self._clean_day("ends_at")

    def instants(self, row: Any = None) -> dict[str, datetime | None]:
        """`starts_at` and `ends_at` as the days say them, or as the row has them where nobody changed the day."""
        first, last = self.cleaned_data["starts_at"], self.cleaned_data["ends_at"]
        starts_at = start_of_day(first, self.zone) if first else None
        ends_at = end_through(last, self.zone) if last else None
        if row is not None:
            starts_at = starts_at if "starts_at" in self.changed_data else row.starts_at
            ends_at = ends_at if "ends_at" in self.changed_data else row.ends_at
        return {"starts_at": starts_at, "ends_at": ends_at}


def days_of(row: Any, *, zone: str) -> dict[str, Any]:
    """What the form shows of a row's instants."""
    tz = ZoneInfo(zone)
    return {
        "starts_at": row.starts_at.astimezone(tz).date() if row.starts_at else None,
        "ends_at": (row.ends_at - timedelta(microseconds=1)).astimezone(tz).date() if row.ends_at else None,
    }
