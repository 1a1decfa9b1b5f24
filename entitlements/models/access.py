"""Who was let in and who was refused, where: counts by enforcement point, and the full trace of refusals and a sample."""

from django.db import models

from catalog.models import Feature
from entitlements.models.account import Account


class AccessCount(models.Model):
    """Granted and denied in one hour (UTC) at one enforcement point. Statistics: what a killed process had not written
    yet, a few seconds of it, is lost."""

    point = models.CharField(max_length=200, help_text="Where products ask, such as “POST /v1/images”; empty: unnamed.")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    hour = models.DateTimeField()
    granted = models.BigIntegerField(default=0)
    denied = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("-hour", "point", "feature")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["point", "feature", "hour"], name="entitlements_accesscount_one"),
        ]

    def __str__(self) -> str:
        return f"{self.point or 'unnamed'}: {self.feature} in the hour of {self.hour:%Y-%m-%d %H:%M} UTC"


class DecisionTrace(models.Model):
    """What was asked, what was answered and by which reasons: of refusals, and of a sample of what was granted."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="decision_traces")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    point = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    allowed = models.BooleanField()
    asked_by = models.CharField(max_length=200)
    question = models.JSONField(help_text="What was asked.")
    answer = models.JSONField(help_text="What was answered, with every reason in words.")

    class Meta:
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["account", "feature", "at"], name="entitlements_trace_by_account"),
            models.Index(fields=["at"], name="entitlements_trace_by_time"),
        ]

    def __str__(self) -> str:
        told = "granted" if self.allowed else "refused"
        return f"{self.account} {told} {self.feature} at {self.at:%Y-%m-%d %H:%M:%S} UTC"
