"""Renewals: what is to become of each end, decided by somebody or still open with an owner."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models.columns import choice_column, one_of
from entitlements.domain.renewing import RenewalState
from entitlements.models.account import Account
from entitlements.models.reminder import EndOf
from journal.history import History


class Renewal(models.Model):
    """One end of one thing: a task with an owner until it is renewed, or decided that it ends."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="renewals")
    kind = choice_column(EndOf)
    subject_key = models.CharField(max_length=64, help_text="The id of what ends.")
    label = models.CharField(max_length=300)
    ends_at = models.DateTimeField()
    state = choice_column(RenewalState, default=RenewalState.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="renewals",
        help_text="Who decides; empty: whoever works the list of renewals.",
    )  # fmt: skip
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    successor_key = models.CharField(max_length=64, blank=True, help_text="The id of what goes on in its place.")
    successor_label = models.CharField(max_length=300, blank=True)
    successor_starts_at = models.DateTimeField(null=True, blank=True)
    link = models.URLField(blank=True)

    history = History()

    class Meta:
        ordering = ("ends_at", "pk")
        default_permissions = ("view",)
        permissions = [("decide_renewal", "Can decide what becomes of what ends, and whose task it is")]
        indexes = [
            models.Index(fields=["ends_at"], condition=Q(state="open"), name="entitlements_renewal_open"),
        ]
        constraints = [
            one_of("entitlements_renewal_kind", "kind", EndOf),
            one_of("entitlements_renewal_state", "state", RenewalState),
            models.UniqueConstraint(fields=["kind", "subject_key", "ends_at"], name="entitlements_renewal_one"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True, decided_by="")
                | (~Q(state="open") & Q(decided_at__isnull=False) & ~Q(decided_by="")),
                name="entitlements_renewal_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(state="renewed") | Q(successor_starts_at__isnull=False),
                name="entitlements_renewal_goes_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}, ends {self.ends_at:%Y-%m-%d}"

    @property
    def key(self) -> str:
        """By what other systems ask for it."""
        return str(self.pk)
