"""What is sold besides single plans: bundles of add-ons, and promotional codes."""

from enum import StrEnum

from django.db import models

from catalog.models.columns import choice_column, key_column, one_of
from catalog.models.feature import Feature
from catalog.models.market import Market
from catalog.models.plan import Plan
from catalog.models.term import TypedValue
from journal.history import History


class Bundle(models.Model):
    """Any so many of these add-ons, sold as one thing: "any 3 of these 5"."""

    key = key_column(what="bundle")
    name = models.CharField(max_length=120)
    pick = models.PositiveIntegerField(help_text="How many of its add-ons a customer chooses.")
    note = models.TextField(blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    edits = models.PositiveIntegerField(default=0, help_text="Counts edits, of its options too: the token of its form.")

    history = History()

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.CheckConstraint(condition=models.Q(pick__gte=1), name="catalog_bundle_picks_some"),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(starts_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="catalog_bundle_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BundleOption(models.Model):
    bundle = models.ForeignKey(Bundle, models.CASCADE, related_name="options")
    add_on = models.ForeignKey(Plan, models.PROTECT, related_name="bundled_in")
    position = models.PositiveIntegerField(default=0)

    history = History()

    class Meta:
        ordering = ("bundle", "position", "pk")
        constraints = [models.UniqueConstraint(fields=["bundle", "add_on"], name="catalog_bundleoption_once")]

    def __str__(self) -> str:
        return f"{self.add_on} in {self.bundle}"


class Gift(StrEnum):
    """What a promotional code gives, for a number of days."""

    TRIAL = "trial"
    ADD_ON = "add_on"
    OVERRIDE = "override"


class PromoCode(TypedValue):
    """A word a customer types to get a timed trial, add-on or amount. Each redemption makes a dated item or override."""

    code = models.CharField(max_length=40, unique=True, help_text="Capital letters, digits and dashes: SPRING-26.")
    code_key = models.CharField(
        max_length=40, unique=True, editable=False, help_text="The code by its letters and digits alone, as compared."
    )
    campaign = models.CharField(
        max_length=64, blank=True, default="", db_index=True, help_text="Codes made together, one for each customer."
    )
    name = models.CharField(max_length=120)
    gives = choice_column(Gift)
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="promo_codes")
    quantity = models.PositiveIntegerField(default=1)
    feature = models.ForeignKey(Feature, models.PROTECT, null=True, blank=True, related_name="promo_codes")
    mode = models.CharField(max_length=24, blank=True, default="", help_text="Of an override: replace, add, at least.")
    unlimited = models.BooleanField(default=False)
    days = models.PositiveIntegerField(help_text="How long what it gives lasts, from the redemption on.")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    max_redemptions = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: no limit.")
    max_per_account = models.PositiveIntegerField(default=1)
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="promo_codes")
    stopped_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ("code",)
        constraints = [
            one_of("catalog_promocode_gives", "gives", Gift),
            models.CheckConstraint(
                condition=models.Q(gives=Gift.OVERRIDE, feature__isnull=False, plan__isnull=True)
                | (~models.Q(gives=Gift.OVERRIDE) & models.Q(feature__isnull=True, plan__isnull=False)),
                name="catalog_promocode_gives_one_thing",
            ),
            models.CheckConstraint(condition=models.Q(days__gte=1, quantity__gte=1), name="catalog_promocode_lasts"),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(starts_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="catalog_promocode_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.code
