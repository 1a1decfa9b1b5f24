"""The audit: who did what, when and why. Append-only by triggers, chained by digests, sealed by signatures."""

import uuid

from django.db import models

from journal.domain.actor import ACTOR_WORDS
from journal.domain.chain import GENESIS
from journal.domain.verbs import in_words

ACTOR_CHOICES = [(kind.value, words) for kind, words in ACTOR_WORDS.items()]


class AuditEvent(models.Model):
    """One thing that was done. `seq` counts without gaps in the order of commitment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seq = models.BigIntegerField("number", unique=True)
    at = models.DateTimeField("when", db_index=True)
    actor_kind = models.CharField("kind of actor", max_length=16, choices=ACTOR_CHOICES)
    actor_key = models.CharField("actor", max_length=200, db_index=True)
    actor_name = models.CharField("who", max_length=300)
    verb = models.CharField("what was done", max_length=80, db_index=True, help_text="noun:verb")
    subject_type = models.CharField("kind of thing", max_length=80)
    subject_key = models.CharField("its key", max_length=200)
    subject_label = models.CharField("to what", max_length=400)
    account_key = models.CharField("account", max_length=200, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    changes = models.JSONField(default=dict, blank=True, help_text="By field: what it was before, and after.")
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = "audit event"
        ordering = ["-seq"]
        default_permissions = ("view",)
        permissions = [("verify_audit", "May check that the audit was not tampered with")]
        indexes = [
            models.Index(fields=["subject_type", "subject_key"], name="journal_audit_subject"),
            models.Index(fields=["account_key", "at"], name="journal_audit_account"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="journal_auditevent_counts_from_one")
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.actor_name}: {self.verb_in_words()} {self.subject_label}"

    def verb_in_words(self) -> str:
        return in_words(self.verb)


class AuditHead(models.Model):
    """The one row that whoever writes an audit event holds until commit, so that the chain never forks."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last_seq = models.BigIntegerField(default=0)
    last_digest = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="journal_audithead_is_one_row")]

    def __str__(self) -> str:
        return f"Audit head at #{self.last_seq}"


class AuditSeal(models.Model):
    """A signature over the chain up to `seq_to`; whoever rewrites what lies before it cannot sign anew."""

    seq_to = models.BigIntegerField("up to event", unique=True)
    digest = models.CharField(max_length=64)
    count = models.BigIntegerField("events since the seal before")
    sealed_at = models.DateTimeField("sealed")
    previous_signature = models.CharField(max_length=64, blank=True, default="")
    signature = models.CharField(max_length=64)

    class Meta:
        verbose_name = "audit seal"
        ordering = ["-seq_to"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=models.Q(count__gte=1), name="journal_auditseal_covers_something")
        ]

    def __str__(self) -> str:
        return f"Seal up to #{self.seq_to}"
