"""Terms: the cells of the plan sheet."""

from decimal import Decimal
from typing import Any, cast

from django.db import models
from django.db.models.functions import Coalesce

from catalog.domain.values import (
    UNLIMITED,
    AtTrialEnd,
    Enforcement,
    FeatureShape,
    Nature,
    Reset,
    Scaling,
    TermState,
    Value,
)
from catalog.models.columns import choice_column, one_of
from catalog.models.feature import Feature, FeatureGroup
from catalog.models.market import Market
from catalog.models.plan import Interval, PlanVersion
from journal.history import History

PHASES = [("trial", "During a trial"), ("grace", "In grace"), ("winding_down", "Winding down"), ("paused", "Paused")]


class TypedValue(models.Model):
    """A value in columns: an amount in the feature's smallest unit, a choice or text, or a list of choices."""

    amount = models.BigIntegerField(null=True, blank=True)
    text = models.TextField(blank=True)
    choices = models.JSONField(null=True, blank=True)
    typed_unit = models.CharField(max_length=40, blank=True, help_text="The unit it was typed in, shown again.")

    class Meta:
        abstract = True

    def set_value(self, value: Value | None, *, shape: FeatureShape) -> None:
        """Fill the columns; UNLIMITED and a gate's yes are told by the row's state, not by a column."""
        self.amount, self.text, self.choices = None, "", None
        if value is None or value is UNLIMITED:
            return
        match shape.nature:
            case Nature.QUANTITY:
                self.amount = int(cast(Decimal, value))
            case Nature.RANKED | Nature.TEXT:
                self.text = str(value)
            case Nature.SET:
                self.choices = sorted(cast(frozenset[str], value))
            case Nature.GATE:
                pass


def read_value(row: Any, *, shape: FeatureShape) -> Value | None:
    """What the columns say, read as a value of that shape; today's row or one as history had it."""
    match shape.nature:
        case Nature.GATE:
            return True
        case Nature.QUANTITY:
            return None if row.amount is None else Decimal(row.amount)
        case Nature.RANKED | Nature.TEXT:
            return str(row.text)
        case Nature.SET:
            return frozenset(row.choices or ())


class PlanTerm(TypedValue):
    """What one version says of one feature or group, for a phase, market and billing interval or for all."""

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="terms")
    feature = models.ForeignKey(Feature, models.PROTECT, null=True, blank=True, related_name="terms")
    group = models.ForeignKey(FeatureGroup, models.PROTECT, null=True, blank=True, related_name="terms")
    phase = models.CharField(max_length=24, choices=PHASES, blank=True)
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="terms")
    interval = choice_column(Interval, blank=True)
    state = choice_column(TermState, default=TermState.UNSETTLED)
    scaling = choice_column(Scaling, default=Scaling.FLAT)
    seats_of = models.ForeignKey(Feature, models.PROTECT, null=True, blank=True, related_name="+")
    reset = choice_column(Reset, blank=True)
    enforcement = choice_column(Enforcement, default=Enforcement.HARD)
    overage_percent = models.PositiveIntegerField(null=True, blank=True, help_text="Empty with track: without end.")
    sold_as = models.ForeignKey(
        "catalog.Plan", models.PROTECT, null=True, blank=True, related_name="+", help_text="The add-on that sells it."
    )
    at_trial_end = choice_column(AtTrialEnd, default=AtTrialEnd.ENDS)
    kept_days = models.PositiveIntegerField(null=True, blank=True, help_text="After a trial nobody converted.")
    source_text = models.TextField(blank=True, help_text="The cell exactly as it stood on the price page.")

    history = History()

    class Meta:
        ordering = ("version", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(feature__isnull=True) ^ models.Q(group__isnull=True),
                name="catalog_planterm_feature_or_group",
            ),
            models.UniqueConstraint(
                models.F("version"),
                Coalesce("feature", 0),
                Coalesce("group", 0),
                "phase",
                Coalesce("market", 0),
                "interval",
                name="catalog_planterm_one_per_case",
            ),
            one_of("catalog_planterm_state", "state", TermState),
            one_of("catalog_planterm_scaling", "scaling", Scaling),
            one_of("catalog_planterm_reset", "reset", Reset, blank=True),
            one_of("catalog_planterm_enforcement", "enforcement", Enforcement),
            one_of("catalog_planterm_at_trial_end", "at_trial_end", AtTrialEnd),
            models.CheckConstraint(
                condition=models.Q(at_trial_end=AtTrialEnd.KEPT_FOR, kept_days__gte=1)
                | (~models.Q(at_trial_end=AtTrialEnd.KEPT_FOR) & models.Q(kept_days__isnull=True)),
                name="catalog_planterm_kept_for_days",
            ),
            models.CheckConstraint(
                condition=models.Q(scaling__in=[Scaling.PER_SEAT_OF, Scaling.EACH_SEAT_OF])
                ^ models.Q(seats_of__isnull=True),
                name="catalog_planterm_seats_named",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(state=TermState.VALUE),
                name="catalog_planterm_amount_is_a_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.feature or self.group}"

    @property
    def value(self) -> Value | None:
        """The value of a feature's own term (a group's term is read with the shape of the feature it reaches)."""
        return None if self.feature is None else term_value(self, shape=self.feature.shape)


def term_value(row: Any, *, shape: FeatureShape) -> Value | None:
    """What a term gives of a feature of that shape; None for every state that gives nothing."""
    match row.state:
        case TermState.UNLIMITED:
            return UNLIMITED
        case TermState.VALUE:
            return read_value(row, shape=shape)
        case _:
            return None


class PriceLine(models.Model):
    """A price beside a term ("then $0.125 per GB"): kept and shown, never computed."""

    term = models.ForeignKey(PlanTerm, models.CASCADE, related_name="price_lines")
    position = models.PositiveIntegerField(default=0)
    amount_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="USD")
    per_amount = models.BigIntegerField(null=True, blank=True, help_text="In the feature's smallest unit.")
    note = models.TextField(blank=True, help_text="The words as they stood.")

    history = History()

    class Meta:
        ordering = ("term", "position")
        constraints = [
            models.UniqueConstraint(fields=["term", "position"], name="catalog_priceline_position"),
            models.CheckConstraint(condition=models.Q(amount_micros__gte=0), name="catalog_priceline_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.note or self.amount_micros} ({self.term})"


class SubLimit(models.Model):
    """Of a term's amount, how much may fall to one choice of a dimension: of 1,000 calls, 100 to the large model."""

    term = models.ForeignKey(PlanTerm, models.CASCADE, related_name="sub_limits")
    choice = models.ForeignKey("catalog.DimensionChoice", models.PROTECT, related_name="+")
    state = choice_column(TermState, default=TermState.VALUE)
    amount = models.BigIntegerField(null=True, blank=True, help_text="In the feature's smallest unit.")

    history = History()

    class Meta:
        ordering = ("term", "choice")
        constraints = [
            models.UniqueConstraint(fields=["term", "choice"], name="catalog_sublimit_one_per_choice"),
            models.CheckConstraint(
                condition=models.Q(state=TermState.VALUE, amount__gte=0)
                | models.Q(state__in=[TermState.UNLIMITED, TermState.NOT_INCLUDED], amount__isnull=True),
                name="catalog_sublimit_amount_is_a_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term}, {self.choice}"
