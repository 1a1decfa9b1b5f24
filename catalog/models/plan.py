"""Plans and add-ons, in versions that never change once published."""

from enum import StrEnum

from django.db import models

from catalog.domain.values import AddOnEffect, PlanKind
from catalog.models.columns import choice_column, key_column, one_of
from journal.history import History


class VersionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Interval(StrEnum):
    MONTH = "month"
    YEAR = "year"


class Plan(models.Model):
    """What is sold under one name; what it gives stands in its versions."""

    key = key_column(what="plan")
    name = models.CharField(max_length=120)
    kind = choice_column(PlanKind, default=PlanKind.PLAN)
    effect = choice_column(AddOnEffect, default=AddOnEffect.ADDS)
    audience = models.TextField(blank=True, help_text="Whom it is for, in the words of the price page.")
    position = models.PositiveIntegerField(default=0)

    history = History()

    class Meta:
        ordering = ("position", "pk")
        constraints = [
            one_of("catalog_plan_kind", "kind", PlanKind),
            one_of("catalog_plan_effect", "effect", AddOnEffect),
        ]

    def __str__(self) -> str:
        return self.name


class PlanVersion(models.Model):
    """One edition of a plan: a draft until published, then frozen for ever."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = choice_column(VersionState, default=VersionState.DRAFT)
    includes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="included_in")
    base = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What customers got by the last publication when this draft was opened, or was last compared anew.",
    )
    after_trial = models.ForeignKey(
        Plan,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The plan a trial falls back to when nobody converts it; empty: it ends.",
    )
    trial_days = models.PositiveIntegerField(null=True, blank=True)
    grace_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="How long it still serves after a failed payment; empty: 14 days."
    )
    wind_down_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="How long a customer who leaves keeps access afterwards; empty: not at all."
    )
    edits = models.PositiveIntegerField(default=0, help_text="Counts edits of the draft: the token of every form.")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=200, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ("plan", "-number")
        permissions = [
            ("publish_plan", "Can publish a plan"),
            ("approve_publication", "Can approve a publication that takes something away"),
            ("import_catalog", "Can import a price page"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="catalog_planversion_number"),
            models.UniqueConstraint(
                fields=["plan"], condition=models.Q(state=VersionState.DRAFT), name="catalog_planversion_one_draft"
            ),
            one_of("catalog_planversion_state", "state", VersionState),
            models.CheckConstraint(
                condition=models.Q(state=VersionState.DRAFT, published_at__isnull=True, published_by="")
                | (
                    ~models.Q(state=VersionState.DRAFT)
                    & models.Q(published_at__isnull=False)
                    & ~models.Q(published_by="")
                ),
                name="catalog_planversion_published_by_someone",
            ),
            models.CheckConstraint(
                condition=models.Q(includes__isnull=True) | ~models.Q(includes=models.F("pk")),
                name="catalog_planversion_not_in_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == VersionState.DRAFT


class PlanPrice(models.Model):
    """What a version costs: carried, shown and mapped to billing, never computed here."""

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="prices")
    interval = choice_column(Interval, default=Interval.MONTH)
    currency = models.CharField(max_length=3, default="USD")
    amount_micros = models.BigIntegerField(null=True, blank=True, help_text="Millionths of the currency.")
    contact = models.BooleanField(default=False, help_text="The price is agreed with sales.")

    history = History()

    class Meta:
        ordering = ("version", "interval", "currency")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "interval", "currency"], name="catalog_planprice_one_per_interval"
            ),
            models.CheckConstraint(
                condition=models.Q(contact=True, amount_micros__isnull=True)
                | models.Q(contact=False, amount_micros__gte=0),
                name="catalog_planprice_amount_or_contact",
            ),
            one_of("catalog_planprice_interval", "interval", Interval),
        ]

    def __str__(self) -> str:
        return f"{self.version} per {self.interval} in {self.currency}"
