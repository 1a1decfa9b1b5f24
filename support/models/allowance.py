"""Allowances: prepaid incidents and hours, which are credits of a feature, and what cases and time take of them."""

from django.db import models
from django.db.models import F, Q

from catalog.models import Feature
from catalog.models.columns import choice_column, one_of
from entitlements.models import Account
from journal.history import History
from support.domain.case_events import Channel
from support.domain.cover_terms import AtZero, CountedOn, Counts
from support.models.case import Case


class Allowance(models.Model):
    """How a credits feature is used up by support: by cases or by time, when, in which steps, and what follows at zero.

    `default_tier`: an account that holds no support tier but has some of it left is served by this one.
    """

    feature = models.OneToOneField(Feature, models.PROTECT, related_name="support_allowance")
    counts = choice_column(Counts)
    counted_on = choice_column(CountedOn, default=CountedOn.OPENING, help_text="When a case is counted.")
    unit_minutes = models.PositiveSmallIntegerField(
        default=0, help_text="Each time entry is rounded up to so many minutes; 0: to the minute."
    )
    at_zero = choice_column(AtZero, default=AtZero.BLOCK)
    default_tier = models.CharField(max_length=64, blank=True, help_text="The tier it gives by itself; empty: none.")
    retired_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ("feature__name", "pk")
        default_permissions = ("view",)
        permissions = [
            ("edit_allowance", "Can set how prepaid help is used up"),
            ("exempt_case", "Can leave a case or time uncounted"),
        ]
        constraints = [
            one_of("support_allowance_counts", "counts", Counts),
            one_of("support_allowance_counted_on", "counted_on", CountedOn),
            one_of("support_allowance_at_zero", "at_zero", AtZero),
            models.CheckConstraint(condition=Q(unit_minutes__lte=1440), name="support_allowance_unit"),
        ]

    def __str__(self) -> str:
        return str(self.feature)


class CaseCount(models.Model):
    """One incident a case took of an allowance, under the name its use was told by; given back at most once."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="counts")
    allowance = models.ForeignKey(Allowance, models.PROTECT, related_name="case_counts")
    event_id = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField(help_text="When it counts from.")
    recorded_at = models.DateTimeField()
    overdrawn = models.BooleanField(default=False, help_text="Nothing was left of the allowance.")
    given_back_at = models.DateTimeField(null=True, blank=True)
    give_back_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("case", "pk")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["case", "allowance"], condition=Q(given_back_at__isnull=True), name="support_casecount_one_held"
            ),
            models.CheckConstraint(
                condition=Q(given_back_at__isnull=True, give_back_reason="")
                | (Q(given_back_at__isnull=False) & ~Q(give_back_reason="")),
                name="support_casecount_given_back_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} on {self.allowance}"


class TimeEntry(models.Model):
    """Time somebody worked on a case: the real minutes, those counted on an allowance, and those beyond it.

    Withdrawn, it gives back what it took; a correction is another entry.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="time_entries")
    account = models.ForeignKey(Account, models.PROTECT, related_name="time_entries", help_text="Whose time it was.")
    allowance = models.ForeignKey(Allowance, models.PROTECT, null=True, blank=True, related_name="time_entries")
    channel = choice_column(Channel)
    worked_at = models.DateTimeField(help_text="When the work began.")
    minutes = models.PositiveIntegerField(help_text="As they were worked.")
    counted_minutes = models.PositiveIntegerField(
        default=0, help_text="Taken of the allowance, rounded up by its unit."
    )
    beyond_minutes = models.PositiveIntegerField(default=0, help_text="More than was left: to be billed.")
    unit_minutes = models.PositiveSmallIntegerField(default=0)
    exempt_reason = models.CharField(max_length=500, blank=True, help_text="Why it isn't counted; empty: it is.")
    note = models.TextField(blank=True)
    worked_by = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True, help_text="What it is called at its source, once.")
    event_id = models.CharField(max_length=200, blank=True, help_text="The name its use was told by.")
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=200, blank=True)
    withdraw_reason = models.CharField(max_length=500, blank=True)

    history = History()

    class Meta:
        verbose_name_plural = "time entries"
        ordering = ("case", "worked_at", "pk")
        default_permissions = ("view",)
        permissions = [("enter_time", "Can enter time worked on cases")]
        constraints = [
            one_of("support_timeentry_channel", "channel", Channel),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="support_timeentry_some_minutes"),
            models.CheckConstraint(
                condition=Q(counted_minutes=0) | ~Q(event_id=""), name="support_timeentry_counted_by_an_event"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by="", withdraw_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by="") & ~Q(withdraw_reason="")),
                name="support_timeentry_withdrawn_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("worked_at")), name="support_timeentry_recorded_afterwards"
            ),
            models.UniqueConstraint(fields=["case", "name"], condition=~Q(name=""), name="support_timeentry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min on {self.case} by {self.worked_by}"
