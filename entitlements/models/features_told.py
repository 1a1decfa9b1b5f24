"""Which features a customer has by what a connected system bills, as it told last."""

from django.db import models
from django.db.models import F, Q

from journal.models import Connection


class FeaturesTold(models.Model):
    """The features of one customer there, whole, and the tickets of those who went to look at them.

    Tickets are as those of a subscription (`BilledSubscription`): a slow look at an older state never wins. Whose the
    customer is stands among the identifiers of the account.
    """

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="features_told")
    customer = models.CharField(max_length=200, help_text="What that system calls the customer.")
    asked = models.PositiveIntegerField(default=0)
    applied = models.PositiveIntegerField(default=0)
    told = models.JSONField(default=list, blank=True, help_text="[{billing_id, feature, lookup_key}, …]")
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("connection", "customer")
        default_permissions = ("view",)
        verbose_name_plural = "features told"
        constraints = [
            models.UniqueConstraint(fields=["connection", "customer"], name="entitlements_featurestold_once"),
            models.CheckConstraint(condition=Q(applied__lte=F("asked")), name="entitlements_featurestold_asked_first"),
        ]

    def __str__(self) -> str:
        return f"Features of {self.customer} at {self.connection}"
