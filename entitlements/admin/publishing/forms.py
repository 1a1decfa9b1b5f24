"""The forms of publishing: who gets it (asked by GET, so that the address holds the answer), and the last word."""

import json
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from catalog.domain.rollouts import Audience, Publication
from catalog.domain.window import start_of_day
from catalog.models import PlanVersion
from entitlements.domain.figures import Figures
from entitlements.models import Cohort
from journal.admin.fields import DayInput

AUDIENCES = {
    Audience.NEW_CUSTOMERS: "New customers only",
    Audience.AT_RENEWAL: "Everybody, each at their next renewal",
    Audience.ON_DATE: "Everybody, on a date",
    Audience.NOW: "Everybody, now",
    Audience.COHORT: "A cohort: accounts you choose",
}
FIRST_AUDIENCES = {
    Audience.NOW: "On sale now",
    Audience.ON_DATE: "On sale from a date on",
}


class AudienceForm(forms.Form):
    """To whom a version goes, and from when. Days begin at midnight in the reader's own zone."""

    audience = forms.ChoiceField(label="Who gets it", widget=forms.RadioSelect)
    on = forms.DateField(label="From the start of", required=False, widget=DayInput)
    cohort = forms.ChoiceField(label="Which cohort", required=False)

    def __init__(self, data: Any = None, *, version: PlanVersion, zone: str, first: bool, **options: Any) -> None:
        super().__init__(data, **options)
        self.version, self.zone = version, zone
        self.instant = _instant_in(data)
        if self.instant is not None:
            self.data = {**dict(data.items()), "on": self.instant.astimezone(ZoneInfo(zone)).date().isoformat()}
        offered = FIRST_AUDIENCES if first else AUDIENCES
        self.fields["audience"].choices = [(key.value, words) for key, words in offered.items()]  # type: ignore[attr-defined]
        frozen = Cohort.objects.filter(frozen_at__isnull=False)
        self.fields["cohort"].choices = [("", "Choose one"), *frozen.values_list("key", "name")]  # type: ignore[attr-defined]
        self.fields[
            "on"
        ].help_text = f"Needed for “on a date”; otherwise empty means at once. The day begins at midnight in {zone}, your own zone."

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        audience, day = given.get("audience"), given.get("on")
        if audience == Audience.ON_DATE and day is None and "on" not in self.errors:
            self.add_error("on", "Say on which date everybody gets it.")
        if audience == Audience.NOW and day is not None:
            self.add_error("on", "“Now” has no date: leave it out, or choose “on a date”.")
        if audience == Audience.COHORT and not given.get("cohort"):
            self.add_error("cohort", "Choose the cohort that gets it, or make one first.")
        begins = self._begins(day)
        if begins is not None and begins < timezone.now():
            self.add_error("on", "That moment has passed; choose a day that is still to come.")
        return given

    def _begins(self, day: date | None) -> datetime | None:
        if self.instant is not None:
            return self.instant
        return None if day is None else start_of_day(day, self.zone)

    def publication(self) -> Publication:
        """What was chosen; a cohort is only named where one is meant."""
        given = self.cleaned_data
        audience = Audience(given["audience"])
        return Publication(
            audience=audience,
            effective_at=self._begins(given["on"]),
            edits=self.version.edits,
            cohort_key=given["cohort"] if audience is Audience.COHORT else "",
        )


def as_query(publication: Publication) -> str:
    """The choice as the address holds it: by the instant, which means the same to readers in every zone."""
    at = "" if publication.effective_at is None else publication.effective_at.isoformat()
    told = {"audience": publication.audience.value, "at": at, "cohort": publication.cohort_key}
    return urlencode({name: value for name, value in told.items() if value})


def _instant_in(data: Any) -> datetime | None:
    """The instant an address names, unless a day was chosen since; what is no instant is passed over."""
    told = "" if data is None or data.get("on") else data.get("at", "")
    try:
        instant = datetime.fromisoformat(told)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


class FiguresField(forms.CharField):
    """The figures that were read, carried along unseen."""

    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(value.as_json()) if isinstance(value, Figures) else value

    def to_python(self, value: Any) -> Any:
        try:
            return Figures.from_json(json.loads(value or ""))
        except (ValueError, KeyError, TypeError):
            raise ValidationError("What you had read was lost on the way; look at it again.") from None


class LastWordForm(forms.Form):
    """Why; and where many lose something, how many they are."""

    edits = forms.IntegerField(widget=forms.HiddenInput)
    seen = FiguresField()
    reason = forms.CharField(
        label="Why", widget=forms.Textarea(attrs={"rows": 2}), help_text="It stands in the audit beside your name."
    )
    confirmed = forms.IntegerField(
        label="How many accounts lose something",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, losing: int = 0, **options: Any) -> None:
        super().__init__(data, **options)
        if losing:
            self.fields["confirmed"].help_text = f"Type {losing} to show that you have seen it."
        else:
            del self.fields["confirmed"]

    def shows(self, figures: Figures) -> None:
        """Put the figures on show in the place of those that were posted."""
        self.data = {**self.data.dict(), "seen": json.dumps(figures.as_json())}  # type: ignore[attr-defined]
