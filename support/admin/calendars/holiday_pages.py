"""Public holidays by country and year: imported, added, withdrawn, and what a change of them does to open cases."""

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.domain.countries import COUNTRIES
from catalog.queries.instants import say_instant
from entitlements.admin.fields import ReasonField, offer
from journal.admin.fields import DayInput, WholeNumberField
from journal.admin.jobs import job_url
from journal.admin.pages import FormPage, Page
from support.actions.cases.recomputing import RECOMPUTES, start_preview, start_recompute
from support.actions.holidays import add_holiday, import_holidays, withdraw_holiday
from support.admin.calendars.impact import Foreseen, foreseen, impact_shown
from support.admin.calendars.pages import EDIT, calendar_url
from support.admin.calendars.preview_page import SEES_JOBS
from support.admin.calendars.recompute_page import RecomputeForm
from support.models import Holiday
from support.queries.calendars.holidays import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    Found,
    countries_known,
    days_of,
    found_holidays,
    kept_by,
    on_file,
)
from support.queries.calendars.versions import say_date

VIEW = "support.view_holiday"
EVERYWHERE = sorted(COUNTRIES.items(), key=lambda pair: pair[1])
MOST_AHEAD = 10
A_YEAR = f"Write a year from {EARLIEST_YEAR} to {LATEST_YEAR}."
YEARS: dict[str, Any] = {
    "min_value": EARLIEST_YEAR,
    "max_value": LATEST_YEAR,
    "error_messages": dict.fromkeys(("invalid", "min_value", "max_value"), A_YEAR),
}
BY_NAME = sorted(countries_known().items(), key=lambda pair: pair[1])


def holidays_url(country: str = "", year: int | None = None, *, page: str = "") -> str:
    told = {"country": country, "year": year}
    query = urlencode({name: value for name, value in told.items() if value})
    return reverse(f"admin:support_holidays{f'_{page}' if page else ''}") + (f"?{query}" if query else "")


class HolidayPage(Page):
    """Which country and year are looked at stands in the address; without any, the first on file and this year."""

    permission: ClassVar[str] = VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def country(self) -> str:
        asked = self.request.GET.get("country", "").upper()
        return asked if asked in COUNTRIES else next((one.country for one in on_file()), "NL")

    @cached_property
    def year(self) -> int:
        asked = self.request.GET.get("year", "")
        year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else self.at.year
        return year if EARLIEST_YEAR <= year <= LATEST_YEAR else self.at.year

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "country": self.country,
            "country_name": COUNTRIES[self.country],
            "year": self.year,
            "back": holidays_url(self.country, self.year),
            "back_words": f"Public holidays of {COUNTRIES[self.country]}",
            "may_edit": self.request.user.has_perm(EDIT),
        }


class HolidaysPage(HolidayPage):
    template_name = "support/calendars/holidays.html"
    title = "Public holidays"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filed = on_file()
        days = days_of(self.country, self.year)
        return {
            **super().get_context_data(**kwargs),
            "days": [self._line(day) for day in days if day.withdrawn_at is None],
            "withdrawn": [self._line(day) for day in days if day.withdrawn_at is not None],
            "filed": [(one, holidays_url(one.country, one.year)) for one in filed],
            "countries": EVERYWHERE,
            "calendars": [(calendar, calendar_url(calendar)) for calendar in kept_by(self.country)],
            "earlier": holidays_url(self.country, self.year - 1),
            "later": holidays_url(self.country, self.year + 1),
            "import_url": holidays_url(self.country, self.year, page="import"),
            "add_url": holidays_url(self.country, self.year, page="new"),
            "recompute_url": holidays_url(self.country, self.year, page="recompute"),
            "may_recompute": self.request.user.has_perm(RECOMPUTES),
        }

    def _line(self, day: Holiday) -> dict[str, Any]:
        return {
            "row": day,
            "on": say_date(day.on),
            "since": say_instant(day.recorded_at, zone=self.zone),
            "until": say_instant(day.withdrawn_at, zone=self.zone) if day.withdrawn_at else "",
            "past": day.on < self.at.date(),
        }


class ImportForm(forms.Form):
    country = forms.ChoiceField(label="Country")
    first = WholeNumberField(label="From year", **YEARS)
    last = WholeNumberField(label="Through year", **YEARS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "country", BY_NAME)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not 0 <= given["last"] - given["first"] < MOST_AHEAD:
            self.add_error("last", f"Choose the same year or a later one, up to {MOST_AHEAD} years in all.")
        return given

    @property
    def years(self) -> list[int]:
        return list(range(self.cleaned_data["first"], self.cleaned_data["last"] + 1))


class HolidayFormPage(HolidayPage, FormPage[Any]):
    permission: ClassVar[str] = EDIT
    template_name = "support/calendars/holiday_ask.html"

    def back_to(self, country: str, year: int, message: str) -> HttpResponse:
        """Tells what was done, and where calendars keep these days, what to do about open cases."""
        self.tell(message)
        return HttpResponseRedirect(f"{holidays_url(country, year)}&changed=1")


class ImportPage(HolidayFormPage):
    """Two steps on one address: which country and years, and what that comes to."""

    template_name = "support/calendars/holiday_import.html"
    title = "Import public holidays"

    def form(self, *, data: Any = None) -> ImportForm:
        last = min(self.year + 1, LATEST_YEAR)
        return ImportForm(data, initial={"country": self.country, "first": self.year, "last": last})

    def act(self, form: ImportForm) -> HttpResponse:
        country, years = form.cleaned_data["country"], form.years
        if self.request.POST.get("step") != "confirm":
            shown = self._shown(found_holidays(country, years))
            return self.render_to_response(self.get_context_data(form=form, **shown))
        made = import_holidays(country=country, years=years, by=self.by, at=self.at)
        days = f"{len(made)} day{'' if len(made) == 1 else 's'}"
        return self.back_to(country, years[0], f"{days} of {COUNTRIES[country]} imported.")

    def _shown(self, found: Found) -> dict[str, Any]:
        told = {"new": found.new, "known": found.known, "left_out": found.withdrawn}
        lines = {name: [(say_date(on), day) for on, day in days] for name, days in told.items()}
        return {**lines, "found": found, "found_name": COUNTRIES.get(found.country, found.country)}


class AddForm(forms.Form):
    country = forms.ChoiceField(label="Country", choices=EVERYWHERE)
    on = forms.DateField(label="Day", widget=DayInput)
    name = forms.CharField(label="Called", max_length=200)


class AddPage(HolidayFormPage):
    title = "Add a public holiday"

    def form(self, *, data: Any = None) -> AddForm:
        return AddForm(data, initial={"country": self.country})

    def act(self, form: AddForm) -> HttpResponse:
        day = add_holiday(**form.cleaned_data, by=self.by, at=self.at)
        return self.back_to(day.country, day.on.year, f"{day.name} was added.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = "For a day that no list has. A day on which only we are closed belongs into the calendar instead."
        return {**super().get_context_data(**kwargs), "lead": lead, "button": "Add it"}


class WithdrawForm(forms.Form):
    reason = ReasonField()


class WithdrawPage(HolidayFormPage):
    title = "Withdraw a public holiday"

    @cached_property
    def holiday(self) -> Holiday:
        return get_object_or_404(Holiday, pk=self.kwargs["holiday"])

    @cached_property
    def country(self) -> str:  # type: ignore[override]
        return self.holiday.country

    @cached_property
    def year(self) -> int:  # type: ignore[override]
        return self.holiday.on.year

    def form(self, *, data: Any = None) -> WithdrawForm:
        return WithdrawForm(data)

    def act(self, form: WithdrawForm) -> HttpResponse:
        day = withdraw_holiday(holiday=self.holiday, **form.cleaned_data, by=self.by, at=self.at)
        return self.back_to(day.country, day.on.year, f"{day.name} was withdrawn.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "facts": [
                ("Day", say_date(self.holiday.on)),
                ("Called", self.holiday.name),
                ("Of", COUNTRIES[self.country]),
            ],
            "lead": "From now on it is a day like any other. That it was a holiday until now stays on file.",
            "button": "Withdraw it",
            "danger": True,
        }


class RecomputePage(HolidayFormPage):
    """What the country's holidays as they are on file now do to open cases that were promised by others."""

    permission: ClassVar[str] = RECOMPUTES
    template_name = "support/calendars/recompute.html"
    title = "Recompute open cases by these holidays"

    @cached_property
    def foreseen(self) -> Foreseen:
        rows = Holiday.objects.filter(country=self.country).order_by("recorded_at")
        told = [at for pair in rows.values_list("recorded_at", "withdrawn_at") for at in pair if at is not None]
        return foreseen(at=self.at, since=max(told, default=None), country=self.country)

    def form(self, *, data: Any = None) -> RecomputeForm:
        return RecomputeForm(data)

    def act(self, form: RecomputeForm) -> HttpResponse:
        if self.request.POST.get("do") == "count":
            start_preview(country=self.country, by=self.by, at=self.at)
            return HttpResponseRedirect(holidays_url(self.country, self.year, page="recompute"))
        job = start_recompute(country=self.country, quiet=form.cleaned_data["quiet"], by=self.by, at=self.at)
        self.tell("Open cases are being recomputed.")
        sees = self.request.user.has_perm(SEES_JOBS)
        return HttpResponseRedirect(job_url(job) if sees else holidays_url(self.country, self.year))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sees = self.request.user.has_perm(SEES_JOBS)
        shown = impact_shown(self.foreseen, zone=self.zone, at=self.at, sees_job=sees)
        lead = (
            f"Open cases count by the holidays of {COUNTRIES[self.country]} as they were known when they were promised. "
            "Recomputed, they count by those on file now."
        )
        return {**super().get_context_data(**kwargs), **shown, "lead": lead}
