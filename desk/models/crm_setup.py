"""How a connected CRM is synchronised: whose companies are whose, and who is master of what."""

from django.db import models
from django.db.models import Q

from journal.history import History
from journal.models import Connection


class CrmSetup(models.Model):
    """What staff chose for a connection; there is a row once somebody has chosen otherwise than usual."""

    connection = models.OneToOneField(Connection, models.PROTECT, related_name="crm_setup")
    link_rules = models.JSONField(default=list, blank=True, help_text="By what a company is found here, in order.")
    opens_accounts = models.BooleanField(
        "opens accounts", default=False, help_text="Whether a company that no rule finds becomes a new account."
    )
    masters = models.JSONField(default=dict, blank=True, help_text="{field: desk or crm}: whose word counts.")

    history = History()

    class Meta:
        default_permissions = ("view",)
        verbose_name = "CRM setup"
        permissions = [
            ("set_up_crm", "Can choose how a CRM is synchronised, and pause or repeat it"),
            ("link_companies", "Can say which account a company of the CRM is, and settle what was found"),
        ]

    def __str__(self) -> str:
        return f"How {self.connection} is synchronised"


class CrmCalls(models.Model):
    """How many calls a CRM says were used of its day, and since when its login is refused; empty where it doesn't say.

    Told anew with each answer, so it keeps no versions.
    """

    connection = models.OneToOneField(Connection, models.CASCADE, related_name="crm_calls")
    used = models.PositiveIntegerField(null=True, blank=True)
    limit = models.PositiveIntegerField(null=True, blank=True)
    resets_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField()
    login_refused_at = models.DateTimeField(null=True, blank=True, help_text="Since when nobody may log in by it.")

    class Meta:
        default_permissions = ()
        verbose_name = "CRM calls"
        verbose_name_plural = "CRM calls"
        constraints = [
            models.CheckConstraint(
                condition=Q(used__isnull=True, limit__isnull=True) | Q(used__isnull=False, limit__isnull=False),
                name="desk_crmcalls_used_of_a_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"Calls of {self.connection}"
