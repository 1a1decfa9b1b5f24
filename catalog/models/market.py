"""Markets: sets of countries in which things are sold and provided."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.db import models

from catalog.domain.availability import Limit
from catalog.domain.window import Window
from catalog.models.columns import choice_column, key_column, one_of
from journal.history import History

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


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
    """From when until when a plan or a feature is sold, or provided, in a market; without a market, everywhere.

    A thing without any window of a use is unrestricted in that use; with some, it is limited to them from an instant
    on. The rule, and how the past stays as it was, stands in `catalog/domain/availability.py`.
    """

    market = models.ForeignKey(Market, models.CASCADE, null=True, blank=True, related_name="windows")
    plan = models.ForeignKey("catalog.Plan", models.CASCADE, null=True, blank=True, related_name="market_windows")
    feature = models.ForeignKey("catalog.Feature", models.CASCADE, null=True, blank=True, related_name="market_windows")
    use = choice_column(MarketUse)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    limits_from = models.DateTimeField(
        default=BEGINNING, help_text="From when on the thing is limited to its windows; before, it was unrestricted."
    )

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
        return f"{self.plan or self.feature} {self.use} {f'in {self.market}' if self.market else 'everywhere'}"

    @property
    def window(self) -> Window:
        return Window(self.starts_at, self.ends_at)


def limit_of(row: Any) -> Limit:
    """The limit a window's row spells, today's row or one as history had it."""
    return Limit(row.market_id, Window(row.starts_at, row.ends_at), row.limits_from, id=row.id)
