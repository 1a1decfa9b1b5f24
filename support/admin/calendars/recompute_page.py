"""Recomputing open cases by the hours now in force, for those that were promised by older ones."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from journal.admin.jobs import job_url
from journal.admin.pages import FormPage
from journal.domain.refusal import Stale
from support.actions.cases.recomputing import RECOMPUTES, start_preview, start_recompute
from support.admin.calendars.impact import Foreseen, foreseen, impact_shown
from support.admin.calendars.pages import CalendarPage, calendar_url
from support.admin.calendars.preview_page import SEES_JOBS


class RecomputeForm(forms.Form):
    quiet = forms.BooleanField(label="Tell nobody of clocks that are late at once by it", required=False)


class CalendarRecomputePage(CalendarPage, FormPage[RecomputeForm]):
    """What was put in force for new cases only may reach the open ones later."""

    permission: ClassVar[str] = RECOMPUTES
    template_name = "support/calendars/recompute.html"
    title = "Recompute open cases by these hours"

    @cached_property
    def foreseen(self) -> Foreseen:
        assert self.in_force is not None
        return foreseen(at=self.at, calendar=self.in_force, since=self.in_force.in_force_from)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.in_force is None:
            return HttpResponseRedirect(calendar_url(self.calendar))
        return super().get(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> RecomputeForm:
        return RecomputeForm(data)

    def act(self, form: RecomputeForm) -> HttpResponse:
        if self.in_force is None:
            raise Stale("No hours are in force yet.")
        if self.request.POST.get("do") == "count":
            start_preview(calendar=self.in_force, by=self.by, at=self.at)
            return HttpResponseRedirect(calendar_url(self.calendar, "recompute"))
        quiet = form.cleaned_data["quiet"]
        job = start_recompute(calendar=self.in_force, quiet=quiet, by=self.by, at=self.at)
        self.tell("Open cases are being recomputed.")
        sees = self.request.user.has_perm(SEES_JOBS)
        return HttpResponseRedirect(job_url(job) if sees else calendar_url(self.calendar))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sees = self.request.user.has_perm(SEES_JOBS)
        lead = "Open cases count by the hours that were in force when they were promised; recomputed, by those in force now."
        shown = impact_shown(self.foreseen, zone=self.zone, at=self.at, sees_job=sees) if self.in_force else {}
        return {**super().get_context_data(**kwargs), **shown, "lead": lead}
