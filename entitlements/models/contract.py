"""Contracts: what was agreed with a customer, in versions with effective dates, and the lines that make it so."""

from enum import StrEnum

from django.db import models

from catalog.models.columns import choice_column, one_of
from entitlements.models.account import Account
from entitlements.models.provision import Provision, provides_one_thing
from entitlements.models.reason import ReasonCode
from entitlements.models.subscription import Subscription
from journal.history import History


class Renewal(StrEnum):
    """What happens at the end of a term when nobody says anything."""

    ENDS = "ends"
    RENEWS = "renews"


class ContractState(StrEnum):
    """Where a version stands; only a signed one has made items and overrides."""

    DRAFT = "draft"
    REQUESTED = "requested"
    SIGNED = "signed"
    DISCARDED = "discarded"


class Contract(models.Model):
    """One agreement. Its item lines are items of a subscription of its own; its other lines are overrides.

    `ends_at` empty: it goes on, renewing by its terms. Who gave notice, or ended it, fixes the end.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="contracts")
    key = models.CharField(max_length=40, unique=True, help_text="Its number, as both sides write it: C-2026-0012.")
    name = models.CharField(max_length=200)
    link = models.URLField(blank=True, help_text="The deal, or the signed document.")
    created_at = models.DateTimeField()
    subscription = models.OneToOneField(
        Subscription, models.PROTECT, null=True, blank=True, related_name="contract", help_text="What its items are in."
    )
    ends_at = models.DateTimeField(null=True, blank=True)
    notice_at = models.DateTimeField(null=True, blank=True, help_text="When it was said that it won't renew.")
    notice_by = models.CharField(max_length=200, blank=True, help_text="The customer, or who of us said so.")
    ended_early_at = models.DateTimeField(null=True, blank=True, help_text="When it was ended before its term was up.")
    announced_days = models.JSONField(
        default=list, blank=True, help_text="How many days ahead its end is announced; empty: as every contract's."
    )

    history = History()

    class Meta:
        ordering = ("account", "-created_at", "-pk")
        permissions = [("write_contract", "Can draft, amend and sign contracts within policy")]
        indexes = [models.Index(fields=["ends_at"], name="entitlements_contract_ends")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(notice_at__isnull=True, notice_by="")
                | (models.Q(notice_at__isnull=False) & ~models.Q(notice_by="")),
                name="entitlements_contract_notice_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} · {self.name}"


def contract_of(subscription: Subscription) -> Contract | None:
    """The contract whose items the subscription holds; without a read where the row was read along."""
    found: Contract | None = getattr(subscription, "contract", None)
    return found


class ContractVersion(models.Model):
    """What the contract says from an instant on, as a whole. Signed, it is never changed; an amendment is the next."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = choice_column(ContractState, default=ContractState.DRAFT)
    effective_at = models.DateTimeField(null=True, blank=True, help_text="Empty in a draft: from its signing.")
    effective_on = models.DateField(null=True, blank=True, help_text="The first day, as it was said.")
    term_starts_at = models.DateTimeField(null=True, blank=True)
    term_months = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: until somebody ends it.")
    renewal = choice_column(Renewal, default=Renewal.ENDS)
    renewal_months = models.PositiveIntegerField(null=True, blank=True, help_text="How long each renewal lasts.")
    notice_days = models.PositiveIntegerField(default=0, help_text="How long before its end notice has to be given.")
    zone = models.CharField(max_length=64)
    reason_code = models.ForeignKey(ReasonCode, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was agreed, or amended, like this.")
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=200)
    requested_by = models.CharField(max_length=200, blank=True)
    requested_by_key = models.CharField(max_length=200, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.CharField(max_length=200, blank=True, help_text="Who put it in force here.")

    history = History()

    class Meta:
        ordering = ("contract", "number")
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="entitlements_contractversion_number"),
            models.UniqueConstraint(
                fields=["contract"],
                condition=models.Q(state__in=[ContractState.DRAFT.value, ContractState.REQUESTED.value]),
                name="entitlements_contractversion_one_open",
            ),
            one_of("entitlements_contractversion_state", "state", ContractState),
            one_of("entitlements_contractversion_renewal", "renewal", Renewal),
            models.CheckConstraint(
                condition=~models.Q(renewal=Renewal.RENEWS)
                | models.Q(term_months__isnull=False, renewal_months__isnull=False),
                name="entitlements_contractversion_renews_by_months",
            ),
            models.CheckConstraint(
                condition=models.Q(signed_at__isnull=True, signed_by="")
                | (models.Q(signed_at__isnull=False) & ~models.Q(signed_by="")),
                name="entitlements_contractversion_signed_by_someone",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ContractState.SIGNED)
                | models.Q(signed_at__isnull=False, effective_at__isnull=False, term_starts_at__isnull=False),
                name="entitlements_contractversion_signed_has_instants",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.key}, version {self.number}"


class ContractLine(Provision):
    """One promise of a version. `number` stays the same from version to version, so that it can be pointed at."""

    version = models.ForeignKey(ContractVersion, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True, help_text="As the contract says it.")
    starts_on = models.DateField(null=True, blank=True, help_text="Empty: with the version.")
    through_on = models.DateField(null=True, blank=True, help_text="The last day; empty: as long as the contract.")
    carried_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_to", help_text="The same line before."
    )

    history = History()

    class Meta:
        ordering = ("version", "number")
        constraints = [
            provides_one_thing("entitlements_contractline_provides_one_thing"),
            models.UniqueConstraint(fields=["version", "number"], name="entitlements_contractline_number"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="entitlements_contractline_quantity"),
        ]

    def __str__(self) -> str:
        return f"Line {self.number} of {self.version}"
