"""What arrived from connected systems: stored before it is read, so that nothing is lost and everything can be taken again."""

from django.db import models
from django.db.models import Q

from journal.domain.arrival import FINISHED, ArrivalState
from journal.models.connection import Connection


class Inbound(models.Model):
    """One thing that arrived. The same one at the same connection is stored once, however often it is sent."""

    seq = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="arrivals")
    external_id = models.CharField("id", max_length=200, help_text="What the other system calls it.")
    type = models.CharField(max_length=200)
    subject = models.CharField(
        max_length=200, blank=True, default="", help_text="What it is about; of one subject one is taken at a time."
    )
    account_key = models.CharField("account", max_length=200, blank=True, default="", db_index=True)
    body = models.BinaryField(help_text="Exactly as it came; empty once it was emptied.")
    headers = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField("arrived")
    occurred_at = models.DateTimeField("happened there", null=True, blank=True)
    state = models.CharField(
        max_length=12,
        choices=[(state.value, state.words) for state in ArrivalState],
        default=ArrivalState.WAITING.value,
    )
    attempts = models.PositiveIntegerField("tries", default=0)
    due_at = models.DateTimeField("next try")
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    last_error = models.TextField("what went wrong", blank=True, default="")
    outcome = models.TextField("what came of it", blank=True, default="")
    done_at = models.DateTimeField("finished", null=True, blank=True)
    emptied_at = models.DateTimeField("body emptied", null=True, blank=True)

    class Meta:
        verbose_name = "arrival"
        ordering = ["-seq"]
        default_permissions = ("view",)
        permissions = [("replay_inbound", "May have arrivals taken again, or pass them over")]
        indexes = [
            models.Index(
                fields=["connection", "due_at", "seq"], condition=Q(state="waiting"), name="journal_inbound_due"
            ),
            models.Index(fields=["lease_until"], condition=Q(state="working"), name="journal_inbound_leases"),
            # Whole, since SQLite takes none that is partial over several states.
            models.Index(fields=["connection", "subject", "state", "seq"], name="journal_inbound_stream"),
            models.Index(fields=["connection", "-seq"], name="journal_inbound_latest"),
            models.Index(fields=["state", "connection", "type"], name="journal_inbound_unread"),
            models.Index(fields=["connection", "done_at"], name="journal_inbound_finished"),
            models.Index(fields=["subject"], name="journal_inbound_subject"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["external_id", "connection"], name="journal_inbound_once"),
            models.UniqueConstraint(
                fields=["connection", "subject"],
                condition=Q(state="working") & ~Q(subject=""),
                name="journal_inbound_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ArrivalState]), name="journal_inbound_state"
            ),
            models.CheckConstraint(
                condition=Q(state="working", lease_until__isnull=False, lease_token__isnull=False)
                | (~Q(state="working") & Q(lease_until__isnull=True, lease_token__isnull=True)),
                name="journal_inbound_working_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in FINISHED], done_at__isnull=False)
                | (~Q(state__in=[state.value for state in FINISHED]) & Q(done_at__isnull=True)),
                name="journal_inbound_finished_with_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.external_id}"

    @property
    def raw(self) -> bytes:
        """The body as bytes on either database."""
        return bytes(self.body)


class InboundAttempt(models.Model):
    """One try to take one arrival. Cleared away with its body."""

    inbound = models.ForeignKey(Inbound, models.CASCADE, related_name="attempts_made")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    state = models.CharField(
        max_length=12, help_text="What the arrival became by it.", choices=Inbound._meta.get_field("state").choices
    )
    words = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-at", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"Try {self.number} of {self.inbound_id} at {self.at:%Y-%m-%d %H:%M:%S} UTC"
