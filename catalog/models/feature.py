"""Features: what a plan can say something about."""

from typing import Any

from django.db import models

from catalog.domain.fallbacks import Fallback, UseEffect, usual_thresholds
from catalog.domain.values import (
    Aggregation,
    BelowUse,
    Better,
    Choice,
    Combine,
    ConfigType,
    FeatureShape,
    GivenBy,
    Kind,
    ParentRule,
    Reset,
    Squeeze,
)
from catalog.models.columns import choice_column, key_column, one_of
from journal.history import History


class FeatureGroup(models.Model):
    """A heading of the plan sheet; a term written for a group reaches every feature in it."""

    key = key_column(what="group")
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    position = models.PositiveIntegerField(default=0)

    history = History()

    class Meta:
        ordering = ("position", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("pk")),
                name="catalog_featuregroup_not_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Feature(models.Model):
    """Something a customer may have. Its shape is frozen at first use; its rules are dated revisions."""

    key = key_column(what="feature")
    name = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    group = models.ForeignKey(FeatureGroup, models.PROTECT, related_name="features")
    position = models.PositiveIntegerField(default=0)
    kind = choice_column(Kind)
    unit = models.CharField(max_length=40, blank=True, help_text="What one is called: GB, day, MAU.")
    scale = models.PositiveBigIntegerField(default=1, help_text="Smallest units in one unit: 1 GB = 1,000,000,000 B.")
    aggregation = choice_column(Aggregation, blank=True)
    config_type = choice_column(ConfigType, blank=True)
    better = choice_column(Better, default=Better.MORE)
    choices = models.JSONField(default=list, blank=True, help_text="Worst first: [[key, label], …].")
    sold_as_add_on = models.BooleanField(default=False)

    history = History()

    class Meta:
        ordering = ("group__position", "position", "pk")
        constraints = [
            one_of("catalog_feature_kind", "kind", Kind),
            one_of("catalog_feature_aggregation", "aggregation", Aggregation, blank=True),
            one_of("catalog_feature_config_type", "config_type", ConfigType, blank=True),
            models.CheckConstraint(condition=models.Q(scale__gte=1), name="catalog_feature_scale_positive"),
            models.CheckConstraint(
                condition=models.Q(kind=Kind.CONFIG) ^ models.Q(config_type=""),
                name="catalog_feature_config_has_type",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=Kind.METERED) ^ models.Q(aggregation=""),
                name="catalog_feature_metered_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shape(self) -> FeatureShape:
        return shape_of(self)


def shape_of(row: Any) -> FeatureShape:
    """The shape a feature's row spells, today's row or one as history had it."""
    return FeatureShape(
        key=row.key,
        name=row.name,
        kind=Kind(row.kind),
        unit=row.unit,
        scale=row.scale,
        aggregation=Aggregation(row.aggregation) if row.aggregation else None,
        config_type=ConfigType(row.config_type) if row.config_type else None,
        better=Better(row.better),
        choices=tuple(Choice(key, label) for key, label in row.choices),
    )


class FeatureRevision(models.Model):
    """The rules of a feature from an instant on: how sources combine, what a child account gets, when it resets."""

    feature = models.ForeignKey(Feature, models.CASCADE, related_name="revisions")
    effective_at = models.DateTimeField()
    given_by = choice_column(
        GivenBy,
        default=GivenBy.PLANS,
        help_text="Who decides which accounts have it; only a gate is given by the billing.",
    )
    combine = choice_column(Combine, default=Combine.MOST_GENEROUS)
    parent_rule = choice_column(ParentRule, default=ParentRule.OWN)
    default_reset = choice_column(Reset, blank=True)
    kept_when_suspended = models.BooleanField(default=False)
    below_use = choice_column(
        BelowUse, default=BelowUse.ALLOW, help_text="When a change leaves less of it than is in use."
    )
    squeeze = choice_column(
        Squeeze, default=Squeeze.KEEP, help_text="Who loses a named seat where more are taken than there are."
    )
    effect = choice_column(UseEffect, default=UseEffect.CHANGES)
    fallback_paying = choice_column(Fallback, blank=True, help_text="Empty: the default for what its use does.")
    fallback_trial = choice_column(Fallback, blank=True)
    fallback_unpaid = choice_column(Fallback, blank=True)
    fallback_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="How old a last known answer may be; empty: one hour."
    )
    thresholds = models.JSONField(default=usual_thresholds, blank=True, help_text="[[percent, who is told], …].")
    buffer_percent = models.PositiveIntegerField(
        default=0, help_text="Kept back from a hard limit, because use arrives late."
    )

    history = History()

    class Meta:
        ordering = ("feature", "effective_at")
        constraints = [
            models.UniqueConstraint(fields=["feature", "effective_at"], name="catalog_featurerevision_one_per_instant"),
            one_of("catalog_featurerevision_given_by", "given_by", GivenBy),
            one_of("catalog_featurerevision_combine", "combine", Combine),
            one_of("catalog_featurerevision_parent_rule", "parent_rule", ParentRule),
            one_of("catalog_featurerevision_effect", "effect", UseEffect),
            one_of("catalog_featurerevision_below_use", "below_use", BelowUse),
            one_of("catalog_featurerevision_squeeze", "squeeze", Squeeze),
            one_of("catalog_featurerevision_fallback_paying", "fallback_paying", Fallback, blank=True),
            one_of("catalog_featurerevision_fallback_trial", "fallback_trial", Fallback, blank=True),
            one_of("catalog_featurerevision_fallback_unpaid", "fallback_unpaid", Fallback, blank=True),
            models.CheckConstraint(
                condition=models.Q(buffer_percent__lt=100), name="catalog_featurerevision_buffer_leaves_some"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feature} from {self.effective_at:%Y-%m-%d %H:%M} UTC"


class Dimension(models.Model):
    """What use of a feature is told apart by: the AI model, the size of the context, the kind of output."""

    feature = models.ForeignKey(Feature, models.CASCADE, related_name="dimensions")
    key = key_column(what="dimension", unique=False)
    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField(default=0)

    history = History()

    class Meta:
        ordering = ("feature", "position", "pk")
        constraints = [models.UniqueConstraint(fields=["feature", "key"], name="catalog_dimension_key")]

    def __str__(self) -> str:
        return f"{self.feature} by {self.name}"


class DimensionChoice(models.Model):
    """One choice of a dimension, and how much one unit of it counts: 1 premium token = 5."""

    dimension = models.ForeignKey(Dimension, models.CASCADE, related_name="choices")
    key = key_column(what="choice", unique=False)
    name = models.CharField(max_length=120)
    weight_thousandths = models.PositiveBigIntegerField(default=1000, help_text="1000: one counts as one.")
    position = models.PositiveIntegerField(default=0)

    history = History()

    class Meta:
        ordering = ("dimension", "position", "pk")
        constraints = [models.UniqueConstraint(fields=["dimension", "key"], name="catalog_dimensionchoice_key")]

    def __str__(self) -> str:
        return f"{self.dimension}: {self.name}"
