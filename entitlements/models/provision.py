"""What a loan or a contract line provides: a plan or add-on × a quantity, or a change to one feature."""

from django.db import models

from catalog.domain.values import UNLIMITED, Value
from catalog.models import Feature, Plan
from catalog.models.columns import choice_column
from catalog.models.plan import Interval
from catalog.models.term import TypedValue, read_value
from entitlements.domain.facts import Mode


class Provision(TypedValue):
    """Either a plan or add-on × a quantity, which becomes an item, or a mode and a value, which become an override."""

    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    interval = choice_column(Interval, blank=True)
    feature = models.ForeignKey(Feature, models.PROTECT, null=True, blank=True, related_name="+")
    mode = choice_column(Mode, blank=True)
    unlimited = models.BooleanField(default=False)

    class Meta:
        abstract = True

    @property
    def value(self) -> Value | None:
        """What it makes of the feature; None for a denial, and where it provides a plan."""
        if self.feature is None or self.mode == Mode.DENY:
            return None
        return UNLIMITED if self.unlimited else read_value(self, shape=self.feature.shape)


def provides_one_thing(name: str) -> models.CheckConstraint:
    """A plan and nothing of a feature, or a feature with its mode and no plan."""
    return models.CheckConstraint(
        condition=models.Q(plan__isnull=False, feature__isnull=True, mode="")
        | (models.Q(plan__isnull=True, feature__isnull=False) & ~models.Q(mode="")),
        name=name,
    )
