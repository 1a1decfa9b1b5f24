"""Accounts: who holds entitlements."""

from enum import StrEnum
from functools import cache
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from catalog.models import Market
from catalog.models.columns import choice_column, one_of
from entitlements.domain.facts import Standing
from journal.history import History

ACCOUNT_KEY = RegexValidator(
    r"^[a-z0-9][a-z0-9_.-]*$", "Use small letters, digits, dots, hyphens and underscores, for example acme-bv."
)


@cache
def known_zones() -> frozenset[str]:
    """Read once: each look at them goes through some hundreds of files."""
    return frozenset(available_timezones())


def validate_zone(zone: str) -> None:
    if zone not in known_zones():
        raise ValidationError(f"{zone!r} is not a time zone; choose one such as Europe/Amsterdam.")


class IdentifierKind(StrEnum):
    KEY = "key"
    EMAIL = "email"
    DOMAIN = "domain"
    NAME = "name"
    EXTERNAL = "external"


class AccountKind(StrEnum):
    """Who the account is to us. Partners and internal ones hold entitlements by the same means, apart from revenue."""

    CUSTOMER = "customer"
    PARTNER = "partner"
    INTERNAL = "internal"

    @property
    def words(self) -> str:
        return self.value.capitalize()


class SalesChannel(StrEnum):
    """How the account came to buy."""

    DIRECT = "direct"
    SELF_SERVICE = "self_service"
    RESELLER = "reseller"
    MARKETPLACE = "marketplace"

    @property
    def words(self) -> str:
        return self.value.replace("_", "-").capitalize()


class Account(models.Model):
    """A customer. What it holds stands in subscriptions and overrides; what it may do is always worked out."""

    key = models.CharField(max_length=64, unique=True, validators=[ACCOUNT_KEY])
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, blank=True, help_text="ISO code, for example NL.")
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="accounts")
    zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        help_text="The account manager, who is told what ends.",
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    kind = choice_column(AccountKind, default=AccountKind.CUSTOMER)
    sales_channel = choice_column(SalesChannel, blank=True)
    reseller = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="sold_to", help_text="The partner who sells to it."
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from", help_text="Whom it was the same as."
    )
    merged_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ("name", "pk")
        permissions = [
            ("open_account", "Can open an account"),
            ("set_standing", "Can suspend or close an account"),
            ("merge_accounts", "Can ask for two accounts to be merged"),
            ("import_accounts", "Can import accounts from a file"),
        ]
        indexes = [models.Index(fields=["name"], name="entitlements_account_name")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("pk")),
                name="entitlements_account_not_own_parent",
            ),
            one_of("entitlements_account_kind", "kind", AccountKind),
            one_of("entitlements_account_sales_channel", "sales_channel", SalesChannel, blank=True),
            models.CheckConstraint(
                condition=models.Q(reseller__isnull=True)
                | (models.Q(sales_channel=SalesChannel.RESELLER) & ~models.Q(reseller=models.F("pk"))),
                name="entitlements_account_reseller_by_channel",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True, merged_at__isnull=True)
                | (
                    models.Q(merged_into__isnull=False, merged_at__isnull=False) & ~models.Q(merged_into=models.F("pk"))
                ),
                name="entitlements_account_merged_at_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccountStanding(models.Model):
    """Open, suspended or closed, from an instant on; before the first row an account is open."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="standings")
    standing = choice_column(Standing)
    starts_at = models.DateTimeField()
    reason = models.TextField(blank=True)

    history = History()

    class Meta:
        ordering = ("account", "starts_at")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "starts_at"], name="entitlements_accountstanding_one_per_instant"
            ),
            one_of("entitlements_accountstanding_standing", "standing", Standing),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.standing} from {self.starts_at:%Y-%m-%d %H:%M} UTC"


class Contact(models.Model):
    """A person at the customer."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    told = models.BooleanField(default=True, help_text="Gets the notices meant for the customer.")

    history = History()

    class Meta:
        ordering = ("account", "name", "pk")
        constraints = [
            models.UniqueConstraint(models.F("account"), Lower("email"), name="entitlements_contact_email_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class Identifier(models.Model):
    """A way to find an account: exact or by prefix, on one index. Written by the account's own actions."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="identifiers")
    kind = choice_column(IdentifierKind)
    value = models.CharField(max_length=320)
    # db_index, not Meta.indexes: on PostgreSQL it also makes the index that a search by prefix needs in any collation
    value_key = models.CharField(
        max_length=320, db_index=True, help_text="The value as it is searched: small letters, trimmed."
    )
    system = models.CharField(max_length=40, blank=True, help_text="Whose id it is: stripe, salesforce, hubspot, own.")

    history = History()

    class Meta:
        ordering = ("account", "kind", "value_key")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "value_key", "system"], name="entitlements_identifier_once_per_account"
            ),
            models.UniqueConstraint(
                fields=["system", "value_key"],
                condition=models.Q(kind=IdentifierKind.EXTERNAL),
                name="entitlements_identifier_external_once",
            ),
            one_of("entitlements_identifier_kind", "kind", IdentifierKind),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
