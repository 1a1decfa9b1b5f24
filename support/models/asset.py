"""Equipment in service: products, where they stand, the single assets by serial number, and their warranties."""

from django.db import models
from django.db.models import F, Q

from catalog.models.columns import choice_column, key_column, one_of
from entitlements.models import Account
from entitlements.models.account import validate_zone
from journal.history import History
from support.domain.cover_terms import WarrantyBasis


def percent_column(*, what: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=f"So many percent of {what} are borne; empty: nothing is said about it."
    )


def percents(prefix: str) -> list[models.CheckConstraint]:
    """Labour, parts and travel are borne from 0 to 100 percent, or not spoken of."""
    return [
        models.CheckConstraint(
            condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__lte": 100}), name=f"{prefix}_{name}_percent"
        )
        for name in ("labour", "parts", "travel")
    ]


class Product(models.Model):
    """A kind of equipment we service, with the warranty that a new one comes with."""

    key = key_column(what="product")
    name = models.CharField(max_length=200)
    maker = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=120, blank=True)
    warranty_months = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How long a new one is under warranty; empty: it isn't."
    )
    warranty_basis = choice_column(WarrantyBasis, default=WarrantyBasis.SHIPPED)
    warranty_transferable = models.BooleanField(default=True, help_text="Whether it goes along to another customer.")
    labour = percent_column(what="labour")
    parts = percent_column(what="parts")
    travel = percent_column(what="travel")
    retired_at = models.DateTimeField(null=True, blank=True, help_text="From then on no new asset is registered.")

    history = History()

    class Meta:
        ordering = ("name", "pk")
        default_permissions = ("view",)
        permissions = [("edit_product", "Can edit the products that are serviced")]
        constraints = [
            one_of("support_product_warranty_basis", "warranty_basis", WarrantyBasis),
            models.CheckConstraint(
                condition=Q(warranty_months__isnull=True) | Q(warranty_months__gte=1, warranty_months__lte=600),
                name="support_product_warranty_lasts",
            ),
            *percents("support_product"),
        ]

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """Where equipment of a customer stands."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="locations")
    name = models.CharField(max_length=200)
    address = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO code, for example NL.")
    zone = models.CharField(max_length=64, blank=True, validators=[validate_zone], help_text="Empty: the customer's.")

    history = History()

    class Meta:
        ordering = ("account", "name", "pk")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.name} ({self.account})"


class Asset(models.Model):
    """One piece of equipment at a customer. `held_since` is when this customer got it; `replaces` what it stands in for."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="assets")
    product = models.ForeignKey(Product, models.PROTECT, related_name="assets")
    serial = models.CharField("serial number", max_length=120)
    serial_key = models.CharField(
        max_length=120,
        db_index=True,
        editable=False,
        help_text="As it is searched: small letters, no spaces or hyphens.",
    )
    name = models.CharField(max_length=200, blank=True, help_text="What the customer calls it.")
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="assets")
    external_id = models.CharField("id in another system", max_length=200, blank=True)
    shipped_on = models.DateField(null=True, blank=True)
    installed_on = models.DateField(null=True, blank=True)
    invoiced_on = models.DateField(null=True, blank=True)
    in_service_on = models.DateField(null=True, blank=True)
    held_since = models.DateTimeField(help_text="When this customer got it.")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", help_text="What it stands in for."
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    retire_reason = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ("account", "product", "serial", "pk")
        default_permissions = ("view",)
        permissions = [("edit_asset", "Can register, move, replace and retire equipment, and set its warranties")]
        indexes = [
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="support_asset_external"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["product", "serial_key"], name="support_asset_serial"),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True, retire_reason="")
                | (Q(retired_at__isnull=False) & ~Q(retire_reason="")),
                name="support_asset_retired_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(replaces=F("pk")), name="support_asset_not_its_own_successor"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.serial}"


class AssetMove(models.Model):
    """An asset went from one customer to another. Append-only."""

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="moves")
    from_account = models.ForeignKey(Account, models.PROTECT, related_name="assets_given")
    to_account = models.ForeignKey(Account, models.PROTECT, related_name="assets_got")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ("asset", "at", "pk")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.asset} from {self.from_account} to {self.to_account} on {self.at:%Y-%m-%d}"


class Warranty(models.Model):
    """What is borne of repairs of an asset until a day, whoever has it while it is transferable.

    A replacement inherits the rest: its warranty names the one it goes on from.
    """

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="warranties")
    name = models.CharField(max_length=200)
    basis = choice_column(WarrantyBasis)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    through_on = models.DateField(help_text="The last day, as it was said.")
    zone = models.CharField(max_length=64)
    tier = models.CharField(max_length=64, blank=True, help_text="A support tier it comes with; empty: none.")
    labour = percent_column(what="labour")
    parts = percent_column(what="parts")
    travel = percent_column(what="travel")
    priority = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="1 goes before every other cover; empty: the more generous one wins."
    )
    transferable = models.BooleanField(default=True)
    months = models.PositiveSmallIntegerField(null=True, blank=True, help_text="So long; empty: through a day.")
    standard = models.BooleanField(default=False, help_text="What a new one comes with: it follows the asset’s dates.")
    inherited_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="passed_on_to")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=200)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.CharField(max_length=200, blank=True)
    void_reason = models.CharField(max_length=500, blank=True)

    history = History()

    class Meta:
        verbose_name_plural = "warranties"
        ordering = ("asset", "starts_at", "pk")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["ends_at"], name="support_warranty_ends")]
        constraints = [
            one_of("support_warranty_basis", "basis", WarrantyBasis),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="support_warranty_ends_after_start"),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_by="", void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(voided_by="") & ~Q(void_reason="")),
                name="support_warranty_voided_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(priority__isnull=True) | Q(priority__gte=1), name="support_warranty_priority"
            ),
            models.CheckConstraint(
                condition=Q(standard=False) | Q(months__isnull=False), name="support_warranty_standard_counts_months"
            ),
            models.UniqueConstraint(
                fields=["asset"], condition=Q(standard=True), name="support_warranty_standard_once"
            ),
            *percents("support_warranty"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.asset}"
