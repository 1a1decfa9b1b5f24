"""Licences: keys by which software that runs at the customer's names the account whose entitlements it has.

A licence gives nothing of its own: it leads to the account, and ends where its dates, its subscription or its account
end, which is read and never written. The key itself is shown once; its digest is kept.
"""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from catalog.models import Feature, Plan
from catalog.models.columns import choice_column, key_column, one_of
from entitlements.domain.licences.policy import BoundTo, Overage
from entitlements.models.account import Account
from entitlements.models.subscription import Subscription
from journal.history import History


class LicencePolicy(models.Model):
    """How licences of one product behave. A change holds for every licence under it, from then on."""

    key = key_column(what="policy")
    name = models.CharField(max_length=120)
    plan = models.OneToOneField(
        Plan, models.PROTECT, null=True, blank=True, related_name="licence_policy",
        help_text="A purchase of this plan issues a licence and sends it; empty: licences are issued by hand only.",
    )  # fmt: skip
    bound_to = choice_column(BoundTo)
    activation_limit = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="How many devices, instances or domains one licence may be active on; empty: any number.",
    )  # fmt: skip
    activation_feature = models.ForeignKey(
        Feature, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Takes the limit from what the account has of this feature instead.",
    )  # fmt: skip
    overage = choice_column(Overage, default=Overage.NONE)
    heartbeat_seconds = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(60)],
        help_text="An activation that was silent for so long gives its place free; empty: none is asked for.",
    )  # fmt: skip
    offline_days = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="How long a signed file lets the software run without asking; empty: no such files.",
    )  # fmt: skip
    validations_a_month = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="How often one licence may be validated in a calendar month (UTC); empty: any number.",
    )  # fmt: skip
    maintenance_months = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="Covers versions released until so many months after the issue; empty: every version.",
    )  # fmt: skip
    retired_at = models.DateTimeField(null=True, blank=True)

    history = History()

    class Meta:
        verbose_name = "licence policy"
        verbose_name_plural = "licence policies"
        ordering = ("name", "pk")
        default_permissions = ("view",)
        permissions = [("set_licence_policy", "Can set how licences behave, and tell of releases")]
        constraints = [
            one_of("entitlements_licencepolicy_bound_to", "bound_to", BoundTo),
            one_of("entitlements_licencepolicy_overage", "overage", Overage),
            models.CheckConstraint(
                condition=Q(activation_limit__isnull=True) | Q(activation_feature__isnull=True),
                name="entitlements_licencepolicy_one_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """When a version of the software came out: what maintenance covers is decided by it."""

    policy = models.ForeignKey(LicencePolicy, models.PROTECT, related_name="releases")
    version = models.CharField(max_length=80)
    released_on = models.DateField()

    history = History()

    class Meta:
        ordering = ("policy", "-released_on", "-pk")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["policy", "version"], name="entitlements_release_one"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.version}"


class Licence(models.Model):
    """One key, and what it leads to. `prefix` may be shown; of the whole key only the digest is kept."""

    prefix = models.CharField(max_length=24, unique=True, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    policy = models.ForeignKey(LicencePolicy, models.PROTECT, related_name="licences")
    account = models.ForeignKey(Account, models.PROTECT, related_name="licences")
    subscription = models.ForeignKey(
        Subscription, models.PROTECT, null=True, blank=True, related_name="licences",
        help_text="It sleeps while this subscription gives nothing; empty: it goes by the account alone.",
    )  # fmt: skip
    name = models.CharField(max_length=200, blank=True, help_text="What it is for, such as “Plant in Graz”.")
    environment = models.CharField(
        max_length=40, blank=True, help_text="The only environment it is good for, such as production; empty: any."
    )
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=200)
    expires_at = models.DateTimeField(null=True, blank=True)
    through_on = models.DateField(null=True, blank=True, help_text="The last day, as it was said.")
    maintenance_until = models.DateField(
        null=True, blank=True, help_text="The last day on which a version may have been released that it covers."
    )
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspend_reason = models.CharField(max_length=500, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(max_length=500, blank=True)

    history = History()

    class Meta:
        ordering = ("-issued_at", "-pk")
        default_permissions = ("view",)
        permissions = [
            ("issue_licence", "Can issue and transfer licences, and edit their dates"),
            ("suspend_licence", "Can suspend licences and let them go on"),
            ("revoke_licence", "Can revoke licences for good"),
            ("manage_activation", "Can activate and release devices, instances and domains of licences"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("issued_at")),
                name="entitlements_licence_expires_after_issue",
            ),
            models.CheckConstraint(
                condition=Q(suspended_at__isnull=False) | Q(suspend_reason=""),
                name="entitlements_licence_suspended_why",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=False) | Q(revoke_reason=""), name="entitlements_licence_revoked_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.policy} ({self.prefix}…)"


class LicenceActivation(models.Model):
    """A device, an instance or a domain on which a licence runs, from its activation until it is released."""

    licence = models.ForeignKey(Licence, models.PROTECT, related_name="activations")
    fingerprint = models.CharField(max_length=200, help_text="As the software names it; a domain in small letters.")
    name = models.CharField(max_length=200, blank=True)
    activated_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.CharField(max_length=200, blank=True)

    history = History()

    class Meta:
        ordering = ("licence", "activated_at", "pk")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["licence", "fingerprint"],
                condition=Q(released_at__isnull=True),
                name="entitlements_licenceactivation_one",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(released_at__gte=F("activated_at")),
                name="entitlements_licenceactivation_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.licence} on {self.name or self.fingerprint}"


class LicenceHeartbeat(models.Model):
    """When an activation was last heard of; no version of it is kept."""

    activation = models.OneToOneField(LicenceActivation, models.CASCADE, related_name="heartbeat")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.activation}, heard of at {self.at:%Y-%m-%d %H:%M:%S} UTC"


class LicenceMonth(models.Model):
    """How often a licence with a cap was validated in one calendar month (UTC)."""

    licence = models.ForeignKey(Licence, models.CASCADE, related_name="months")
    starts_on = models.DateField()
    validations = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("licence", "-starts_on")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["licence", "starts_on"], name="entitlements_licencemonth_one"),
        ]

    def __str__(self) -> str:
        return f"{self.validations} validations of {self.licence} in {self.starts_on:%Y-%m}"


class SigningKey(models.Model):
    """An Ed25519 key that licence files are signed with. Files signed with one that is retired stay good until their
    end, unless it was retired as compromised."""

    kid = models.CharField("id", max_length=40, unique=True, editable=False)
    public = models.CharField(max_length=80, editable=False, help_text="32 bytes, base64url.")
    sealed = models.TextField(editable=False)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    compromised = models.BooleanField(default=False)

    class Meta:
        ordering = ("-created_at", "-pk")
        default_permissions = ("view",)
        permissions = [("rotate_signing_key", "Can renew the key that licence files are signed with")]
        constraints = [
            models.CheckConstraint(
                condition=Q(compromised=False) | Q(retired_at__isnull=False), name="entitlements_signingkey_compromised"
            ),
        ]

    def __str__(self) -> str:
        return f"Signing key {self.kid}"


class LicenceFile(models.Model):
    """That a signed file was given out: until when software may run by it, whatever happens meanwhile. Append-only."""

    licence = models.ForeignKey(Licence, models.PROTECT, related_name="files")
    activation = models.ForeignKey(LicenceActivation, models.PROTECT, null=True, blank=True, related_name="files")
    signing_key = models.ForeignKey(SigningKey, models.PROTECT, related_name="files")
    file_id = models.CharField(max_length=40, unique=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    given_to = models.CharField(max_length=200, help_text="Who asked for it.")

    class Meta:
        ordering = ("-issued_at", "-pk")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="entitlements_licencefile_expires_after_issue"
            ),
        ]

    def __str__(self) -> str:
        return f"File of {self.licence} until {self.expires_at:%Y-%m-%d %H:%M} UTC"
