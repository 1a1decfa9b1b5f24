"""Which ends are announced ahead, how long before, and to whom."""

from enum import StrEnum

from django.db import models

from catalog.models.columns import choice_column, one_of
from journal.history import History


class EndOf(StrEnum):
    TRIAL = "trial"
    GRACE = "grace"
    OVERRIDE = "override"
    ITEM = "item"
    SUBSCRIPTION = "subscription"
    CONTRACT = "contract"
    NOTICE = "notice"
    MAINTENANCE = "maintenance"
    CREDITS = "credits"
    WARRANTY = "warranty"
    COVER = "cover"

    @property
    def words(self) -> str:
        return {
            EndOf.TRIAL: "A trial",
            EndOf.GRACE: "The grace after a failed payment",
            EndOf.OVERRIDE: "An override",
            EndOf.ITEM: "A lent plan or an add-on",
            EndOf.SUBSCRIPTION: "A subscription",
            EndOf.CONTRACT: "A contract",
            EndOf.NOTICE: "The time to give notice on a contract that renews",
            EndOf.MAINTENANCE: "The maintenance of a licence",
            EndOf.CREDITS: "Credits that were granted",
            EndOf.WARRANTY: "A warranty",
            EndOf.COVER: "A cover of support",
        }[self]


class Reminder(models.Model):
    """So many days before an end of this sort, the customer, the account's owner, or both are told."""

    end_of = choice_column(EndOf)
    days_before = models.PositiveIntegerField()
    tells_customer = models.BooleanField(default=False)
    tells_owner = models.BooleanField(default=True)

    history = History()

    class Meta:
        ordering = ("end_of", "-days_before")
        permissions = [("set_reminders", "Can set which ends are announced ahead")]
        constraints = [
            models.UniqueConstraint(fields=["end_of", "days_before"], name="entitlements_reminder_once"),
            one_of("entitlements_reminder_end_of", "end_of", EndOf),
            models.CheckConstraint(
                condition=models.Q(days_before__gte=1, days_before__lte=365), name="entitlements_reminder_days"
            ),
            models.CheckConstraint(
                condition=models.Q(tells_customer=True) | models.Q(tells_owner=True),
                name="entitlements_reminder_tells_somebody",
            ),
        ]

    def __str__(self) -> str:
        days = f"{self.days_before} day{'' if self.days_before == 1 else 's'}"
        return f"{EndOf(self.end_of).words}, {days} before its end"
