"""What was promised to the outside: the row is the truth, the worker only carries it."""

import uuid

from django.db import models
from django.db.models import Q

from journal.domain.delivery import DeliveryState

STATE_WORDS = {
    DeliveryState.PENDING: "Waiting to be sent",
    DeliveryState.SENDING: "Being sent",
    DeliveryState.SENT: "Sent",
    DeliveryState.DOUBTFUL: "Perhaps sent",
    DeliveryState.DEAD: "Given up",
}


class Outbound(models.Model):
    """One message to one destination. `message_id` stays the same however often it is tried."""

    seq = models.BigAutoField(primary_key=True)
    message_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40, help_text="By what means it goes out, such as email.")
    destination = models.CharField("to", max_length=400)
    account_key = models.CharField("account", max_length=200, blank=True, default="", db_index=True)
    payload = models.JSONField(default=dict)
    once_key = models.CharField(max_length=200, unique=True, help_text="The same promise is made only once.")
    state = models.CharField(max_length=16, choices=STATE_WORDS.items(), default=DeliveryState.PENDING.value)
    attempts = models.PositiveIntegerField("tries", default=0)
    due_at = models.DateTimeField("next try")
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    sent_at = models.DateTimeField("sent", null=True, blank=True)
    last_error = models.TextField("what went wrong", blank=True, default="")
    created_at = models.DateTimeField("promised")

    class Meta:
        verbose_name = "delivery"
        verbose_name_plural = "deliveries"
        ordering = ["seq"]
        default_permissions = ("view",)
        permissions = [("resend_outbound", "May send a message again or settle it as sent")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="journal_outbound_due"),
            models.Index(
                fields=["destination", "due_at"],
                condition=Q(kind="webhook", state="pending"),
                name="journal_outbound_webhooks",
            ),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="journal_outbound_leases"),
            models.Index(
                fields=["destination", "account_key", "seq"], condition=~Q(state="sent"), name="journal_outbound_stream"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="journal_outbound_sent_with_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False, lease_token__isnull=False),
                name="journal_outbound_sending_has_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.destination} #{self.seq} ({self.get_state_display().lower()})"


class Notice(models.Model):
    """What a person was told. Its e-mail is an Outbound row written in the same transaction."""

    once_key = models.CharField(max_length=190, unique=True)
    kind = models.CharField(max_length=80)
    recipient = models.EmailField("to")
    subject = models.CharField(max_length=300)
    body = models.TextField()
    account_key = models.CharField("account", max_length=200, blank=True, default="")
    created_at = models.DateTimeField("told")

    class Meta:
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["account_key", "created_at"], name="journal_notice_account")]

    def __str__(self) -> str:
        return f"{self.subject} ({self.recipient})"
