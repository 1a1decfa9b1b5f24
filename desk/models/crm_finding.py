"""Something between a CRM and the desk that a person has to look at."""

from django.db import models
from django.db.models import F, Q

from catalog.models.columns import choice_column, one_of
from desk.domain.crm.findings import CrmFindingKind
from entitlements.domain.billed.findings import FindingState
from entitlements.models import Account
from journal.history import History
from journal.models import Connection


class CrmFinding(models.Model):
    """About one record there: `subject` is "company:<id>" or "deal:<id>", `about` what of it (a line, a field)."""

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="crm_findings")
    kind = choice_column(CrmFindingKind)
    subject = models.CharField(max_length=220)
    about = models.CharField(max_length=200, blank=True, default="")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="crm_findings")
    words = models.CharField(max_length=500)
    evidence = models.JSONField(default=dict, blank=True, help_text="{theirs, ours}: what was compared.")
    first_at = models.DateTimeField("found")
    last_at = models.DateTimeField("seen last")
    state = choice_column(FindingState, default=FindingState.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")

    history = History()

    class Meta:
        ordering = ("-first_at", "-pk")
        default_permissions = ("view",)
        verbose_name = "CRM finding"
        indexes = [
            models.Index(fields=["connection", "kind"], condition=Q(state="open"), name="desk_crmfinding_open"),
            models.Index(fields=["subject"], name="desk_crmfinding_subject"),
        ]
        constraints = [
            one_of("desk_crmfinding_kind", "kind", CrmFindingKind),
            one_of("desk_crmfinding_state", "state", FindingState),
            models.UniqueConstraint(
                fields=["connection", "kind", "subject", "about"],
                condition=Q(state="open"),
                name="desk_crmfinding_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True, settled_by="")
                | (~Q(state="open") & Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="desk_crmfinding_settled_by_someone",
            ),
            models.CheckConstraint(condition=Q(last_at__gte=F("first_at")), name="desk_crmfinding_seen_after_found"),
        ]

    def __str__(self) -> str:
        return f"{CrmFindingKind(self.kind).words}: {self.words}"
