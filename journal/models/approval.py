"""Requests that need a second pair of eyes."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Approval(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    DECIDED: ClassVar = (State.APPROVED, State.REJECTED, State.WITHDRAWN)

    kind = models.CharField(max_length=80, help_text="Which rule asks for approval.")
    subject_type = models.CharField(max_length=80)
    subject_key = models.CharField(max_length=200)
    subject_label = models.CharField("about", max_length=400)
    account_key = models.CharField("account", max_length=200, blank=True, default="", db_index=True)
    summary = models.TextField(help_text="What will happen when it is approved, in words.")
    payload = models.JSONField(default=dict, blank=True)
    reason = models.TextField(blank=True, default="")
    approver_role = models.CharField(
        max_length=40, blank=True, default="", help_text="Who has to decide; empty: whoever may decide this kind."
    )
    requested_at = models.DateTimeField("asked")
    requested_by_key = models.CharField(max_length=200)
    requested_by_name = models.CharField("asked by", max_length=300)
    requested_for_key = models.CharField(
        max_length=200, blank=True, default="", help_text="Whose wish it is, where a system asked for a person."
    )
    requested_for_name = models.CharField("asked for", max_length=300, blank=True, default="")
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    decided_at = models.DateTimeField("decided", null=True, blank=True)
    decided_by_key = models.CharField(max_length=200, blank=True, default="")
    decided_by_name = models.CharField("decided by", max_length=300, blank=True, default="")
    note = models.TextField(blank=True, default="", help_text="What the one who decided wants to say about it.")

    class Meta:
        ordering = ["-requested_at", "-pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["subject_type", "subject_key"], name="journal_approval_subject"),
            models.Index(fields=["requested_at"], condition=Q(state="pending"), name="journal_approval_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(state="pending", decided_at__isnull=True, decided_by_key="", decided_by_name="")
                    | (
                        Q(state__in=["approved", "rejected", "withdrawn"], decided_at__isnull=False)
                        & ~Q(decided_by_key="")
                        & ~Q(decided_by_name="")
                    )
                ),
                name="journal_approval_decided_together",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(decided_by_key=F("requested_by_key")),
                name="journal_approval_by_someone_else",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(decided_by_key=F("requested_for_key")),
                name="journal_approval_not_by_whom_it_is_for",
            ),
        ]

    @property
    def asked_by(self) -> str:
        """ "Sal Sales", or "Salesforce for Sal Sales"."""
        named = self.requested_by_name
        return f"{named} for {self.requested_for_name}" if self.requested_for_key else named

    def __str__(self) -> str:
        return f"{self.subject_label}: asked by {self.asked_by}, {self.get_state_display().lower()}"
