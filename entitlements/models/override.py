"""Overrides: what one customer was promised beyond, or short of, the catalog."""

from enum import StrEnum
from typing import Any

from django.db import models

from catalog.domain.values import UNLIMITED, FeatureShape, Value
from catalog.domain.window import Window
from catalog.models import Feature
from catalog.models.columns import choice_column, one_of
from catalog.models.term import TypedValue, read_value
from entitlements.domain.facts import Mode
from entitlements.models.account import Account
from entitlements.models.reason import ReasonCode
from entitlements.models.subscription import Subscription
from journal.history import History


class OverrideState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Override(TypedValue):
    """A mode, a value and a window. It speaks only once approved, and for ever stops speaking when revoked."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="overrides")
    subscription = models.ForeignKey(
        Subscription,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="overrides",
        help_text="It sleeps when this subscription gives nothing; empty: it holds for the whole account.",
    )
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="overrides")
    mode = choice_column(Mode)
    unlimited = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    through_on = models.DateField(null=True, blank=True, help_text="The last day, as it was said.")
    zone = models.CharField(max_length=64, blank=True, help_text="The zone the last day was said in.")
    review_on = models.DateField(null=True, blank=True)
    reason_code = models.ForeignKey(ReasonCode, models.PROTECT, null=True, blank=True, related_name="overrides")
    reason = models.CharField(max_length=500)
    link = models.URLField(blank=True, help_text="The deal or ticket it belongs to.")
    state = choice_column(OverrideState)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=200)
    requested_by_key = models.CharField(max_length=200, blank=True, default="")
    requested_as = models.CharField(max_length=200, blank=True, default="", help_text="The roles of who asked.")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=200, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=200, blank=True)
    follows = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        help_text="The override it edits or renews.",
    )
    loan = models.ForeignKey("entitlements.Loan", models.PROTECT, null=True, blank=True, related_name="overrides")
    contract_line = models.ForeignKey(
        "entitlements.ContractLine", models.PROTECT, null=True, blank=True, related_name="overrides"
    )

    history = History()

    class Meta:
        ordering = ("account", "starts_at", "pk")
        permissions = [
            ("grant_override", "Can grant an override within policy"),
            ("approve_concession", "Can approve what is beyond policy"),
            ("revoke_override", "Can revoke an override"),
        ]
        constraints = [
            one_of("entitlements_override_mode", "mode", Mode),
            one_of("entitlements_override_state", "state", OverrideState),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="entitlements_override_ends_after_start",
            ),
            models.CheckConstraint(
                condition=(models.Q(approved_at__isnull=True) & models.Q(approved_by=""))
                | (models.Q(approved_at__isnull=False) & ~models.Q(approved_by="")),
                name="entitlements_override_approved_by_someone",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=OverrideState.APPROVED) | models.Q(approved_at__isnull=False),
                name="entitlements_override_approved_has_instant",
            ),
            models.CheckConstraint(
                condition=(models.Q(revoked_at__isnull=True) & models.Q(revoked_by=""))
                | (models.Q(revoked_at__isnull=False) & ~models.Q(revoked_by="")),
                name="entitlements_override_revoked_by_someone",
            ),
            models.CheckConstraint(
                condition=models.Q(subscription__isnull=False)
                | models.Q(ends_at__isnull=False)
                | models.Q(review_on__isnull=False),
                name="entitlements_override_account_scope_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(unlimited=False) | models.Q(amount__isnull=True),
                name="entitlements_override_unlimited_or_amount",
            ),
            models.UniqueConstraint(fields=["loan", "account"], name="entitlements_override_once_per_loan"),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="entitlements_override_starts"),
            models.Index(fields=["ends_at"], name="entitlements_override_ends"),
        ]

    def __str__(self) -> str:
        return f"Override #{self.pk} on {self.feature}"

    @property
    def value(self) -> Value | None:
        return override_value(self, shape=self.feature.shape)

    @property
    def window(self) -> Window | None:
        return override_window(self)


def override_value(row: Any, *, shape: FeatureShape) -> Value | None:
    """What an override promises; None for a denial. Today's row or one as history had it."""
    if row.mode == Mode.DENY:
        return None
    return UNLIMITED if row.unlimited else read_value(row, shape=shape)


def override_window(row: Any) -> Window | None:
    """When an override speaks; None: never, for it was revoked before it began."""
    window = Window(row.starts_at, row.ends_at)
    return window if row.revoked_at is None else window.intersection(Window(None, row.revoked_at))
