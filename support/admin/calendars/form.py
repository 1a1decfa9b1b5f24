"""The hours of a calendar as one form: a line of words for each weekday, and a table of other days."""

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from catalog.domain.countries import COUNTRIES
from entitlements.models.account import known_zones
from journal.admin.fields import DayInput
from support.actions.calendar_versions import MOST_DAYS, hours_as_written
from support.actions.calendars import Hours, OpenHours, OtherDay
from support.domain.calendar import Windows
from support.domain.clock_words import WEEKDAYS
from support.domain.hours_text import LONGEST, UnreadableHours, parse_hours, say_hours
from support.models import CalendarVersion, ZoneMode

OFF = {"autocomplete": "off", "spellcheck": "false"}
SPARE = 2
WHOSE = [(ZoneMode.CUSTOMER.value, "The customer’s own"), (ZoneMode.FIXED.value, "Ours: one zone for everybody")]
BY_NAME = sorted(COUNTRIES.items(), key=lambda pair: pair[1])
DAYS = tuple(name.lower() for name in WEEKDAYS)


class HoursField(forms.CharField):
    """ "09:00-12:30, 13:30-17:00"; cleaned to windows."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=LONGEST, widget=forms.TextInput(attrs=OFF), **options)

    def clean(self, value: Any) -> Windows:
        try:
            return parse_hours(super().clean(value))
        except UnreadableHours as error:
            raise forms.ValidationError(str(error)) from error


class OtherDayForm(forms.Form):
    """One date with other hours; a line without a date, a name and hours is left out."""

    on = forms.DateField(label="Day", required=False, widget=DayInput)
    name = forms.CharField(label="Called", required=False, max_length=120, widget=forms.TextInput(attrs=OFF))
    hours = HoursField(label="Open")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("on") and not self.errors and (given.get("name") or given.get("hours")):
            self.add_error("on", "Say which day, or empty the line.")
        return given


OtherDays = formset_factory(OtherDayForm, extra=SPARE, max_num=MOST_DAYS, validate_max=True)


class HoursForm(forms.Form):
    """All of a version. `days` is the table below; both have to be right."""

    monday, tuesday, wednesday, thursday, friday, saturday, sunday = (HoursField(label=name) for name in WEEKDAYS)
    zone_mode = forms.ChoiceField(label="In whose time", choices=WHOSE, widget=forms.RadioSelect)
    zone = forms.CharField(
        label="Our zone", required=False, max_length=64, widget=forms.TextInput(attrs={"list": "zones", **OFF}),
        help_text="For one zone for everybody, such as Europe/Amsterdam.",
    )  # fmt: skip
    keeps_holidays = forms.BooleanField(label="Closed on public holidays", required=False)
    country = forms.ChoiceField(
        label="Holidays of", required=False, choices=[("", "No country"), *BY_NAME],
        help_text="For one zone for everybody. In the customer’s own time, it is the customer’s country.",
    )  # fmt: skip
    note = forms.CharField(
        label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands beside your name with the version.",
        error_messages={"required": "Say why: whoever looks at this later will ask."},
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, days: Any = (), **options: Any) -> None:
        super().__init__(data, **options)
        self.days: BaseFormSet[OtherDayForm] = OtherDays(data, initial=list(days), prefix="day")

    def is_valid(self) -> bool:
        return super().is_valid() & self.days.is_valid()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("zone_mode") == ZoneMode.FIXED:
            if given.get("zone") not in known_zones():
                self.add_error("zone", "Choose a time zone from the list, such as Europe/Amsterdam.")
            if given.get("keeps_holidays") and not given.get("country"):
                self.add_error("country", "Say of which country, or that it is open on public holidays.")
        return given

    @property
    def rows(self) -> list[Any]:
        return [self[day] for day in DAYS]

    def hours(self) -> Hours:
        """What was typed, as the action takes it."""
        given = self.cleaned_data
        days = [form.cleaned_data for form in self.days if form.cleaned_data.get("on")]
        return Hours(
            windows=tuple(OpenHours(number, *each) for number, day in enumerate(DAYS) for each in given[day]),
            days=tuple(OtherDay(day["on"], day["name"], day["hours"]) for day in days),
            zone_mode=ZoneMode(given["zone_mode"]),
            zone=given["zone"] or "UTC",
            keeps_holidays=given["keeps_holidays"],
            country=given["country"],
            note=given["note"],
        )


def as_it_stands(version: CalendarVersion | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A version as the form shows it: its fields and its other days. Without one, an empty week from Monday to Friday."""
    if version is None:
        week = dict.fromkeys(DAYS[:5], "09:00-17:00") | dict.fromkeys(DAYS[5:], say_hours(()))
        return {**week, "zone_mode": ZoneMode.CUSTOMER.value, "keeps_holidays": True}, []
    hours = hours_as_written(version)
    week = {
        day: say_hours(tuple((one.opens, one.closes) for one in hours.windows if one.weekday == number))
        for number, day in enumerate(DAYS)
    }
    told = {"zone_mode": version.zone_mode, "keeps_holidays": version.keeps_holidays, "country": version.country}
    zone = version.zone if version.zone_mode == ZoneMode.FIXED else ""
    days = [{"on": day.on, "name": day.name, "hours": say_hours(day.hours)} for day in hours.days]
    return {**week, **told, "zone": zone}, days
