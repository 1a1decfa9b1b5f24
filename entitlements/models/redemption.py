"""Bundles as customers bought them, redemptions of promotional codes, and the customer's own caps on overage."""

from django.db import models

from catalog.models import Bundle, Feature, PromoCode
from entitlements.models.account import Account
from entitlements.models.override import Override
from entitlements.models.subscription import Subscription, SubscriptionItem, ends_after_start
from journal.history import History


class SoldBundle(models.Model):
    """A bundle as one customer bought it. Its parts are items; they alone give anything."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="bundles")
    bundle = models.ForeignKey(Bundle, models.PROTECT, related_name="sales")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ("subscription", "starts_at", "pk")
        constraints = [ends_after_start("entitlements_soldbundle_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.bundle} ({self.subscription})"


class Redemption(models.Model):
    """An account used a promotional code; it made one dated item or one override."""

    code = models.ForeignKey(PromoCode, models.PROTECT, related_name="redemptions")
    account = models.ForeignKey(Account, models.CASCADE, related_name="redemptions")
    redeemed_at = models.DateTimeField()
    item = models.ForeignKey(SubscriptionItem, models.PROTECT, null=True, blank=True, related_name="redemptions")
    override = models.ForeignKey(Override, models.PROTECT, null=True, blank=True, related_name="redemptions")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=200, blank=True, default="")

    history = History()

    class Meta:
        ordering = ("-redeemed_at", "-pk")
        permissions = [
            ("redeem_code", "Can redeem a promotional code for an account"),
            ("revoke_redemption", "Can take back what a promotional code gave"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(item__isnull=True) ^ models.Q(override__isnull=True),
                name="entitlements_redemption_item_or_override",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by="")
                | (models.Q(revoked_at__isnull=False) & ~models.Q(revoked_by="")),
                name="entitlements_redemption_revoked_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} by {self.account}"


class SpendCap(models.Model):
    """The most an account will pay for overage in a billing period, in all or for one feature; the customer's word."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="spend_caps")
    feature = models.ForeignKey(Feature, models.PROTECT, null=True, blank=True, related_name="+")
    amount_micros = models.BigIntegerField(help_text="Millionths of the currency.")
    currency = models.CharField(max_length=3, default="USD")

    history = History()

    class Meta:
        ordering = ("account", "feature")
        permissions = [("set_spend_cap", "Can set a customer's spend cap")]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_micros__gte=0), name="entitlements_spendcap_not_negative"),
            models.UniqueConstraint(
                fields=["account", "feature"],
                condition=models.Q(feature__isnull=False),
                name="entitlements_spendcap_one_per_feature",
            ),
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(feature__isnull=True), name="entitlements_spendcap_one_in_all"
            ),
        ]

    def __str__(self) -> str:
        return f"Spend cap of {self.account}{f' for {self.feature}' if self.feature else ''}"
