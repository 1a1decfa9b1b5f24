"""The list of calendars and the list of holidays; a page to read stands where a stock form would."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name
from unfold.decorators import display

from catalog.queries.instants import say_instant
from journal.admin.base import RecordedModelAdmin
from support.admin.calendars.addresses import CALENDARS, HOLIDAYS
from support.admin.calendars.holiday_pages import holidays_url
from support.admin.calendars.pages import EDIT, calendar_url
from support.admin.calendars.show_page import shows_zone
from support.models import BusinessCalendar, CalendarVersion, Holiday, VersionState
from support.models.calendar import VERSION_WORDS
from support.queries.calendars.versions import OPEN
from support.queries.week import say_week

COLOURS = {VERSION_WORDS[VersionState.DRAFT]: "warning", VERSION_WORDS[VersionState.ASKED]: "info"}


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(RecordedModelAdmin):
    list_before_template = "support/calendars/list_head.html"
    list_display = ("shown", "hours", "whose", "since", "draft")
    list_display_links = None
    search_fields = ("name", "key")
    fields = readonly_fields = ("name", "note", "key")

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=name)
            for route, page, name in CALENDARS
        ]
        return [*pages, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[BusinessCalendar]:
        told = CalendarVersion.objects.exclude(state=VersionState.DROPPED).order_by("in_force_from", "number")
        return super().get_queryset(request).prefetch_related(Prefetch("versions", told, to_attr="told"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"title": "Calendars", "may_edit": request.user.has_perm(EDIT), "holidays": holidays_url()}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The stock form has nothing to show that the calendar's own page doesn't."""
        row = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(calendar_url(row))

    @display(description="Calendar", ordering="name")
    def shown(self, row: BusinessCalendar) -> SafeString:
        return format_html('<a class="text-link" href="{}">{}</a>', calendar_url(row), row.name)

    @display(description="Hours")
    def hours(self, row: BusinessCalendar) -> str:
        version = _in_force(row)
        return say_week(version.week) if version else "No hours in force yet"

    @display(description="In whose time")
    def whose(self, row: BusinessCalendar) -> str:
        version = _in_force(row)
        return shows_zone(version) if version else "–"

    @display(description="In force since")
    def since(self, row: BusinessCalendar) -> str:
        version = _in_force(row)
        return _here(version.in_force_from) if version and version.in_force_from else "–"

    @display(description="Draft", label=COLOURS)
    def draft(self, row: Any) -> str | None:
        return next((VERSION_WORDS[VersionState(each.state)] for each in row.told if each.state in OPEN), None)


@admin.register(Holiday)
class HolidayAdmin(RecordedModelAdmin):
    list_before_template = "support/calendars/holiday_list_head.html"
    list_display = ("on", "name", "country", "withdrawn_at")
    list_filter: ClassVar = ("country", ("withdrawn_at", admin.EmptyFieldListFilter))
    search_fields = ("name",)
    fields = readonly_fields = ("on", "name", "country", "recorded_at", "withdrawn_at")

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=name)
            for route, page, name in HOLIDAYS
        ]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"holidays": holidays_url()}
        return super().changelist_view(request, {**shown, **(extra_context or {})})


def _in_force(row: Any) -> CalendarVersion | None:
    """Read with the list, the last to come into force."""
    found = [version for version in row.told if version.state == VersionState.IN_FORCE]
    return found[-1] if found else None


def _here(at: datetime) -> str:
    return say_instant(at, zone=get_current_timezone_name())
