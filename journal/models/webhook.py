"""Webhooks: where other systems want to be told what happened, and how each telling went.

A message is an Outbound row of kind `webhook` whose destination is the endpoint's key; its id stays the same however
often it is tried. Secrets are kept sealed (`journal/vault.py`).
"""

from django.db import models
from django.db.models import F, Q

from journal.domain.webhooks.endpoint import EndpointState
from journal.models.outbound import Outbound


class WebhookEndpoint(models.Model):
    """An address that is told. `events` empty: every event; `account_key` empty: of every account."""

    key = models.CharField(max_length=40, unique=True, editable=False)
    url = models.CharField("address", max_length=500)
    description = models.CharField(max_length=200, blank=True, help_text="What it is for, such as “Provisioning”.")
    account_key = models.CharField(
        "account", max_length=200, blank=True, default="", db_index=True, help_text="Empty: it is told of all accounts."
    )
    events = models.JSONField(default=list, blank=True, help_text="Empty: every event.")
    state = models.CharField(
        max_length=16,
        choices=[(state.value, state.words) for state in EndpointState],
        default=EndpointState.ACTIVE.value,
    )
    state_reason = models.CharField(max_length=500, blank=True, default="")
    state_since = models.DateTimeField()
    created_at = models.DateTimeField("set up")
    created_by = models.CharField("set up by", max_length=200)

    class Meta:
        verbose_name = "webhook endpoint"
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view",)
        permissions = [
            ("manage_webhooks", "May set up webhook endpoints, pause them and renew their secrets"),
            ("replay_webhook", "May send webhook messages again"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in EndpointState]), name="journal_webhookendpoint_state"
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.url


class WebhookSecret(models.Model):
    """What messages to an endpoint are signed with. After a renewal both sign until the former one ends."""

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="secrets")
    sealed = models.TextField(editable=False)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("created_at")),
                name="journal_webhooksecret_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"Secret of {self.endpoint} since {self.created_at:%Y-%m-%d}"


class WebhookHealth(models.Model):
    """How an endpoint does: since when everything fails, and until when it asked to be left alone."""

    endpoint = models.OneToOneField(WebhookEndpoint, models.CASCADE, related_name="health")
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    resume_at = models.DateTimeField(null=True, blank=True, help_text="Nothing is sent before.")
    last_ok_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Health of {self.endpoint}"


class WebhookAttempt(models.Model):
    """One try to deliver one message, and what the receiver said. Cleared away after a month."""

    outbound = models.ForeignKey(Outbound, models.CASCADE, related_name="attempts_made")
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    status = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: nothing answered.")
    outcome = models.CharField(max_length=40)
    error = models.CharField(max_length=500, blank=True, default="")
    response = models.TextField(blank=True, default="", help_text="The beginning of what the receiver said.")

    class Meta:
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["endpoint", "-at"], name="journal_webhookattempt_of"),
            models.Index(fields=["at"], name="journal_webhookattempt_at"),
        ]

    def __str__(self) -> str:
        return f"Try {self.number} of {self.outbound_id} at {self.at:%Y-%m-%d %H:%M:%S} UTC"
