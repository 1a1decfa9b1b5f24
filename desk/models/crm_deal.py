"""A deal of a CRM: what was told of it last, and what was made of it."""

from django.db import models
from django.db.models import F, Q

from catalog.models.columns import choice_column, one_of
from desk.domain.crm.told import DealState
from entitlements.models import Account, Contract, SubscriptionPhase
from journal.models import Connection


class CrmDeal(models.Model):
    """A deal as the CRM told it last, and the contract and the longer trial that it became.

    Whoever goes to look takes a ticket first (`asked`), as with a company. `lines` names the number of the contract's
    line for each promise's key; `agreed` what was agreed last as it was read. `trial` is the phase it made longer, and
    `trial_made` by which promise, from which end.
    """

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="crm_deals")
    external_id = models.CharField("id there", max_length=200)
    company_id_there = models.CharField("its company there", max_length=200, blank=True, default="")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="crm_deals")
    name = models.CharField(max_length=300, blank=True, default="")
    state = choice_column(DealState, blank=True)
    told = models.JSONField(default=dict, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField("changed there", null=True, blank=True)
    outcome = models.CharField("what came of it", max_length=500, blank=True, default="")
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, blank=True, related_name="crm_deals")
    lines = models.JSONField(default=dict, blank=True)
    agreed = models.JSONField(default=dict, blank=True)
    trial = models.ForeignKey(SubscriptionPhase, models.PROTECT, null=True, blank=True, related_name="crm_deals")
    trial_made = models.JSONField(default=dict, blank=True)
    asked = models.PositiveIntegerField(default=0)
    applied = models.PositiveIntegerField(default=0)
    heard = models.JSONField(default=list, blank=True, help_text="The stamps by which polls heard of it lately.")
    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    failed = models.CharField("why it failed", max_length=500, blank=True, default="")

    class Meta:
        ordering = ("connection", "external_id")
        default_permissions = ("view",)
        verbose_name = "CRM deal"
        indexes = [
            models.Index(fields=["connection", "due_at"], condition=Q(due_at__isnull=False), name="desk_crmdeal_due"),
            models.Index(fields=["connection", "company_id_there"], name="desk_crmdeal_company"),
            models.Index(fields=["connection", "-told_at"], name="desk_crmdeal_latest"),
        ]
        constraints = [
            one_of("desk_crmdeal_state", "state", DealState, blank=True),
            models.UniqueConstraint(fields=["external_id", "connection"], name="desk_crmdeal_once"),
            models.UniqueConstraint(fields=["contract"], name="desk_crmdeal_contract_once"),
            models.CheckConstraint(condition=Q(applied__lte=F("asked")), name="desk_crmdeal_asked_first"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id
