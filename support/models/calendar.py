"""Business calendars: when a promise's clock runs, in versions."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from catalog.models.columns import choice_column, key_column, one_of
from entitlements.models.account import validate_zone
from journal.history import History


class ZoneMode(StrEnum):
    FIXED = "fixed"
    CUSTOMER = "customer"


class VersionState(StrEnum):
    """Of a version of a calendar or of an SLA policy."""

    DRAFT = "draft"
    ASKED = "asked"
    IN_FORCE = "in_force"
    DROPPED = "dropped"


VERSION_WORDS = {
    VersionState.DRAFT: "Draft",
    VersionState.ASKED: "Waits for a second person",
    VersionState.IN_FORCE: "In force",
    VersionState.DROPPED: "Dropped",
}


class BusinessCalendar(models.Model):
    """Opening hours under one name; what they are stands in its versions."""

    key = key_column(what="calendar")
    name = models.CharField(max_length=120)
    note = models.TextField(blank=True)

    history = History()

    class Meta:
        ordering = ("name",)
        permissions = [
            ("edit_sla", "Can edit calendars and SLA policies"),
            ("approve_sla", "Can approve changes of calendars and SLA policies"),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """The hours from `in_force_from` on, until a later version is in force; a draft can still be edited.

    `week` is a list of seven lists (Monday first) of [opens, closes] in minutes of wall clock from midnight; beyond
    1,440 a window runs into the next day. `days` are dates with other hours: {"on", "name", "hours"}, closed without.
    """

    calendar = models.ForeignKey(BusinessCalendar, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = choice_column(VersionState, default=VersionState.DRAFT)
    zone_mode = choice_column(ZoneMode, default=ZoneMode.CUSTOMER)
    zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    keeps_holidays = models.BooleanField(default=True, help_text="Closed on public holidays.")
    country = models.CharField(
        max_length=2, blank=True, help_text="Whose public holidays, where the zone is fixed; else the customer’s."
    )
    week = models.JSONField(default=list)
    days = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True, help_text="Why it was changed.")
    written_at = models.DateTimeField()
    in_force_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("calendar", "number")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "number"], name="support_calendarversion_once"),
            models.UniqueConstraint(
                fields=["calendar"],
                condition=Q(state__in=["draft", "asked"]),
                name="support_calendarversion_one_open",
            ),
            one_of("support_calendarversion_state", "state", VersionState),
            one_of("support_calendarversion_zone_mode", "zone_mode", ZoneMode),
            models.CheckConstraint(
                condition=Q(state="in_force", in_force_from__isnull=False)
                | (~Q(state="in_force") & Q(in_force_from__isnull=True)),
                name="support_calendarversion_in_force_from",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar}, version {self.number}"


class Holiday(models.Model):
    """A public holiday of a country: a dated row, imported once, known from `recorded_at` until `withdrawn_at`."""

    country = models.CharField(max_length=2)
    on = models.DateField()
    name = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ("on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["country", "on"], condition=Q(withdrawn_at__isnull=True), name="support_holiday_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=models.F("recorded_at")),
                name="support_holiday_withdrawn_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.on} ({self.country})"
