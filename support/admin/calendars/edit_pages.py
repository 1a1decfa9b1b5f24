"""Making a calendar, calling it otherwise, and writing its hours."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from catalog.models.columns import KEY_RULE
from entitlements.models.account import known_zones
from journal.admin.pages import FormPage
from journal.domain.refusal import Invalid
from support.actions.calendar_versions import MOST_DAYS
from support.actions.calendars import create_calendar, draft_hours, edit_calendar
from support.admin.calendars.form import DAYS, HoursForm, as_it_stands
from support.admin.calendars.pages import EDIT, LIST, VIEW, CalendarAsk, CalendarPage, calendar_url
from support.domain.clock_words import WEEKDAYS
from support.models import VersionState
from support.queries.calendars.versions import calendar_token

OFF = {"autocomplete": "off", "spellcheck": "false"}
MORE = "more"


class NewForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120, help_text="As people here call it, such as Business hours.")
    key = forms.CharField(
        label="Key", max_length=64, validators=[KEY_RULE], widget=forms.TextInput(attrs=OFF),
        help_text="How engineers call it, such as business_hours. It never changes.",
    )  # fmt: skip
    note = forms.CharField(
        label="What it is for", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class NameForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120)
    note = forms.CharField(
        label="What it is for", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class NewPage(FormPage[NewForm]):
    permission: ClassVar[str] = EDIT
    template_name = "support/calendars/new.html"
    title = "A new calendar"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> NewForm:
        return NewForm(data)

    def act(self, form: NewForm) -> HttpResponse:
        calendar = create_calendar(**form.cleaned_data, by=self.by, at=self.at)
        self.tell(f"{calendar} is there. Nothing counts by it until its hours are in force.")
        return HttpResponseRedirect(calendar_url(calendar, "edit"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "back": reverse(LIST), "button": "Go on to its hours"}


class NamePage(CalendarAsk):
    title = "Call a calendar otherwise"
    button = "Save the name"
    lead = "Its key and its hours stay."

    def form(self, *, data: Any = None) -> NameForm:
        told = {"name": self.calendar.name, "note": self.calendar.note, "seen": calendar_token(self.calendar)}
        return NameForm(data, initial=told)

    def act(self, form: forms.Form) -> HttpResponse:
        edit_calendar(calendar=self.calendar, **form.cleaned_data, by=self.by, at=self.at)
        return self.done("The name was saved.")


class EditPage(CalendarPage, FormPage[HoursForm]):
    """Writes a draft, and leads to what it would change: nothing counts by it until it is put in force."""

    permission: ClassVar[str] = EDIT
    template_name = "support/calendars/edit.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.open_version is not None and self.open_version.state == VersionState.ASKED:
            return HttpResponseRedirect(calendar_url(self.calendar, "preview"))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if MORE in request.POST:
            return self.render_to_response(self.get_context_data(form=_with_more_lines(request.POST)))
        return super().post(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> HoursForm:
        draft = self.open_version
        told, days = as_it_stands(draft or self.in_force)
        note = draft.note if draft else ""
        return HoursForm(data, days=days, initial={**told, "note": note, "seen": calendar_token(self.calendar)})

    def act(self, form: HoursForm) -> HttpResponse:
        seen = form.cleaned_data["seen"]
        try:
            draft_hours(calendar=self.calendar, hours=form.hours(), by=self.by, at=self.at, seen=seen)
        except Invalid as refusal:
            raise _beside_its_day(refusal) from refusal
        self.tell("The draft is saved. Nothing counts by it yet.")
        return HttpResponseRedirect(calendar_url(self.calendar, "preview"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = "Edit the draft" if self.open_version else "Change the hours" if self.in_force else "Write the hours"
        return {
            **super().get_context_data(**kwargs),
            "title": f"{words} of {self.calendar}",
            "zones": sorted(known_zones()),
        }


def _with_more_lines(data: Any) -> HoursForm:
    """The same as typed, with further empty lines for other days: nothing is checked before it is saved."""
    told = {name: data.get(name, "") for name in HoursForm.base_fields}
    told["keeps_holidays"] = "keeps_holidays" in data
    total = data.get("day-TOTAL_FORMS", "")
    lines = min(int(total), MOST_DAYS) if total.isdigit() and len(total) < 5 else 0
    days = [{name: data.get(f"day-{number}-{name}", "") for name in ("on", "name", "hours")} for number in range(lines)]
    return HoursForm(days=days, initial=told)


def _beside_its_day(refusal: Invalid) -> Invalid:
    """ "Monday: the hours overlap" belongs beside Monday."""
    day = refusal.message.partition(":")[0]
    field = day.lower() if refusal.field == "week" and day in WEEKDAYS else refusal.field
    return Invalid(refusal.message, field=field if field in {*DAYS, "zone", "country"} else None)
