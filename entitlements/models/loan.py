"""Loans: a plan, an add-on or a feature lent for a time, to one account or to a whole cohort at once."""

from enum import StrEnum

from django.db import models

from catalog.models.columns import choice_column, one_of
from entitlements.models.account import Account
from entitlements.models.cohort import Cohort
from entitlements.models.provision import Provision, provides_one_thing
from entitlements.models.reason import ReasonCode
from journal.history import History


class LoanState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Loan(Provision):
    """One act that lends; its parts (lent items, overrides) bear it, begin and end together, and are recalled together.

    Only its parts answer. A loan always has an end.
    """

    name = models.CharField(max_length=120)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="loans")
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, blank=True, related_name="loans")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    through_on = models.DateField(help_text="The last day, as it was said.")
    zone = models.CharField(max_length=64, help_text="The zone the last day was said in; a cohort's: each its own.")
    reason_code = models.ForeignKey(ReasonCode, models.PROTECT, null=True, blank=True, related_name="loans")
    reason = models.CharField(max_length=500)
    link = models.URLField(blank=True, help_text="The deal or ticket it belongs to.")
    state = choice_column(LoanState)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=200)
    requested_by_key = models.CharField(max_length=200, blank=True, default="")
    requested_as = models.CharField(max_length=200, blank=True, default="", help_text="The roles of who asked.")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=200, blank=True)
    recalled_at = models.DateTimeField(null=True, blank=True, help_text="When everything of it was taken back.")
    recalled_by = models.CharField(max_length=200, blank=True)

    history = History()

    class Meta:
        ordering = ("-requested_at", "-pk")
        constraints = [
            provides_one_thing("entitlements_loan_lends_one_thing"),
            one_of("entitlements_loan_state", "state", LoanState),
            models.CheckConstraint(
                condition=models.Q(account__isnull=True) ^ models.Q(cohort__isnull=True),
                name="entitlements_loan_one_borrower",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="entitlements_loan_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at__isnull=True, approved_by="")
                | (models.Q(approved_at__isnull=False) & ~models.Q(approved_by="")),
                name="entitlements_loan_approved_by_someone",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=LoanState.APPROVED) | models.Q(approved_at__isnull=False),
                name="entitlements_loan_approved_has_instant",
            ),
            models.CheckConstraint(
                condition=models.Q(recalled_at__isnull=True, recalled_by="")
                | (models.Q(recalled_at__isnull=False) & ~models.Q(recalled_by="")),
                name="entitlements_loan_recalled_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"Loan #{self.pk}: {self.name}"
