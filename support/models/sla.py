"""The support promise: response targets by severity, tied to a choice of the feature support_tier."""

from django.db import models

from catalog.models.columns import choice_column, key_column, one_of
from journal.history import History
from support.domain.targets import TargetUnit
from support.models.calendar import BusinessCalendar


class Severity(models.Model):
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


class SlaPolicy(models.Model):
    """What one support tier promises; a policy without targets is cover without a promised time."""

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


class SlaTarget(models.Model):
    """First response to one severity, within so much of the calendar's time."""

    policy = models.ForeignKey(SlaPolicy, models.CASCADE, related_name="targets")
    severity = models.ForeignKey(Severity, models.PROTECT, related_name="targets")
    amount = models.PositiveIntegerField()
    unit = choice_column(TargetUnit)
    calendar = models.ForeignKey(
        BusinessCalendar, models.PROTECT, null=True, blank=True, related_name="targets", help_text="Empty: 24/7."
    )
    source_text = models.CharField(max_length=200, blank=True)

    history = History()

    class Meta:
        ordering = ("policy", "severity__position")
        verbose_name = "SLA target"
        constraints = [
            models.UniqueConstraint(fields=["policy", "severity"], name="support_slatarget_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=1), name="support_slatarget_amount"),
            one_of("support_slatarget_unit", "unit", TargetUnit),
            models.CheckConstraint(
                condition=models.Q(unit=TargetUnit.MINUTES) | models.Q(calendar__isnull=False),
                name="support_slatarget_business_has_calendar",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy}, {self.severity}: {self.source_text or self.amount}"
