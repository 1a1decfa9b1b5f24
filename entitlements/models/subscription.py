"""Subscriptions: what an account has bought, in items with dates and phases."""

from django.db import models

from catalog.domain.window import Window
from catalog.models import Plan, PlanVersion
from catalog.models.columns import choice_column, one_of
from catalog.models.market import BEGINNING
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
    billed_by = models.CharField(
        max_length=40,
        blank=True,
        default="",
        help_text="The connected system that bills it, such as stripe; empty: none.",
    )
    billing_id = models.CharField(max_length=200, blank=True, default="", help_text="What that system calls it.")

    history = History()

    class Meta:
        ordering = ("account", "number")
        permissions = [
            ("start_subscription", "Can start, change and end subscriptions"),
            ("extend_trial", "Can extend a trial"),
            ("convert_trial", "Can convert a trial"),
            ("record_payment", "Can record that a payment failed or came"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="entitlements_subscription_number"),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gte=models.F("starts_at")),
                name="entitlements_subscription_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["billed_by", "billing_id"],
                condition=~models.Q(billing_id=""),
                name="entitlements_subscription_billed_once",
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
    origin = models.CharField(
        max_length=200, blank=True, default="", help_text="What it came with: a bundle or a promotional code."
    )
    sold_bundle = models.ForeignKey(
        "entitlements.SoldBundle", models.PROTECT, null=True, blank=True, related_name="parts"
    )
    loan = models.ForeignKey("entitlements.Loan", models.PROTECT, null=True, blank=True, related_name="items")
    contract_line = models.ForeignKey(
        "entitlements.ContractLine", models.PROTECT, null=True, blank=True, related_name="items"
    )
    follows = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        help_text="The item it continues in another quantity.",
    )
    held_from = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then, new versions of the plan pass it by."
    )
    hold_reason = models.TextField(blank=True, default="")
    former_holds = models.JSONField(
        default=list,
        blank=True,
        help_text="[[from, until, reason], …]: holds before this one, which speak for the past.",
    )
    recorded_at = models.DateTimeField(
        default=BEGINNING, help_text="When it was sold; publications in force by then have chosen its version."
    )
    billing_id = models.CharField(
        max_length=200, blank=True, default="", help_text="What the system that bills it calls it; empty: not billed."
    )

    history = History()

    class Meta:
        ordering = ("subscription", "starts_at", "pk")
        permissions = [("hold_version", "Can keep a customer on a version for a time")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(held_from__isnull=True, held_until__isnull=True, hold_reason="")
                | (models.Q(held_from__isnull=False, held_until__gt=models.F("held_from")) & ~models.Q(hold_reason="")),
                name="entitlements_subscriptionitem_held_for_a_reason",
            ),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="entitlements_subscriptionitem_quantity"),
            models.UniqueConstraint(
                fields=["loan", "subscription"], name="entitlements_subscriptionitem_once_per_loan"
            ),
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
    extended_at = models.DateTimeField(null=True, blank=True, help_text="When it was extended last.")
    extended_from = models.DateTimeField(null=True, blank=True, help_text="When it would have ended before that.")
    with_card = models.BooleanField(
        default=False, help_text="A trial with a card on file: at its end it becomes a sale by itself."
    )
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
                condition=models.Q(with_card=False) | models.Q(phase=Phase.TRIAL),
                name="entitlements_subscriptionphase_card_for_a_trial",
            ),
            models.CheckConstraint(
                condition=models.Q(extended_at__isnull=True, extended_from__isnull=True)
                | models.Q(extended_at__isnull=False, extended_from__isnull=False),
                name="entitlements_subscriptionphase_extended_from_an_end",
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


class BillingPeriod(models.Model):
    """A stretch a subscription was billed for, as recorded; later ones are projected from the last by the interval."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="billing_periods")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ("subscription", "starts_at")
        indexes = [models.Index(fields=["starts_at"], name="entitlements_period_starts")]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "starts_at"], name="entitlements_billingperiod_one_per_start"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="entitlements_billingperiod_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription} billed from {self.starts_at:%Y-%m-%d}"
