"""What each role may concede alone."""

from django.db import models

from catalog.models.columns import choice_column, one_of
from entitlements.domain.policy import Concession
from entitlements.models.reason import ReasonCode
from journal.history import History


class ConcessionPolicy(models.Model):
    """So much, so long, so often, by role; beyond it someone else approves. An empty limit is no limit."""

    role = models.CharField(max_length=40)
    concession = choice_column(Concession)
    reason_code = models.ForeignKey(
        ReasonCode,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="policies",
        help_text="Empty: for every reason that has no rule of its own.",
    )
    max_days = models.PositiveIntegerField(null=True, blank=True)
    max_percent = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of what the customer has without any override."
    )
    max_times = models.PositiveIntegerField(
        null=True, blank=True, help_text="Trials: per subscription. Overrides: in force or to come on one feature."
    )
    approver_role = models.CharField(
        max_length=40,
        blank=True,
        default="",
        help_text="Who approves beyond it; empty: whoever may approve concessions.",
    )

    history = History()

    class Meta:
        ordering = ("role", "concession")
        verbose_name_plural = "concession policies"
        permissions = [("set_policy", "Can set what each role may concede alone")]
        constraints = [
            models.UniqueConstraint(
                fields=["role", "concession"],
                condition=models.Q(reason_code__isnull=True),
                name="entitlements_concessionpolicy_once",
            ),
            models.UniqueConstraint(
                fields=["role", "concession", "reason_code"], name="entitlements_concessionpolicy_once_by_reason"
            ),
            one_of("entitlements_concessionpolicy_concession", "concession", Concession),
        ]

    def __str__(self) -> str:
        told = f"{self.role}: {self.concession.replace('_', ' ')}"
        return told if self.reason_code is None else f"{told} for {self.reason_code}"
