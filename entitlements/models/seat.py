"""Seats with a name on them: who holds one of what the account may have at one time."""

from django.db import models
from django.db.models import F, Q

from catalog.models import Feature
from catalog.models.columns import choice_column, one_of
from entitlements.domain.seats import SeatState
from entitlements.models.account import Account
from journal.history import History


class Seat(models.Model):
    """One holder's place. It counts as one in use of its feature from the assignment until it is released.

    Whether it still gives anything, after the account has fewer, is read from the dates and never written
    (`domain/seats.py`). `number` tells the seats of one holder apart, one after the other.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="seats")
    feature = models.ForeignKey(Feature, models.PROTECT, related_name="+")
    holder = models.CharField(max_length=200, help_text="As products name them: an e-mail address or a user's id.")
    holder_key = models.CharField(max_length=200, editable=False, help_text="The same, folded, to be found by.")
    name = models.CharField(max_length=200, blank=True)
    state = choice_column(SeatState)
    protected = models.BooleanField(default=False, help_text="The last to lose it, such as the owner.")
    invited_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    assigned_by = models.CharField(max_length=200)

    history = History()

    class Meta:
        ordering = ("account", "feature", "invited_at", "pk")
        default_permissions = ("view",)
        permissions = [("assign_seat", "Can assign and release seats of a customer")]
        indexes = [
            models.Index(fields=["account", "feature"], condition=~Q(state="released"), name="entitlements_seat_taken"),
        ]
        constraints = [
            one_of("entitlements_seat_state", "state", SeatState),
            models.UniqueConstraint(
                fields=["account", "feature", "holder_key"],
                condition=~Q(state="released"),
                name="entitlements_seat_one",
            ),
            models.CheckConstraint(
                condition=Q(state="released", released_at__isnull=False)
                | (~Q(state="released") & Q(released_at__isnull=True)),
                name="entitlements_seat_released_at",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(activated_at__isnull=False), name="entitlements_seat_activated_at"
            ),
            models.CheckConstraint(
                condition=Q(activated_at__isnull=True) | Q(activated_at__gte=F("invited_at")),
                name="entitlements_seat_activated_after_invitation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feature} of {self.account} for {self.name or self.holder}"


class SeatActivity(models.Model):
    """When the holder was last there, to the hour; told by the product, and no version of it is kept."""

    seat = models.OneToOneField(Seat, models.CASCADE, related_name="activity")
    last_active_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.seat}, last there {self.last_active_at:%Y-%m-%d %H:%M} UTC"
