"""Covers: what help was agreed with a customer on what, from when to when; mostly by a line of a contract.

An amendment is a successor that begins where the one before it ends, so that the past stays as it was.
"""

from django.db import models
from django.db.models import F, Q

from catalog.models.columns import choice_column, one_of
from entitlements.models import Account, Contact, Contract
from journal.history import History
from support.domain.cover_terms import ScopeKind
from support.models.asset import Asset, Location, Product, percent_column, percents


class Cover(models.Model):
    """What is owed and borne on what it reaches. Of an aspect that is empty it says nothing.

    It ends with its contract at the latest, which is read and never written. `counted`: cases under it count on the
    account's allowances of incidents and hours.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="covers")
    name = models.CharField(max_length=200)
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, blank=True, related_name="covers")
    line = models.PositiveIntegerField(null=True, blank=True, help_text="The number of the contract's line.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Empty: as long as its contract, or until ended.")
    through_on = models.DateField(null=True, blank=True, help_text="The last day, as it was said.")
    zone = models.CharField(max_length=64)
    tier = models.CharField(max_length=64, blank=True, help_text="The support tier owed on it; empty: nothing is said.")
    labour = percent_column(what="labour")
    parts = percent_column(what="parts")
    travel = percent_column(what="travel")
    authorisation = models.CharField(
        max_length=300, blank=True, help_text="What has to be authorised before work begins, and by whom."
    )
    priority = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="1 goes before every other cover; empty: the more generous one wins."
    )
    children = models.BooleanField("child accounts too", default=False)
    channels = models.JSONField(default=list, blank=True, help_text="Empty: all of them.")
    counted = models.BooleanField(default=False, help_text="Cases under it count on the account's allowances.")
    visits_a_year = models.PositiveSmallIntegerField(default=0, help_text="Preventive maintenance visits.")
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was agreed like this.")
    follows = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by", help_text="What it amends or renews."
    )
    ended_early_at = models.DateTimeField(null=True, blank=True, help_text="When it was decided to end it early.")
    end_reason = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=200)

    history = History()

    class Meta:
        ordering = ("account", "-starts_at", "-pk")
        default_permissions = ("view",)
        permissions = [
            ("write_cover", "Can agree, amend, renew and end covers"),
            ("approve_cover", "Can approve that a cover gives less, or ends early"),
        ]
        indexes = [
            models.Index(fields=["account", "starts_at"], name="support_cover_account"),
            models.Index(fields=["ends_at"], name="support_cover_ends"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at"))
                | Q(ends_at=F("starts_at"), ended_early_at__isnull=False),
                name="support_cover_ends_after_start",  # at once: it was called off before it began
            ),
            models.CheckConstraint(
                condition=Q(contract__isnull=True, line__isnull=True)
                | (Q(contract__isnull=False) & (Q(line__isnull=True) | Q(line__gte=1))),
                name="support_cover_line_of_a_contract",
            ),
            models.CheckConstraint(
                condition=Q(priority__isnull=True) | Q(priority__gte=1), name="support_cover_priority"
            ),
            models.CheckConstraint(
                condition=Q(ended_early_at__isnull=True, end_reason="")
                | (Q(ended_early_at__isnull=False) & ~Q(end_reason="")),
                name="support_cover_ended_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(tier="")
                | Q(labour__isnull=False)
                | Q(parts__isnull=False)
                | Q(travel__isnull=False)
                | Q(visits_a_year__gte=1),
                name="support_cover_says_something",
            ),
            *percents("support_cover"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.account}"


class CoverScope(models.Model):
    """One thing a cover is narrowed to: an asset, a location, a contact or a product."""

    cover = models.ForeignKey(Cover, models.CASCADE, related_name="scope")
    kind = choice_column(ScopeKind)
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="in_scope_of")
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="in_scope_of")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, blank=True, related_name="in_scope_of")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="in_scope_of")

    history = History()

    class Meta:
        ordering = ("cover", "kind", "pk")
        default_permissions = ("view",)
        constraints = [
            one_of("support_coverscope_kind", "kind", ScopeKind),
            models.CheckConstraint(
                condition=(
                    Q(
                        kind="asset",
                        asset__isnull=False,
                        location__isnull=True,
                        contact__isnull=True,
                        product__isnull=True,
                    )
                    | Q(
                        kind="location",
                        asset__isnull=True,
                        location__isnull=False,
                        contact__isnull=True,
                        product__isnull=True,
                    )
                    | Q(
                        kind="contact",
                        asset__isnull=True,
                        location__isnull=True,
                        contact__isnull=False,
                        product__isnull=True,
                    )
                    | Q(
                        kind="product",
                        asset__isnull=True,
                        location__isnull=True,
                        contact__isnull=True,
                        product__isnull=False,
                    )
                ),
                name="support_coverscope_one_thing",
            ),
            models.UniqueConstraint(fields=["cover", "asset"], name="support_coverscope_asset_once"),
            models.UniqueConstraint(fields=["cover", "location"], name="support_coverscope_location_once"),
            models.UniqueConstraint(fields=["cover", "contact"], name="support_coverscope_contact_once"),
            models.UniqueConstraint(fields=["cover", "product"], name="support_coverscope_product_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cover}: {self.asset or self.location or self.contact or self.product}"
