"""What is decided about a subscription: changes at once or to come; and what was used while it was tried."""

from django.db import models

from catalog.models import Feature
from catalog.models.columns import choice_column, one_of
from entitlements.domain.timing import ChangeSort, Proration, Timing
from entitlements.models.subscription import Subscription, SubscriptionItem
from journal.history import History


class SubscriptionChange(models.Model):
    """A change of what a subscription holds, with the rule that billing follows.

    The dates of items carry it out, so that it takes effect by itself; this row says what was decided, and what to
    put back if it is cancelled before its time.
    """

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="changes")
    sort = choice_column(ChangeSort)
    timing = choice_column(Timing)
    proration = choice_column(Proration, default=Proration.NONE)
    effective_at = models.DateTimeField()
    words = models.CharField(max_length=300, help_text="What changes, as it was said: Team → Enterprise.")
    item = models.ForeignKey(
        SubscriptionItem, models.PROTECT, null=True, blank=True, related_name="+", help_text="What begins with it."
    )
    ended = models.JSONField(
        default=list, blank=True, help_text="[[item, its former end], …]: what ends with it, and when it would have."
    )
    reason = models.CharField(max_length=500, blank=True, default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=200)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=200, blank=True, default="")
    billing_id = models.CharField(
        max_length=200,
        blank=True,
        default="",
        help_text="The item's name there, where the billing's schedule brought it.",
    )

    history = History()

    class Meta:
        ordering = ("subscription", "effective_at", "pk")
        indexes = [models.Index(fields=["effective_at"], name="entitlements_change_effective")]
        constraints = [
            one_of("entitlements_subscriptionchange_sort", "sort", ChangeSort),
            one_of("entitlements_subscriptionchange_timing", "timing", Timing),
            one_of("entitlements_subscriptionchange_proration", "proration", Proration),
            models.CheckConstraint(
                condition=models.Q(effective_at__gte=models.F("recorded_at")),
                name="entitlements_subscriptionchange_never_in_the_past",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True, cancelled_by="")
                | (models.Q(cancelled_at__isnull=False) & ~models.Q(cancelled_by="")),
                name="entitlements_subscriptionchange_cancelled_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.words} ({self.subscription})"


class TrialUse(models.Model):
    """A feature was used while its subscription was tried; some terms end with the trial only if they were not."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="trial_uses")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    used_at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ("subscription", "used_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["subscription", "feature"], name="entitlements_trialuse_once"),
        ]

    def __str__(self) -> str:
        return f"{self.feature} used in the trial of {self.subscription}"
