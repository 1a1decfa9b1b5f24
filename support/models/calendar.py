"""Business calendars: when a promise's clock runs."""

from enum import StrEnum

from django.db import models
from django.db.models.functions import Coalesce

from catalog.models.columns import choice_column, key_column, one_of
from entitlements.models.account import validate_zone
from journal.history import History


class ZoneMode(StrEnum):
    FIXED = "fixed"
    CUSTOMER = "customer"


class BusinessCalendar(models.Model):
    """Opening hours by weekday, in a fixed zone or in the customer's own, less holidays."""

    key = key_column(what="calendar")
    name = models.CharField(max_length=120)
    zone_mode = choice_column(ZoneMode, default=ZoneMode.CUSTOMER)
    zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    keeps_holidays = models.BooleanField(default=True, help_text="Closed on public holidays.")

    history = History()

    class Meta:
        ordering = ("name",)
        permissions = [("edit_sla", "Can edit calendars and support promises")]
        constraints = [one_of("support_businesscalendar_zone_mode", "zone_mode", ZoneMode)]

    def __str__(self) -> str:
        return self.name


class CalendarWindow(models.Model):
    """One stretch of a weekday, in minutes of wall clock from midnight; beyond 1,440 it runs into the next day."""

    calendar = models.ForeignKey(BusinessCalendar, models.CASCADE, related_name="windows")
    weekday = models.PositiveSmallIntegerField(
        choices=list(enumerate(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]))
    )
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()

    history = History()

    class Meta:
        ordering = ("calendar", "weekday", "opens")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "weekday", "opens"], name="support_calendarwindow_once"),
            models.CheckConstraint(
                condition=models.Q(closes__gt=models.F("opens"), opens__lt=1440, closes__lte=2880, weekday__lte=6),
                name="support_calendarwindow_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar}, {self.get_weekday_display()} {self.opens // 60:02}:{self.opens % 60:02}"


class Holiday(models.Model):
    """A closed day of a country (fixed rows, imported once), or of one calendar."""

    country = models.CharField(max_length=2, blank=True)
    calendar = models.ForeignKey(BusinessCalendar, models.CASCADE, null=True, blank=True, related_name="holidays")
    on = models.DateField()
    name = models.CharField(max_length=200)

    history = History()

    class Meta:
        ordering = ("on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(country="") ^ models.Q(calendar__isnull=True),
                name="support_holiday_country_or_calendar",
            ),
            models.UniqueConstraint(
                models.F("country"), Coalesce("calendar", 0), models.F("on"), name="support_holiday_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.on}"
