"""What our plans, prices and features are called in the billing system (C11)."""

from enum import StrEnum

from django.db import models

from catalog.models.columns import choice_column, one_of
from catalog.models.feature import Feature
from catalog.models.plan import Interval, Plan
from journal.history import History


class Mode(StrEnum):
    """The billing system keeps a world for trying out beside the real one; the same plan has a name in each."""

    LIVE = "live"
    TEST = "test"


class BillingLink(models.Model):
    """One thing of ours and what stands for it in the billing system: a plan a product, its price a price, a feature.

    With an interval it is the price of the plan paid in that interval and currency; without, the product itself.
    """

    mode = choice_column(Mode, default=Mode.LIVE)
    plan = models.ForeignKey(Plan, models.CASCADE, null=True, blank=True, related_name="billing_links")
    interval = choice_column(Interval, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    feature = models.ForeignKey(Feature, models.CASCADE, null=True, blank=True, related_name="billing_links")
    external_id = models.CharField(max_length=255, help_text="The identifier in the billing system.")
    lookup_key = models.CharField(max_length=200, blank=True, help_text="The name the billing system finds a price by.")

    history = History()

    class Meta:
        ordering = ("mode", "plan", "feature", "interval", "currency")
        constraints = [
            one_of("catalog_billinglink_mode", "mode", Mode),
            one_of("catalog_billinglink_interval", "interval", Interval, blank=True),
            models.CheckConstraint(
                condition=models.Q(plan__isnull=True) ^ models.Q(feature__isnull=True),
                name="catalog_billinglink_plan_or_feature",
            ),
            models.CheckConstraint(
                condition=models.Q(interval="", currency="") | (~models.Q(interval="") & ~models.Q(currency="")),
                name="catalog_billinglink_price_has_currency",
            ),
            models.CheckConstraint(
                condition=models.Q(interval="") | models.Q(feature__isnull=True),
                name="catalog_billinglink_price_is_of_a_plan",
            ),
            models.UniqueConstraint(
                fields=["mode", "plan", "interval", "currency"],
                condition=models.Q(plan__isnull=False),
                name="catalog_billinglink_one_per_plan_price",
            ),
            models.UniqueConstraint(
                fields=["mode", "feature"],
                condition=models.Q(feature__isnull=False),
                name="catalog_billinglink_one_per_feature",
            ),
            models.UniqueConstraint(fields=["mode", "external_id"], name="catalog_billinglink_external_id"),
        ]

    def __str__(self) -> str:
        return f"{self.plan or self.feature}{f' per {self.interval} in {self.currency}' if self.interval else ''} = {self.external_id}"
