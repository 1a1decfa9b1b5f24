"""SLA policies: what one support tier promises, in versions; a tier is a choice of the feature support_tier."""

from django.db import models
from django.db.models import Q

from catalog.models.columns import choice_column, key_column, one_of
from journal.history import History
from support.domain.case_events import Channel
from support.domain.milestones import Measured, MilestoneKind, Recurrence, Signal, Trigger
from support.domain.targets import TargetUnit
from support.models.calendar import BusinessCalendar, VersionState


class Severity(models.Model):
    """How bad a case is; the first by position is the worst."""

    key = key_column(what="severity")
    name = models.CharField(max_length=60)
    meaning = models.TextField(blank=True)
    position = models.PositiveIntegerField(default=0)

    history = History()

    class Meta:
        ordering = ("position", "pk")
        verbose_name_plural = "severities"

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """Who works on cases together, and is told of their clocks at one address."""

    key = key_column(what="team")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)

    history = History()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class SlaPolicy(models.Model):
    """The promise of one support tier; what it is stands in its versions."""

    tier = models.CharField(max_length=64, unique=True, help_text="The choice of support_tier it is tied to.")
    name = models.CharField(max_length=120)
    note = models.TextField(blank=True)

    history = History()

    class Meta:
        ordering = ("pk",)
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"
        permissions = [("look_up_cover", "Can look up cover")]

    def __str__(self) -> str:
        return self.name


class SlaPolicyVersion(models.Model):
    """What is promised from `in_force_from` on, until a later version is in force; a draft can still be edited.

    A version without targets is cover without a promised time.
    """

    policy = models.ForeignKey(SlaPolicy, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = choice_column(VersionState, default=VersionState.DRAFT)
    note = models.TextField(blank=True, help_text="Why it was changed.")
    written_at = models.DateTimeField()
    in_force_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("policy", "number")
        verbose_name = "SLA policy version"
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="support_slapolicyversion_once"),
            models.UniqueConstraint(
                fields=["policy"], condition=Q(state__in=["draft", "asked"]), name="support_slapolicyversion_one_open"
            ),
            one_of("support_slapolicyversion_state", "state", VersionState),
            models.CheckConstraint(
                condition=Q(state="in_force", in_force_from__isnull=False)
                | (~Q(state="in_force") & Q(in_force_from__isnull=True)),
                name="support_slapolicyversion_in_force_from",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy}, version {self.number}"


class Milestone(models.Model):
    """Something that must have happened by a time: a first response, an update, a resolution, or one of our own.

    `pauses_while` are states of the case, `steps` who is told what before and after the due time; both as
    support/domain/milestones.py reads them.
    """

    version = models.ForeignKey(SlaPolicyVersion, models.CASCADE, related_name="milestones")
    key = key_column(what="milestone", unique=False)
    name = models.CharField(max_length=120)
    kind = choice_column(MilestoneKind)
    starts = choice_column(Trigger)
    stops = choice_column(Trigger)
    pauses_while = models.JSONField(default=list, blank=True)
    recurrence = choice_column(Recurrence, default=Recurrence.NONE)
    measured = choice_column(Measured, default=Measured.FROM_START)
    steps = models.JSONField(default=list, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("version", "position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="support_milestone_once"),
            one_of("support_milestone_kind", "kind", MilestoneKind),
            one_of("support_milestone_starts", "starts", Trigger),
            one_of("support_milestone_stops", "stops", Trigger),
            one_of("support_milestone_recurrence", "recurrence", Recurrence),
            one_of("support_milestone_measured", "measured", Measured),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.name}"


class SlaTarget(models.Model):
    """By when one milestone is met for one severity (and channel; empty: every other), by one calendar's time."""

    milestone = models.ForeignKey(Milestone, models.CASCADE, related_name="targets")
    severity = models.ForeignKey(Severity, models.PROTECT, related_name="targets")
    channel = choice_column(Channel, blank=True)
    amount = models.PositiveIntegerField()
    unit = choice_column(TargetUnit)
    calendar = models.ForeignKey(
        BusinessCalendar, models.PROTECT, null=True, blank=True, related_name="targets", help_text="Empty: 24/7."
    )
    source_text = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("milestone", "severity__position", "channel")
        verbose_name = "SLA target"
        constraints = [
            models.UniqueConstraint(fields=["milestone", "severity", "channel"], name="support_slatarget_once"),
            models.CheckConstraint(
                condition=Q(amount__gte=1) | Q(unit=TargetUnit.END_OF_DAY), name="support_slatarget_amount"
            ),
            one_of("support_slatarget_unit", "unit", TargetUnit),
            one_of("support_slatarget_channel", "channel", Channel, blank=True),
            models.CheckConstraint(
                condition=Q(unit=TargetUnit.MINUTES) | Q(calendar__isnull=False),
                name="support_slatarget_business_has_calendar",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone}, {self.severity}: {self.source_text or self.amount}"


class TargetRule(models.Model):
    """A signal about the account by which targets are shorter or longer: so many percent of them, until an end."""

    version = models.ForeignKey(SlaPolicyVersion, models.CASCADE, related_name="rules")
    signal = choice_column(Signal)
    value = models.CharField(max_length=60, help_text="Days ahead of a renewal, a state of health, or a market's key.")
    milestone = models.CharField(max_length=64, blank=True, help_text="The milestone's key; empty: all of them.")
    percent = models.PositiveIntegerField(help_text="Of the target: 50 is half the time, 200 is twice.")
    ends_at = models.DateTimeField()
    reason = models.TextField()
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("version", "position", "pk")
        constraints = [
            one_of("support_targetrule_signal", "signal", Signal),
            models.CheckConstraint(condition=Q(percent__gte=1, percent__lte=1000), name="support_targetrule_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.percent} % while {self.signal} {self.value}"
