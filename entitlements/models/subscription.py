"""Subscriptions: what an account has bought, in items with dates and phases."""

from django.db import models

from catalog.domain.window import Window
from catalog.models import Plan, PlanVersion
from catalog.models.columns import choice_column, one_of
from catalog.models.plan import Interval
from entitlements.domain.facts import Phase
from entitlements.models.account import Account
from journal.history import History


def ends_after_start(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")), name=name
    )


class Subscription(models.Model):
    """One agreement with a customer. A trial that nobody converts lapses by the plan version's rule."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="subscriptions")
    number = models.PositiveIntegerField(help_text="Counts the account's subscriptions, from 1.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    converted_at = models.DateTimeField(null=True, blank=True, help_text="When its trial became a sale.")

    history = History()

    class Meta:
        ordering = ("account", "number")
        permissions = [
            ("start_subscription", "Can start, change and end subscriptions"),
            ("extend_trial", "Can extend a trial"),
            ("convert_trial", "Can convert a trial"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="entitlements_subscription_number"),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gte=models.F("starts_at")),
                name="entitlements_subscription_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}, subscription {self.number}"

    @property
    def window(self) -> Window:
        return Window(self.starts_at, self.ends_at)


class SubscriptionItem(models.Model):
    """A plan or an add-on × a quantity. It pins the version on sale when it was recorded."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="items")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="items")
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="items")
    quantity = models.PositiveIntegerField(default=1)
    interval = choice_column(Interval, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    lent = models.BooleanField(default=False, help_text="A plan lent for a time combines by the most generous.")

    history = History()

    class Meta:
        ordering = ("subscription", "starts_at", "pk")
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="entitlements_subscriptionitem_quantity"),
            ends_after_start("entitlements_subscriptionitem_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.version} ({self.subscription})"

    @property
    def window(self) -> Window:
        return Window(self.starts_at, self.ends_at)


class SubscriptionPhase(models.Model):
    """A stretch in which a subscription is in trial, in grace, paused or winding down; otherwise it is active.

    When grace runs out and nobody has paid, the subscription gives nothing until payment restores it.
    """

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="phases")
    phase = choice_column(Phase)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    extended_times = models.PositiveIntegerField(default=0, help_text="How often a trial was extended.")
    restored_at = models.DateTimeField(
        null=True, blank=True, help_text="When payment ended the grace, or what came after."
    )

    history = History()

    class Meta:
        ordering = ("subscription", "starts_at", "pk")
        constraints = [
            one_of("entitlements_subscriptionphase_phase", "phase", Phase),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gte=models.F("starts_at")),
                name="entitlements_subscriptionphase_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~models.Q(phase=Phase.GRACE) | models.Q(ends_at__isnull=False),
                name="entitlements_subscriptionphase_grace_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(restored_at__isnull=True) | models.Q(phase=Phase.GRACE),
                name="entitlements_subscriptionphase_restored_from_grace",
            ),
            models.CheckConstraint(
                condition=~models.Q(phase=Phase.ACTIVE), name="entitlements_subscriptionphase_active_is_implied"
            ),
            models.UniqueConstraint(
                fields=["subscription"],
                condition=models.Q(phase=Phase.TRIAL),
                name="entitlements_subscriptionphase_one_trial",
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], name="entitlements_phase_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription} {self.phase}"

    @property
    def window(self) -> Window:
        return Window(self.starts_at, self.ends_at)
