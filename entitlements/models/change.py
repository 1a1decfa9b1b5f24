"""What changed for a customer, told once at the instant it changed; a report that never answers."""

from django.db import models

from entitlements.models.account import Account


class EntitlementChange(models.Model):
    account = models.ForeignKey(Account, models.PROTECT, related_name="changes")
    feature_key = models.CharField(max_length=64)
    feature_name = models.CharField(max_length=200)
    before = models.TextField()
    after = models.TextField()
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    cause = models.TextField()
    audit_id = models.UUIDField(null=True, blank=True, help_text="The act that caused it, where one did.")

    class Meta:
        ordering = ("-effective_at", "-pk")
        indexes = [models.Index(fields=["account", "effective_at"], name="entitlements_change_of_account")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "feature_key", "effective_at"],
                condition=models.Q(audit_id__isnull=True),
                name="entitlements_entitlementchange_once",
            ),
            models.UniqueConstraint(
                fields=["account", "feature_key", "audit_id"],
                condition=models.Q(audit_id__isnull=False),
                name="entitlements_entitlementchange_once_by_act",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feature_name} for {self.account}: {self.before} → {self.after}"


class SweepMark(models.Model):
    """Up to which instant every boundary has been walked, and how far the walk under way has come; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    swept_to = models.DateTimeField()
    walking_to = models.DateTimeField(null=True, blank=True, help_text="Where the walk under way ends.")
    walked_account = models.BigIntegerField(default=0, help_text="The last account that walk is done with, by its id.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="entitlements_sweepmark_single")]

    def __str__(self) -> str:
        return f"Swept to {self.swept_to:%Y-%m-%d %H:%M:%S} UTC"


class SweepFailure(models.Model):
    """An account the sweep stumbled over: walked again from `since` at every sweep until it works, then gone."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="sweep_failure")
    since = models.DateTimeField(help_text="Nothing of the account has been told from here on.")
    tried_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=1)
    last_error = models.TextField()

    class Meta:
        ordering = ("tried_at", "pk")

    def __str__(self) -> str:
        return f"{self.account} not swept since {self.since:%Y-%m-%d %H:%M:%S} UTC: {self.last_error}"
