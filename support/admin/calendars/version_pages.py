"""Restoring the hours of an older version, and dropping a draft."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from entitlements.admin.fields import ReasonField
from journal.domain.refusal import Stale
from support.actions.calendars import drop_hours, restore_hours
from support.admin.calendars.pages import CalendarAsk, calendar_url
from support.models import CalendarVersion, VersionState
from support.queries.calendars.versions import calendar_token, difference


class RestoreForm(forms.Form):
    note = ReasonField(required=False, help_text="Empty: that it is as in that version.")


class DropForm(forms.Form):
    reason = ReasonField(required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class RestorePage(CalendarAsk):
    form_class: ClassVar[type[forms.Form]] = RestoreForm
    button = "Draft these hours"

    @cached_property
    def version(self) -> CalendarVersion:
        settled = [VersionState.IN_FORCE, VersionState.DROPPED]
        rows = CalendarVersion.objects.select_related("calendar").filter(calendar=self.calendar, state__in=settled)
        return get_object_or_404(rows, number=self.kwargs["number"])

    @property
    def lead(self) -> str:  # type: ignore[override]
        return "A draft is made of it. Nothing counts by it until it is put in force, and its effect is shown before."

    def lines(self) -> tuple[str, ...]:
        return difference(self.in_force, self.version)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "title": f"Restore version {self.version.number}"}

    def act(self, form: forms.Form) -> HttpResponse:
        restore_hours(version=self.version, note=form.cleaned_data["note"], by=self.by, at=self.at)
        return self.done("The draft is there. Nothing counts by it yet.", "preview")


class DropPage(CalendarAsk):
    form_class: ClassVar[type[forms.Form]] = DropForm
    title = "Drop a draft"
    button = "Drop it"
    lead = "What is in force stays. The draft can still be read among the versions, and restored from there."
    danger = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.open_version is None:
            return HttpResponseRedirect(calendar_url(self.calendar))
        return super().get(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> DropForm:
        return DropForm(data, initial={"seen": calendar_token(self.calendar)})

    def lines(self) -> tuple[str, ...]:
        return difference(self.in_force, self.open_version) if self.open_version else ()

    def act(self, form: forms.Form) -> HttpResponse:
        if self.open_version is None:
            raise Stale("There is no draft any more; nothing was dropped.")
        drop_hours(version=self.open_version, **form.cleaned_data, by=self.by, at=self.at)
        return self.done("The draft was dropped.")
