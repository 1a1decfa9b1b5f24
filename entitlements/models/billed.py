"""What a connected system bills: what it said last of each subscription, and what a person has to look at."""

from django.db import models
from django.db.models import F, Q

from catalog.models import Feature
from catalog.models.columns import choice_column, one_of
from entitlements.domain.billed.findings import FindingKind, FindingState
from entitlements.domain.billed.told import BilledState
from entitlements.models.account import Account
from entitlements.models.subscription import Subscription
from journal.history import History
from journal.models import Connection


class BilledSubscription(models.Model):
    """A subscription as the system that bills it told it last.

    Whoever goes to look takes a ticket first (`asked`); what was seen with an earlier ticket than the last one that was
    followed (`applied`) is passed over. So no clock is compared, and a slow look at an older state never wins.
    """

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="billed")
    billing_id = models.CharField(max_length=200, help_text="What that system calls the subscription.")
    customer = models.CharField(max_length=200, blank=True, default="", help_text="What it calls the customer.")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="billed")
    subscription = models.ForeignKey(Subscription, models.PROTECT, null=True, blank=True, related_name="billed")
    asked = models.PositiveIntegerField(default=0)
    applied = models.PositiveIntegerField(default=0)
    state = choice_column(BilledState, blank=True)
    told = models.JSONField(default=dict, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("connection", "billing_id")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["connection", "customer"], name="entitlements_billed_customer")]
        constraints = [
            one_of("entitlements_billedsubscription_state", "state", BilledState, blank=True),
            models.UniqueConstraint(
                fields=["connection", "billing_id"], name="entitlements_billedsubscription_once"
            ),
            models.CheckConstraint(
                condition=Q(applied__lte=F("asked")), name="entitlements_billedsubscription_asked_first"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.billing_id} at {self.connection}"

    @property
    def whose(self) -> Account | None:
        """Whose it is today: its subscription may have moved in a merge since it was told."""
        return self.account if self.subscription is None else self.subscription.account


class BilledFeature(models.Model):
    """A feature that the billing says the account has, from when we were told until it said no longer.

    It gives something only where the feature's rule says that the billing decides who has it.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="billed_features")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="billed_features")
    customer = models.CharField(max_length=200, help_text="What that system calls the customer.")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="billed_features")
    billing_id = models.CharField(
        max_length=200, blank=True, default="", help_text="What it calls the active entitlement."
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        ordering = ("account", "starts_at", "pk")
        default_permissions = ("view",)
        verbose_name_plural = "what the billing gives"
        indexes = [
            models.Index(fields=["starts_at"], name="entitlements_billed_starts"),
            models.Index(fields=["ends_at"], name="entitlements_billed_ends"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "customer", "feature"],
                condition=Q(ends_at__isnull=True),
                name="entitlements_billedfeature_open_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="entitlements_billedfeature_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feature} for {self.customer} at {self.connection}"


class BillingFinding(models.Model):
    """Something between the billing and the desk that a person has to look at."""

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="billing_findings")
    kind = choice_column(FindingKind)
    billing_id = models.CharField(
        max_length=200, blank=True, default="", help_text="The subscription there; empty: none alone."
    )
    about = models.CharField(
        max_length=300, blank=True, default="", help_text="What in it: a price, a customer, a feature."
    )
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="billing_findings")
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
        permissions = [("settle_billing_finding", "Can settle what the billing and the desk don't agree about")]
        indexes = [
            models.Index(fields=["kind", "first_at"], condition=Q(state="open"), name="entitlements_finding_open")
        ]
        constraints = [
            one_of("entitlements_billingfinding_kind", "kind", FindingKind),
            one_of("entitlements_billingfinding_state", "state", FindingState),
            models.UniqueConstraint(
                fields=["connection", "kind", "billing_id", "about"],
                condition=Q(state="open"),
                name="entitlements_billingfinding_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True, settled_by="")
                | (~Q(state="open") & Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="entitlements_billingfinding_settled_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(last_at__gte=F("first_at")), name="entitlements_billingfinding_seen_after_found"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.words}"

    @property
    def title(self) -> str:
        return FindingKind(self.kind).words_about(self.about)

    @property
    def system(self) -> str:
        return self.connection.vendor

    @property
    def mode(self) -> str:
        return self.connection.mode

    @property
    def to_do(self) -> str:
        return FindingKind(self.kind).to_do_about(self.about)
