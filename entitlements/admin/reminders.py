"""Which ends are announced ahead, and what would go out in the days to come."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from entitlements.actions.reminders import PERMISSION, add_reminder, change_reminder, remove_reminder
from entitlements.admin.pages import account_url
from entitlements.models import Reminder
from entitlements.models.reminder import EndOf
from entitlements.queries.clock.announcements import Announcement, Audience, coming, recipients_of
from journal.admin.base import DeskForm, RecordedModelAdmin
from journal.admin.pages import Page
from journal.domain.actor import Actor

AHEAD = timedelta(days=7)
MOST = 200
CUSTOMER, OWNER = "the customer", "the account’s owner"
LABELS = {
    "end_of": "What ends",
    "days_before": "Days before its end",
    "tells_customer": "Tell the customer",
    "tells_owner": "Tell the account’s owner",
}


def say_days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'} before"


class ReminderForm(DeskForm):
    class Meta:
        model = Reminder
        fields = ("end_of", "days_before", "tells_customer", "tells_owner")
        labels = LABELS
        help_texts = {
            "days_before": "Counted back from the last day on which it holds. It goes out at 9:00 in the morning of "
            "that day, where the customer is.",
            "tells_customer": "Every contact of the account who gets the notices meant for the customer.",
            "tells_owner": "The account manager.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "end_of" in self.fields:
            choices = [(end, end.words) for end in EndOf]
            self.fields["end_of"] = forms.ChoiceField(
                label=LABELS["end_of"], choices=choices, widget=UnfoldAdminSelectWidget
            )

    def _get_validation_exclusions(self) -> set[str]:
        """Nothing is left to the database's own words: the action says in the reader's what can't be."""
        return {field.name for field in Reminder._meta.concrete_fields}


@admin.register(Reminder)
class ReminderAdmin(RecordedModelAdmin):
    form = ReminderForm
    add_permission = change_permission = remove_permission = PERMISSION
    list_display = ("end_words", "days", "told")
    list_filter = ("end_of",)
    list_per_page = list_max_show_all = 100
    ordering = ("end_of", "-days_before")
    fields = ("end_of", "days_before", "tells_customer", "tells_owner")
    list_before_template = "entitlements/reminders_head.html"

    def get_urls(self) -> list[URLPattern]:
        ahead = self.admin_site.admin_view(AheadPage.as_view(model_admin=self))
        return [path("ahead/", ahead, name="entitlements_reminders_ahead"), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A line keeps what it is about; another end is another line."""
        return () if obj is None else ("end_words",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("end_of" if obj is None else "end_words", "days_before", "tells_customer", "tells_owner")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = {"title": "Announced ahead"}
        return super().changelist_view(request, {**(extra_context or {}), **title})

    def adds_through(self, *, form: Any, by: Actor, at: Any) -> Reminder:
        given = form.cleaned_data
        return add_reminder(end_of=EndOf(given["end_of"]), **_told(given), by=by, at=at)

    def saves_through(self, *, row: Reminder, form: Any, by: Actor, at: Any) -> Reminder:
        return change_reminder(reminder=row, **_told(form.cleaned_data), by=by, at=at)

    def removes_through(self, *, row: Reminder, by: Actor, at: Any) -> None:
        remove_reminder(reminder=row, by=by, at=at)

    @display(description=LABELS["end_of"], ordering="end_of")
    def end_words(self, row: Reminder) -> str:
        return EndOf(row.end_of).words

    @display(description="When", ordering="days_before")
    def days(self, row: Reminder) -> str:
        return say_days(row.days_before)

    @display(description="Who is told")
    def told(self, row: Reminder) -> str:
        who = [words for words, told in ((CUSTOMER, row.tells_customer), (OWNER, row.tells_owner)) if told]
        return " and ".join(who).capitalize()


def _told(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("days_before", "tells_customer", "tells_owner")}


class AheadPage(Page):
    """What would go out in the next seven days as things stand, so that nobody is surprised by it."""

    permission = "entitlements.view_reminder"
    template_name = "entitlements/reminders_ahead.html"
    title = "What will be announced"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = coming(at=self.at, within=AHEAD, most=MOST + 1)
        alike = groupby(found[:MOST], key=lambda announcement: (announcement.at, announcement.end.key))
        return {
            **super().get_context_data(**kwargs),
            "lines": [_line(list(together)) for _same, together in alike],
            "more": len(found) > MOST,
            "most": MOST,
            "days": AHEAD.days,
        }


def _line(together: list[Announcement]) -> dict[str, Any]:
    """One end at one hour, with everybody who is told of it then."""
    end = together[0].end
    return {
        "at": together[0].at,
        "account": end.account,
        "url": account_url(end.account),
        "words": end.words,
        "told": [_said_to(announcement) for announcement in together],
    }


def _said_to(announcement: Announcement) -> str:
    to_customer = announcement.audience is Audience.CUSTOMER
    who = CUSTOMER if to_customer else OWNER
    emails = ", ".join(recipient.email for recipient in recipients_of(announcement))
    nobody = "no contact gets notices" if to_customer else "there is none"
    return f"{who.capitalize()}: {emails or f'nobody, for {nobody}'}"
