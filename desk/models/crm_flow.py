"""How far a flow between a CRM and the desk has come, and how its last run went."""

from django.db import models

from catalog.models.columns import choice_column, one_of
from desk.domain.crm.flows import Flow, FlowState
from journal.models import Connection


class CrmFlow(models.Model):
    """A flow over a connection. `mark_at` is how far it has read, by the CRM's clock (`domain/crm/watermark.py`); `until_at`
    up to where the reading under way goes, and `after` the page at which it goes on; `fact` how far it has read what
    changed here.

    The counts are of the last run that moved something, and of all time. One worker has the flow until `lease_until`.
    """

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="crm_flows")
    flow = choice_column(Flow)
    state = choice_column(FlowState, default=FlowState.NEW)
    state_reason = models.CharField(max_length=500, blank=True, default="")
    state_at = models.DateTimeField("so since", null=True, blank=True)
    mark_at = models.DateTimeField("has read up to", null=True, blank=True)
    until_at = models.DateTimeField("reads up to", null=True, blank=True)
    fact = models.BigIntegerField(default=0)
    read = models.JSONField(default=dict, blank=True)
    after = models.CharField(max_length=500, blank=True, default="")
    expected = models.PositiveIntegerField(null=True, blank=True, help_text="How many a first reading will bring.")
    last_run_at = models.DateTimeField(null=True, blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    next_run_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=500, blank=True, default="", help_text="Why the last run failed.")
    trouble_since = models.DateTimeField(null=True, blank=True)
    told_behind_at = models.DateTimeField(null=True, blank=True, help_text="When staff were told that it lags.")
    moved = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    moved_ever = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ("connection", "flow")
        default_permissions = ("view",)
        verbose_name = "CRM flow"
        constraints = [
            one_of("desk_crmflow_flow", "flow", Flow),
            one_of("desk_crmflow_state", "state", FlowState),
            models.UniqueConstraint(fields=["connection", "flow"], name="desk_crmflow_once"),
        ]

    def __str__(self) -> str:
        return f"{Flow(self.flow).words} ({self.connection})"
