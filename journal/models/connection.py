"""Connections with outside systems: what each is set up with, and how it does.

Secrets are kept sealed (`journal/vault.py`). A connection is never removed: what arrived by it stays, so it is turned off.
"""

from django.db import models
from django.db.models import F, Q

from journal.domain.connection import ConnectionState, Mode
from journal.domain.receiving import Reason
from journal.history import History


class Connection(models.Model):
    """One outside system we are connected with, live or for trying out. Its key is the end of the address it posts to."""

    key = models.SlugField(max_length=60, unique=True, editable=False)
    vendor = models.CharField("system", max_length=40, editable=False)
    name = models.CharField(max_length=120, unique=True)
    mode = models.CharField(max_length=8, choices=[(mode.value, mode.words) for mode in Mode], editable=False)
    settings = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        max_length=8,
        choices=[(state.value, state.words) for state in ConnectionState],
        default=ConnectionState.ACTIVE.value,
    )
    state_reason = models.CharField(max_length=500, blank=True, default="")
    state_since = models.DateTimeField()
    created_at = models.DateTimeField("set up")
    created_by = models.CharField("set up by", max_length=200)
    history = History()

    class Meta:
        ordering = ["name"]
        default_permissions = ("view",)
        permissions = [
            ("manage_connections", "May connect outside systems, pause them, and renew their secrets"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ConnectionState]), name="journal_connection_state"
            ),
            models.CheckConstraint(condition=Q(mode__in=[mode.value for mode in Mode]), name="journal_connection_mode"),
        ]

    def __str__(self) -> str:
        return self.name

    def said_yes(self, setting: str) -> bool:
        """Whether whoever set it up wants this; a field left empty is a no."""
        return str(self.settings.get(setting, "")).lower() == "yes"


class ConnectionSecret(models.Model):
    """What a connection proves itself with, or what proves what arrives. After a renewal both are good for a while."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="secrets")
    purpose = models.CharField(max_length=40)
    sealed = models.TextField(editable=False)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "purpose"], condition=Q(ends_at=None), name="journal_connectionsecret_one_newest"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("created_at")),
                name="journal_connectionsecret_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.connection} since {self.created_at:%Y-%m-%d}"


class ConnectionHealth(models.Model):
    """How what arrives is taken: since when it fails, and until when the vendor asked to be left alone."""

    connection = models.OneToOneField(Connection, models.CASCADE, related_name="health")
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")
    resume_at = models.DateTimeField(null=True, blank=True, help_text="Nothing is taken before.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Health of {self.connection}"


class ConnectionRefusal(models.Model):
    """How often messages to a connection were refused, by why. There is a row for each reason, however many come."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="refusals")
    reason = models.CharField(max_length=20, choices=[(reason.value, reason.words) for reason in Reason])
    count = models.PositiveBigIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["connection", "reason"], name="journal_connectionrefusal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.count} at {self.connection}"
