"""Calendars, severities and promises to look at; one response target to edit, through its action."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from journal.admin.base import DeskForm, RecordedModelAdmin
from journal.domain.actor import Actor
from support.actions.sla import PERMISSION, Promised, change_target, target_token, target_words
from support.domain.targets import TargetUnit, UnreadableTarget, parse_target
from support.models import BusinessCalendar, CalendarWindow, Holiday, Severity, SlaPolicy, SlaTarget
from support.queries.week import say_span, say_week


class Shown(TabularInline):
    """Rows under their parent, to look at: what writes them is an action on the whole."""

    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False


class WindowsShown(Shown):
    model = CalendarWindow
    fields = readonly_fields = ("day", "from_until")
    verbose_name_plural = "Open hours"

    @admin.display(description="day")
    def day(self, row: CalendarWindow) -> str:
        return row.get_weekday_display()

    @admin.display(description="open")
    def from_until(self, row: CalendarWindow) -> str:
        return say_span(row.opens, row.closes)


class HolidaysShown(Shown):
    model = Holiday
    fields = readonly_fields = ("on", "name")
    verbose_name_plural = "Closed days of its own"


class TargetsShown(Shown):
    model = SlaTarget
    fields = readonly_fields = ("how_bad", "promise", "clock", "source_text")
    verbose_name_plural = "First response by severity"

    @admin.display(description="severity")
    def how_bad(self, row: SlaTarget) -> str:
        return str(row.severity)

    @admin.display(description="promise")
    def promise(self, row: SlaTarget) -> SafeString:
        address = reverse("admin:support_slatarget_change", args=(row.pk,))
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, target_words(row)
        )

    @admin.display(description="runs by")
    def clock(self, row: SlaTarget) -> str:
        return str(row.calendar or "24/7")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SlaTarget]:
        return super().get_queryset(request).select_related("severity", "calendar", "policy")


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(RecordedModelAdmin):
    list_display = ("name", "where", "open_hours", "holidays_kept")
    fields = readonly_fields = ("name", "where", "holidays_kept", "key")
    inlines = (WindowsShown, HolidaysShown)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BusinessCalendar]:
        return super().get_queryset(request).prefetch_related("windows")

    @admin.display(description="whose time")
    def where(self, row: BusinessCalendar) -> str:
        return "The customer's own" if row.zone_mode == "customer" else row.zone

    @admin.display(description="open")
    def open_hours(self, row: BusinessCalendar) -> str:
        return say_week(row.windows.all())

    @admin.display(description="public holidays")
    def holidays_kept(self, row: BusinessCalendar) -> str:
        return "Closed" if row.keeps_holidays else "Open"


@admin.register(Holiday)
class HolidayAdmin(RecordedModelAdmin):
    list_display = ("on", "name", "whose")
    list_filter = ("country",)
    search_fields = ("name",)
    fields = readonly_fields = ("on", "name", "whose")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Holiday]:
        return super().get_queryset(request).select_related("calendar")

    @admin.display(description="whose")
    def whose(self, row: Holiday) -> str:
        return row.country or str(row.calendar)


@admin.register(Severity)
class SeverityAdmin(RecordedModelAdmin):
    list_display = ("name", "meaning", "position")
    fields = readonly_fields = ("name", "meaning", "position", "key")


@admin.register(SlaPolicy)
class SlaPolicyAdmin(RecordedModelAdmin):
    list_display = ("name", "promised", "tier")
    fields = readonly_fields = ("name", "promised", "note", "tier")
    inlines = (TargetsShown,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SlaPolicy]:
        return super().get_queryset(request).annotate(promises=Count("targets"))

    @admin.display(description="first response", ordering="promises")
    def promised(self, row: Any) -> str:
        return f"{row.promises} response times promised" if row.promises else "Covered, no promised time"


class TargetForm(DeskForm):
    """One promise in words, as the price page says it."""

    promise = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="For example: 1 hour, 24/7 x 365 · 4 business hours, Monday - Friday · 1 business day, Monday - Friday",
    )
    calendar = forms.ModelChoiceField(
        queryset=BusinessCalendar.objects.all(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Whose business time is meant; a promise around the clock needs none.",
    )

    class Meta:
        model = SlaTarget
        fields = ("calendar",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["promise"].initial = self.instance.source_text
            self.shown = target_token(self.instance)

    def clean_promise(self) -> str:
        text = self.cleaned_data["promise"]
        try:
            self.target = parse_target(text)
        except UnreadableTarget as error:
            raise forms.ValidationError(str(error)) from error
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if hasattr(self, "target") and self.target.unit is not TargetUnit.MINUTES and not cleaned.get("calendar"):
            self.add_error("calendar", "Choose the calendar whose business time is meant.")
        return cleaned

    def _post_clean(self) -> None:
        """The row is left as it was read: the action writes it, and compares it with what was shown."""


@admin.register(SlaTarget)
class SlaTargetAdmin(RecordedModelAdmin):
    form = TargetForm
    list_display = ("policy", "severity", "promise_in_words", "calendar")
    list_display_links = ("promise_in_words",)
    list_select_related = ("policy", "severity", "calendar")
    fields = ("policy", "severity", "promise", "calendar", "version_token")
    readonly_fields = ("policy", "severity")
    change_permission = PERMISSION

    def saves_through(self, *, row: SlaTarget, form: TargetForm, by: Actor, at: datetime) -> SlaTarget:
        promised = Promised(
            severity=row.severity,
            target=form.target,
            calendar=form.cleaned_data["calendar"],
            source_text=form.cleaned_data["promise"],
        )
        return change_target(target=row, promised=promised, token=form.shown, by=by, at=at)

    @admin.display(description="promise")
    def promise_in_words(self, row: SlaTarget) -> str:
        return target_words(row)
