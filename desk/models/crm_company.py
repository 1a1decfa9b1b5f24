"""A company of a CRM: what was told of it last, whose it is, and what was written to it."""

from django.db import models
from django.db.models import F, Q

from entitlements.models import Account
from journal.models import Connection


class CrmCompany(models.Model):
    """A company as the CRM told it last.

    Whoever goes to look takes a ticket first (`asked`); what was seen with an earlier ticket than the last one that was
    applied is passed over. `due_at`: something was heard of it that nobody has looked at yet. `written` is what was
    written there (`domain/crm/outgoing.py`); `to_write_at`: since when something may differ from that; `marks` counts
    how often that was said, and `next_at` is when it differs by time alone.
    """

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="crm_companies")
    external_id = models.CharField("id there", max_length=200)
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="crm_companies")
    name = models.CharField(max_length=300, blank=True, default="")
    gone = models.BooleanField(default=False, help_text="Deleted there, or made part of another.")
    left_out = models.BooleanField(default=False, help_text="A person said that it is no customer of ours.")
    apart_from = models.JSONField(default=list, blank=True, help_text="Keys of accounts that a person said it is not.")
    told = models.JSONField(default=dict, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField("changed there", null=True, blank=True)
    asked = models.PositiveIntegerField(default=0)
    applied = models.PositiveIntegerField(default=0)
    heard = models.JSONField(default=list, blank=True, help_text="The stamps by which polls heard of it lately.")
    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    failed = models.CharField("why it failed", max_length=500, blank=True, default="")
    written = models.JSONField(default=dict, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    to_write_at = models.DateTimeField(null=True, blank=True)
    marks = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    write_after = models.DateTimeField(null=True, blank=True, help_text="Not tried again before.")
    write_tries = models.PositiveIntegerField(default=0)
    write_failed = models.CharField("why it wasn’t written", max_length=500, blank=True, default="")

    class Meta:
        ordering = ("connection", "external_id")
        default_permissions = ("view",)
        verbose_name = "CRM company"
        verbose_name_plural = "CRM companies"
        indexes = [
            models.Index(fields=["account", "connection"], name="desk_crmcompany_account"),
            models.Index(
                fields=["connection", "due_at"], condition=Q(due_at__isnull=False), name="desk_crmcompany_due"
            ),
            models.Index(
                fields=["connection", "to_write_at"],
                condition=Q(to_write_at__isnull=False),
                name="desk_crmcompany_to_write",
            ),
            models.Index(fields=["connection", "next_at"], name="desk_crmcompany_next"),
            models.Index(fields=["connection", "-told_at"], name="desk_crmcompany_latest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["external_id", "connection"], name="desk_crmcompany_once"),
            models.CheckConstraint(condition=Q(applied__lte=F("asked")), name="desk_crmcompany_asked_first"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id
