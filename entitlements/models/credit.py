"""Credits: what was granted beside the plan, how a balance stands, and the ledger that explains it.

A plan's own credits have no row: they follow from the answer (docs/adr/0016). Amounts are in the feature's smallest
unit. Grants are under history; a balance and its ledger are their own.
"""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from catalog.models import Feature
from catalog.models.columns import choice_column, one_of
from entitlements.domain.credits.grants import FIRST_PRIORITY, LAST_PRIORITY
from entitlements.domain.credits.ledger import Kind
from entitlements.models.account import Account
from journal.history import History

USUAL_PRIORITY = 100  # after the plan's credits, which would lapse first


class GrantSource(StrEnum):
    """Why credits were granted."""

    SALE = "sale"
    GIFT = "gift"
    CORRECTION = "correction"
    MERGE = "merge"

    @property
    def words(self) -> str:
        return _SOURCE_WORDS[self]


_SOURCE_WORDS = {
    GrantSource.SALE: "Sold",
    GrantSource.GIFT: "Given",
    GrantSource.CORRECTION: "Put right",
    GrantSource.MERGE: "Brought from a merged account",
}


class Recurs(StrEnum):
    """How often a grant is filled again."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class CreditGrant(models.Model):
    """An amount a customer may use from an instant on, until it expires or is voided."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="credit_grants")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="credit_grants")
    amount = models.BigIntegerField(help_text="In the feature's smallest unit.")
    typed_unit = models.CharField(max_length=40, blank=True, help_text="The unit it was said in.")
    priority = models.PositiveSmallIntegerField(default=USUAL_PRIORITY, help_text="1 is used first, 255 last.")
    effective_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    through_on = models.DateField(null=True, blank=True, help_text="The last day, as it was said.")
    zone = models.CharField(max_length=64, help_text="The zone the last day was said in and its months are counted in.")
    recurs = choice_column(Recurs, blank=True)
    recurs_every = models.PositiveSmallIntegerField(default=1)
    recurs_from = models.DateTimeField(null=True, blank=True, help_text="The instant its recurrences are counted from.")
    min_rollover = models.BigIntegerField(default=0, help_text="What is there at least after a reset.")
    max_rollover = models.BigIntegerField(null=True, blank=True, help_text="What stays at most; empty: all of it.")
    source = choice_column(GrantSource)
    reason = models.CharField(max_length=500)
    link = models.URLField(blank=True, help_text="The deal or ticket it belongs to.")
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=200)
    granted_by_key = models.CharField(max_length=200, blank=True, default="")
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.CharField(max_length=200, blank=True, default="")
    void_reason = models.CharField(max_length=500, blank=True, default="")

    history = History()

    class Meta:
        ordering = ("account", "feature", "effective_at", "pk")
        permissions = [
            ("grant_credits", "Can grant credits to a customer"),
            ("void_credits", "Can void credits that were granted"),
        ]
        indexes = [models.Index(fields=["account", "feature", "-effective_at"], name="entitlements_creditgrant_of")]
        constraints = [
            one_of("entitlements_creditgrant_recurs", "recurs", Recurs, blank=True),
            one_of("entitlements_creditgrant_source", "source", GrantSource),
            models.CheckConstraint(condition=Q(amount__gt=0), name="entitlements_creditgrant_of_something"),
            models.CheckConstraint(
                condition=Q(priority__gte=FIRST_PRIORITY, priority__lte=LAST_PRIORITY),
                name="entitlements_creditgrant_priority",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("effective_at")),
                name="entitlements_creditgrant_expires_after_start",
            ),
            models.CheckConstraint(
                condition=Q(recurs="", recurs_from__isnull=True)
                | (~Q(recurs="") & Q(recurs_from__isnull=False, recurs_every__gte=1)),
                name="entitlements_creditgrant_recurs_from",
            ),
            models.CheckConstraint(
                condition=Q(min_rollover__gte=0)
                & (Q(max_rollover__isnull=True) | Q(max_rollover__gte=F("min_rollover"))),
                name="entitlements_creditgrant_rollover",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_by="", void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(voided_by="") & ~Q(void_reason="")),
                name="entitlements_creditgrant_voided_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"Credit grant #{self.pk} of {self.feature}"


class CreditBalance(models.Model):
    """One balance: the row that whoever spends locks, and how far it has been worked out.

    `checkpoint` is the state at `settled_at`; `marks` are former ones, from which something told late is told again.
    `live` are the grants that may still matter, so that reading a balance doesn't grow with what is used up or over.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="credit_balances")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    checkpoint = models.JSONField(null=True, blank=True)
    marks = models.JSONField(default=list, blank=True)
    live = models.JSONField(default=list, blank=True)
    period_at = models.DateTimeField(null=True, blank=True, help_text="When the plan's period began, as it was known.")

    class Meta:
        ordering = ("account", "feature")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["account", "feature"], name="entitlements_creditbalance_one"),
        ]

    def __str__(self) -> str:
        return f"{self.feature} of {self.account}"


class CreditEntry(models.Model):
    """One line of a balance's ledger. Append-only; in the order written, each moves the balance by its amount.

    What was used of credits without limit moves nothing. `event` is the source and id of the usage event that used it.
    """

    balance = models.ForeignKey(CreditBalance, models.PROTECT, related_name="entries")
    kind = choice_column(Kind)
    at = models.DateTimeField(help_text="When it took effect.")
    recorded_at = models.DateTimeField(help_text="When the desk wrote it.")
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField(help_text="What is left of all grants, less what was used beyond them.")
    unlimited = models.BooleanField(default=False, help_text="It has no limit, so the amount says only what was used.")
    grant = models.ForeignKey(CreditGrant, models.PROTECT, null=True, blank=True, related_name="entries")
    of_plan = models.BooleanField(default=False, help_text="It is about the plan's own credits.")
    event = models.CharField(max_length=401, blank=True, help_text="The source and the id of the use.")
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("balance", "-pk")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["balance", "-id"], name="entitlements_creditentry_page"),
            models.Index(fields=["balance", "at"], name="entitlements_creditentry_at"),
        ]
        constraints = [
            one_of("entitlements_creditentry_kind", "kind", Kind),
            models.CheckConstraint(
                condition=Q(of_plan=False) | Q(grant__isnull=True), name="entitlements_creditentry_of_one_grant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount:+} at {self.at:%Y-%m-%d %H:%M} UTC"
