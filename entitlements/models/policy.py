"""What each role may concede alone."""

from django.db import models

from catalog.models.columns import choice_column, one_of
from entitlements.domain.policy import Concession
from journal.history import History


class ConcessionPolicy(models.Model):
    """So much, so long, so often, by role; beyond it someone else approves. An empty limit is no limit."""

    role = models.CharField(max_length=40)
    concession = choice_column(Concession)
    max_days = models.PositiveIntegerField(null=True, blank=True)
    max_percent = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of what the customer has without any override."
    )
    max_times = models.PositiveIntegerField(
        null=True, blank=True, help_text="Trials: per subscription. Overrides: in force or to come on one feature."
    )

    history = History()

    class Meta:
        ordering = ("role", "concession")
        verbose_name_plural = "concession policies"
        permissions = [("set_policy", "Can set what each role may concede alone")]
        constraints = [
            models.UniqueConstraint(fields=["role", "concession"], name="entitlements_concessionpolicy_once"),
            one_of("entitlements_concessionpolicy_concession", "concession", Concession),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.concession.replace('_', ' ')}"
