"""Work at the customer: visits that were agreed, and what was done and used, with the customer's share of it."""

from django.db import models
from django.db.models import F, Q

from catalog.models.columns import choice_column, one_of
from entitlements.models import Account
from journal.history import History
from support.domain.cover_terms import Billing, VisitState, WorkKind
from support.models.asset import Asset, Warranty
from support.models.case import Case
from support.models.cover import Cover


class Visit(models.Model):
    """One preventive-maintenance visit that a cover includes; done, it is used up."""

    cover = models.ForeignKey(Cover, models.PROTECT, related_name="visits")
    account = models.ForeignKey(Account, models.PROTECT, related_name="visits")
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="visits")
    number = models.PositiveSmallIntegerField(help_text="1 for the first of the cover, 2 for the next.")
    from_on = models.DateField(help_text="The first day on which it may take place.")
    through_on = models.DateField(help_text="The last day on which it is in time.")
    state = choice_column(VisitState, default=VisitState.PLANNED)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    technician = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it was done, missed or cancelled.")
    settled_by = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)

    history = History()

    class Meta:
        ordering = ("account", "from_on", "pk")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["state", "through_on"], name="support_visit_due")]
        constraints = [
            one_of("support_visit_state", "state", VisitState),
            models.UniqueConstraint(fields=["cover", "number"], name="support_visit_number"),
            models.CheckConstraint(condition=Q(through_on__gte=F("from_on")), name="support_visit_window"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "scheduled"], settled_at__isnull=True, settled_by="")
                | (~Q(state__in=["planned", "scheduled"]) & Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="support_visit_settled_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(scheduled_for__isnull=False), name="support_visit_scheduled_for"
            ),
        ]

    def __str__(self) -> str:
        return f"Visit {self.number} of {self.cover}"


class WorkItem(models.Model):
    """Labour, a part or travel on a job: what it was, what of it was covered by what, and what the customer owes.

    `customer_percent` was read when it was recorded; the sums are carried, in millionths of the currency.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="work_items")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="work_items")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="work_items")
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="work_items")
    kind = choice_column(WorkKind)
    description = models.CharField(max_length=300)
    part_number = models.CharField(max_length=120, blank=True)
    quantity = models.PositiveIntegerField(default=1, help_text="Minutes of labour and travel; pieces of parts.")
    amount_micros = models.BigIntegerField(null=True, blank=True, help_text="The whole price, if it is known.")
    currency = models.CharField(max_length=3, blank=True)
    customer_percent = models.PositiveSmallIntegerField()
    customer_micros = models.BigIntegerField(null=True, blank=True)
    cover = models.ForeignKey(Cover, models.PROTECT, null=True, blank=True, related_name="work_items")
    warranty = models.ForeignKey(Warranty, models.PROTECT, null=True, blank=True, related_name="work_items")
    why = models.TextField(help_text="What decided the customer's share.")
    authorised_by = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField()
    done_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=200, blank=True)
    recorded_by_key = models.CharField(max_length=200, blank=True, help_text="Somebody else waives it.")
    name = models.CharField(max_length=200, blank=True, help_text="What it is called at its source, once.")
    billing = choice_column(Billing)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it was handed over, or waived.")
    settled_by = models.CharField(max_length=200, blank=True)
    settle_reason = models.CharField(max_length=500, blank=True)
    billed_by = models.CharField(
        max_length=40, blank=True, default="", help_text="The connected system that was told to put it on an invoice."
    )

    history = History()

    class Meta:
        ordering = ("account", "-done_at", "-pk")
        default_permissions = ("view",)
        permissions = [
            ("record_work", "Can record work and parts, and plan visits"),
            ("bill_work", "Can hand work over to billing, or waive it"),
        ]
        indexes = [
            models.Index(fields=["done_at"], condition=Q(billing="open"), name="support_workitem_to_bill"),
            models.Index(fields=["asset", "done_at"], name="support_workitem_asset"),
        ]
        constraints = [
            one_of("support_workitem_kind", "kind", WorkKind),
            one_of("support_workitem_billing", "billing", Billing),
            models.CheckConstraint(condition=Q(customer_percent__lte=100), name="support_workitem_percent"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="support_workitem_quantity"),
            models.CheckConstraint(
                condition=Q(amount_micros__isnull=True, customer_micros__isnull=True, currency="")
                | (Q(amount_micros__gte=0, customer_micros__gte=0) & ~Q(currency="")),
                name="support_workitem_sums_in_a_currency",
            ),
            models.CheckConstraint(
                condition=~Q(billing="covered") | Q(customer_percent=0), name="support_workitem_covered_costs_nothing"
            ),
            models.CheckConstraint(
                condition=Q(cover__isnull=True) | Q(warranty__isnull=True), name="support_workitem_by_one"
            ),
            models.CheckConstraint(
                condition=Q(billing__in=["covered", "open"], settled_at__isnull=True, settled_by="")
                | (~Q(billing__in=["covered", "open"]) & Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="support_workitem_settled_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(billed_by="") | Q(billing__in=["handed_over", "withdrawn"]),
                name="support_workitem_billed_by",
            ),
            models.UniqueConstraint(fields=["name"], condition=~Q(name=""), name="support_workitem_once"),
        ]

    def __str__(self) -> str:
        return f"{self.description} for {self.account}"
