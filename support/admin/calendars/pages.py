"""What every page about one calendar has in common, and the page that asks before something is done with it."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from journal.admin.pages import FormPage, Page
from support.models import BusinessCalendar, CalendarVersion
from support.queries.calendars.versions import in_force, open_version

VIEW, EDIT, APPROVE = "support.view_businesscalendar", "support.edit_sla", "support.approve_sla"
LIST = "admin:support_businesscalendar_changelist"


def calendar_url(calendar: BusinessCalendar, page: str = "", *arguments: Any) -> str:
    """The address of a calendar's page, or of one of its further pages."""
    return reverse(f"admin:support_calendar{f'_{page}' if page else ''}", args=[calendar.key, *arguments])


class CalendarPage(Page):
    """Who may not look at calendars is turned away before learning which there are."""

    permission: ClassVar[str] = VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def calendar(self) -> BusinessCalendar:
        return get_object_or_404(BusinessCalendar, key=self.kwargs["key"])

    @cached_property
    def in_force(self) -> CalendarVersion | None:
        return in_force(self.calendar, at=self.at)

    @cached_property
    def open_version(self) -> CalendarVersion | None:
        """What is being drafted, or waits for a second person."""
        return open_version(self.calendar)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "calendar": self.calendar,
            "in_force": self.in_force,
            "open_version": self.open_version,
            "back": calendar_url(self.calendar),
            "back_words": self.calendar.name,
            "list_url": reverse(LIST),
            "may_edit": self.request.user.has_perm(EDIT),
        }


class CalendarAsk(CalendarPage, FormPage[forms.Form]):
    """A page that says what will happen, and asks; afterwards the reader is back on the calendar."""

    permission: ClassVar[str] = EDIT
    template_name = "support/calendars/ask.html"
    form_class: ClassVar[type[forms.Form]]
    button: ClassVar[str]
    lead: ClassVar[str] = ""
    danger: ClassVar[bool] = False

    def form(self, *, data: Any = None) -> forms.Form:
        return self.form_class(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = {"button": self.button, "lead": self.lead, "danger": self.danger, "lines": self.lines()}
        return {**super().get_context_data(**kwargs), **told}

    def lines(self) -> tuple[str, ...]:
        """What the reader should have before their eyes, beside the calendar."""
        return ()

    def done(self, message: str, page: str = "") -> HttpResponse:
        self.tell(message)
        return HttpResponseRedirect(calendar_url(self.calendar, page))
