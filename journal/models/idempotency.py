"""Requests that name themselves, so that a repeat gets the first answer instead of acting again."""

from django.db import models


class IdempotencyRecord(models.Model):
    """One request under its Idempotency-Key, and how it was answered.

    Written in the transaction of what the request did, so that there is either both or neither. It is kept for a day
    at least (`prune_idempotency`), and only where the request was answered with success.
    """

    actor_key = models.CharField(max_length=200, help_text="Whose key it is: two programs may use the same.")
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=8)
    path = models.TextField(help_text="The address with its query.")
    request_digest = models.CharField(max_length=64, help_text="Of method, address and body.")
    status = models.PositiveSmallIntegerField(null=True, help_text="Empty only inside the first transaction.")
    body = models.TextField(blank=True)
    content_type = models.CharField(max_length=120, blank=True)
    headers = models.JSONField(default=dict, blank=True, help_text="All others of the answer.")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["actor_key", "key"], name="journal_idempotencyrecord_once"),
        ]
        indexes = [models.Index(fields=["at"], name="journal_idempotency_at")]

    def __str__(self) -> str:
        return f"{self.method} {self.path} as {self.key}"
