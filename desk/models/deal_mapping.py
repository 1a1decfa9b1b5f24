"""What won deals of a CRM become: a mapping that staff edit as a draft, try on real deals, and switch on."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from catalog.models import Feature, Plan
from catalog.models.columns import choice_column, one_of
from catalog.models.plan import Interval
from desk.domain.crm.mapping import Target
from entitlements.domain.facts import Mode
from journal.history import History
from journal.models import Connection


class MappingState(StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in_force"
    FORMER = "former"

    @property
    def words(self) -> str:
        return {"draft": "Draft", "in_force": "In force", "former": "Former"}[self.value]


class DealMapping(models.Model):
    """One version. `tried` is what its last dry run found; `tried_as` the token of what was tried, so that only what was
    tried is switched on. `starts`, `months`, `through` are readings, as a rule's (`domain/crm/mapping.py`)."""

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="deal_mappings")
    number = models.PositiveIntegerField()
    state = choice_column(MappingState, default=MappingState.DRAFT)
    starts = models.JSONField(default=dict, blank=True)
    months = models.JSONField(default=dict, blank=True)
    through = models.JSONField(default=dict, blank=True)
    renews = models.BooleanField(default=False)
    notice_days = models.PositiveIntegerField(default=0)
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=200)
    tried = models.JSONField(default=dict, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    tried_as = models.CharField(max_length=64, blank=True, default="")
    in_force_at = models.DateTimeField(null=True, blank=True)
    in_force_by = models.CharField(max_length=200, blank=True, default="")
    since = models.DateField(
        null=True, blank=True, help_text="Deals won from this day on; empty: from the day it was switched on."
    )

    history = History()

    class Meta:
        ordering = ("connection", "-number")
        default_permissions = ("view",)
        permissions = [("change_deal_mapping", "Can change what won deals become, and switch it on")]
        constraints = [
            one_of("desk_dealmapping_state", "state", MappingState),
            models.UniqueConstraint(fields=["connection", "number"], name="desk_dealmapping_number"),
            models.UniqueConstraint(
                fields=["connection"], condition=Q(state="in_force"), name="desk_dealmapping_one_in_force"
            ),
            models.UniqueConstraint(
                fields=["connection"], condition=Q(state="draft"), name="desk_dealmapping_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"Mapping {self.number} of {self.connection}"


class DealRule(models.Model):
    """One rule of a mapping. Its key stays from version to version, and names what it promised in deals that it made.

    `where`: [{field, values}]. `readings`: {quantity, value, days, through, starts: {written, line_field, deal_field}}.
    """

    mapping = models.ForeignKey(DealMapping, models.CASCADE, related_name="rules")
    key = models.SlugField(max_length=40)
    position = models.PositiveIntegerField()
    target = choice_column(Target)
    products = models.JSONField(default=list, blank=True, help_text="Codes of products; none: the deal as a whole.")
    where = models.JSONField(default=list, blank=True)
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="deal_rules")
    interval = choice_column(Interval, blank=True)
    feature = models.ForeignKey(Feature, models.PROTECT, null=True, blank=True, related_name="deal_rules")
    mode = choice_column(Mode, blank=True)
    readings = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=200, blank=True, default="")

    history = History()

    class Meta:
        ordering = ("mapping", "position", "pk")
        default_permissions = ("view",)
        constraints = [
            one_of("desk_dealrule_target", "target", Target),
            one_of("desk_dealrule_mode", "mode", Mode, blank=True),
            models.UniqueConstraint(fields=["mapping", "key"], name="desk_dealrule_key_once"),
            models.CheckConstraint(
                condition=Q(target="plan", plan__isnull=False, feature__isnull=True, mode="")
                | (Q(target="feature", plan__isnull=True, feature__isnull=False, interval="") & ~Q(mode=""))
                | Q(target__in=["trial", "nothing"], plan__isnull=True, feature__isnull=True, mode="", interval=""),
                name="desk_dealrule_says_what_its_target_needs",
            ),
        ]

    def __str__(self) -> str:
        return f"Rule {self.position} of {self.mapping}"
