"""What changed for a customer, told once at the instant it changed; a report that never answers."""

from django.db import models

from entitlements.models.account import Account


class EntitlementChange(models.Model):
    account = models.ForeignKey(Account, models.PROTECT, related_name="changes")
    feature_key = models.CharField(max_length=64)
    feature_name = models.CharField(max_length=200)
    before = models.CharField(max_length=500)
    after = models.CharField(max_length=500)
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    cause = models.CharField(max_length=300)
    audit_id = models.UUIDField(null=True, blank=True, help_text="The act that caused it, where one did.")

    class Meta:
        ordering = ("-effective_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "feature_key", "effective_at"], name="entitlements_entitlementchange_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feature_name} for {self.account}: {self.before} → {self.after}"


class SweepMark(models.Model):
    """Up to which instant every boundary has been walked; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    swept_to = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="entitlements_sweepmark_single")]

    def __str__(self) -> str:
        return f"Swept to {self.swept_to:%Y-%m-%d %H:%M:%S} UTC"
