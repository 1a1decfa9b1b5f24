"""The people who work at the desk."""

import zoneinfo

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models

from journal.domain.actor import Actor, ActorKind


def known_zone(value: str) -> None:
    """Refuse a name that is not a zone of the IANA database."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError("No time zone has this name. Write one such as Europe/Amsterdam or America/New_York.")


class Staff(AbstractUser):
    zone = models.CharField(
        "time zone",
        max_length=64,
        default="UTC",
        validators=[known_zone],
        help_text="Days and times are shown to this person in this zone, such as Europe/Amsterdam.",
    )

    class Meta:
        verbose_name = "member of staff"
        verbose_name_plural = "staff"
        ordering = ["username"]
        default_permissions = ("view",)
        permissions = [("manage_staff", "May add staff, change their roles and deactivate them")]

    def __str__(self) -> str:
        return self.name()

    def name(self) -> str:
        return self.get_full_name() or self.username

    def as_actor(self) -> Actor:
        """This person with the roles and permissions of this moment; a deactivated one has none."""
        return Actor(
            kind=ActorKind.STAFF,
            key=f"staff:{self.pk}",
            name=self.name(),
            roles=frozenset(self.groups.values_list("name", flat=True)),
            permissions=frozenset(self.get_all_permissions()),
        )
