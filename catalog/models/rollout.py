"""Rollouts: who gets a published version, and when."""

from django.db import models

from catalog.domain.rollouts import Audience, RolloutFact
from catalog.models.columns import choice_column, one_of
from catalog.models.plan import PlanVersion
from journal.history import History
from journal.models import Approval


class Rollout(models.Model):
    """A publication: it moves a pointer for everybody it reaches, in one row (publishing is O(1))."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="rollouts")
    moves_from = models.JSONField(default=list, blank=True, help_text="Ids of the versions whose holders it moves.")
    audience = choice_column(Audience)
    effective_at = models.DateTimeField()
    published_at = models.DateTimeField()
    cohort_key = models.CharField(
        max_length=64, blank=True, default="", help_text="The chosen accounts, frozen, that a cohort's rollout reaches."
    )
    approval = models.OneToOneField(
        Approval,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rollout",
        help_text="The second person's yes, where it takes something away; it serves once.",
    )
    cancelled_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was called off, before it had moved anybody."
    )

    history = History()

    class Meta:
        ordering = ("pk",)
        constraints = [
            one_of("catalog_rollout_audience", "audience", Audience),
            models.CheckConstraint(
                condition=models.Q(audience=Audience.COHORT) ^ models.Q(cohort_key=""),
                name="catalog_rollout_cohort_named",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True) | models.Q(cancelled_at__lt=models.F("effective_at")),
                name="catalog_rollout_cancelled_in_time",
            ),
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
            cohort=self.cohort_key,
            cancelled_at=self.cancelled_at,
        )
