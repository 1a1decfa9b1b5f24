"""Markets: sets of countries in which things are sold and provided."""

from enum import StrEnum

from django.db import models

from catalog.domain.window import Window
from catalog.models.columns import choice_column, key_column, one_of
from journal.history import History


class MarketUse(StrEnum):
    SOLD = "sold"  # governs offers only
    PROVIDED = "provided"  # governs what holders have


class Market(models.Model):
    key = key_column(what="market")
    name = models.CharField(max_length=120)
    countries = models.JSONField(default=list, help_text="ISO codes, for example NL, DE, FR.")

    history = History()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class MarketWindow(models.Model):
    """From when until when a plan or a feature is sold, or provided, in a market.

    A thing without any window of a use is unrestricted in that use; with one, it is limited to its windows.
    """

    market = models.ForeignKey(Market, models.CASCADE, related_name="windows")
    plan = models.ForeignKey("catalog.Plan", models.CASCADE, null=True, blank=True, related_name="market_windows")
    feature = models.ForeignKey("catalog.Feature", models.CASCADE, null=True, blank=True, related_name="market_windows")
    use = choice_column(MarketUse)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ("market", "use", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(plan__isnull=True) ^ models.Q(feature__isnull=True),
                name="catalog_marketwindow_plan_or_feature",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(starts_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="catalog_marketwindow_ends_after_start",
            ),
            one_of("catalog_marketwindow_use", "use", MarketUse),
        ]

    def __str__(self) -> str:
        return f"{self.plan or self.feature} {self.use} in {self.market}"

    @property
    def window(self) -> Window:
        return Window(self.starts_at, self.ends_at)
