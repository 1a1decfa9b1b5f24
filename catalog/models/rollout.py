"""Rollouts: who gets a published version, and when."""

from django.db import models

from catalog.domain.rollouts import Audience, RolloutFact
from catalog.models.columns import choice_column, one_of
from catalog.models.plan import PlanVersion
from journal.history import History


class Rollout(models.Model):
    """A publication: it moves a pointer for everybody it reaches, in one row (publishing is O(1))."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="rollouts")
    moves_from = models.JSONField(default=list, blank=True, help_text="Ids of the versions whose holders it moves.")
    audience = choice_column(Audience)
    effective_at = models.DateTimeField()
    published_at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ("pk",)
        constraints = [
            one_of("catalog_rollout_audience", "audience", Audience),
            models.CheckConstraint(
                condition=models.Q(effective_at__gte=models.F("published_at")), name="catalog_rollout_not_backdated"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} for {self.audience.replace('_', ' ')} from {self.effective_at:%Y-%m-%d %H:%M} UTC"

    @property
    def fact(self) -> RolloutFact:
        return RolloutFact(
            id=str(self.pk),
            plan=str(self.version.plan.key),
            version=str(self.version_id),
            audience=Audience(self.audience),
            effective_at=self.effective_at,
            order=self.pk,
            moves_from=frozenset(str(pk) for pk in self.moves_from),
            sold_until=self.version.retired_at,
        )
