"""Keys by which programs act."""

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from journal.domain.actor import Actor, ActorKind
from journal.domain.rate import MOST


class ApiKey(models.Model):
    """The secret itself is shown once, when it is issued, and is not kept: only its digest is."""

    name = models.CharField(max_length=120, help_text="What the key is for, such as “Web shop”.")
    prefix = models.CharField(max_length=16, unique=True, help_text="The part of the key that may be shown.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list, help_text="What the key may be used for.")
    expires_at = models.DateTimeField(
        "expires", null=True, blank=True, help_text="The key stops working at this moment; empty means never."
    )
    rate_limit = models.PositiveIntegerField(
        "requests a minute",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST)],
        help_text="How many requests it may make in any minute; empty means what every key may.",
    )
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)  # to the minute
    revoked_at = models.DateTimeField("revoked", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("issued", editable=False)
    created_by = models.CharField("issued by", max_length=200, editable=False)

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("issue_api_key", "May issue and revoke API keys")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="journal_apikey_expires_after_issue",
            ),
            models.CheckConstraint(
                condition=Q(rate_limit__isnull=True) | Q(rate_limit__gte=1, rate_limit__lte=MOST),
                name="journal_apikey_rate_limit_within_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (ed_{self.prefix}_…)"

    def is_live(self, *, at: datetime) -> bool:
        revoked = self.revoked_at is not None and self.revoked_at <= at
        expired = self.expires_at is not None and self.expires_at <= at
        return not (revoked or expired)

    def as_actor(self) -> Actor:
        """A program may do exactly what its scopes name."""
        return Actor(
            kind=ActorKind.API_KEY,
            key=f"key:{self.prefix}",
            name=self.name,
            permissions=frozenset(self.scopes),
        )
