"""Cohorts: accounts chosen once, for a publication or a loan, and frozen."""

from django.db import models

from catalog.models.columns import key_column
from entitlements.models.account import Account
from journal.history import History


class Cohort(models.Model):
    """A named choice of accounts. Once frozen, nobody joins or leaves it."""

    key = key_column(what="cohort")
    name = models.CharField(max_length=120)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ("-created_at", "pk")

    def __str__(self) -> str:
        return self.name


class CohortMember(models.Model):
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="members")
    account = models.ForeignKey(Account, models.CASCADE, related_name="cohorts")

    history = History()

    class Meta:
        ordering = ("cohort", "account")
        constraints = [models.UniqueConstraint(fields=["cohort", "account"], name="entitlements_cohortmember_once")]

    def __str__(self) -> str:
        return f"{self.account} in {self.cohort}"
